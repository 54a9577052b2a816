"""Heartbeats of the processes that answer, so that a lost one's answers are taken over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.store.tables import executors


@dataclass(frozen=True)
class Executor:
    """A process that answers, or did."""

    executor_id: str
    host: str
    pid: int
    beat_at: float
    stopped_at: float | None


def register(connection: sa.Connection, executor_id: str, host: str, pid: int) -> None:
    now = time.time()
    connection.execute(
        executors.insert().values(
            executor_id=executor_id, host=host, pid=pid, started_at=now, beat_at=now
        )
    )


def beat(connection: sa.Connection, executor_id: str, host: str, pid: int) -> None:
    """Say that the process lives; also after it was forgotten."""
    changed = connection.execute(
        executors.update().where(executors.c.executor_id == executor_id).values(beat_at=time.time())
    )
    if not changed.rowcount:
        register(connection, executor_id, host, pid)


def stop(connection: sa.Connection, executor_id: str) -> None:
    connection.execute(
        executors.update()
        .where(executors.c.executor_id == executor_id)
        .values(stopped_at=time.time())
    )


def find(connection: sa.Connection, executor_ids: Sequence[str]) -> dict[str, Executor]:
    """Those of the processes that are known."""
    rows = connection.execute(sa.select(executors).where(executors.c.executor_id.in_(executor_ids)))
    return {
        r.executor_id: Executor(r.executor_id, r.host, r.pid, r.beat_at, r.stopped_at) for r in rows
    }


def living(connection: sa.Connection, since: float) -> list[Executor]:
    """The processes that answer: not stopped, and heard of since a moment in Unix seconds."""
    rows = connection.execute(
        sa.select(executors).where(executors.c.beat_at >= since, executors.c.stopped_at.is_(None))
    )
    return [Executor(r.executor_id, r.host, r.pid, r.beat_at, r.stopped_at) for r in rows]


def forget(connection: sa.Connection, before: float) -> None:
    """Delete processes that have been silent since before a moment in Unix seconds."""
    connection.execute(executors.delete().where(executors.c.beat_at < before))
