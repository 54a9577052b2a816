"""Heartbeats of the processes that answer, so that a lost one's answers are taken over."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from app.store.access import reads
from app.store.tables import executors


@dataclass(frozen=True)
class Executor:
    """A process that answers, or did."""

    executor_id: str
    host: str
    pid: int
    beat_at: float
    stopped_at: float | None


def enrol(connection: sa.Connection, executor_id: str, host: str, pid: int) -> None:
    now = time.time()
    connection.execute(
        executors.insert().values(
            executor_id=executor_id, host=host, pid=pid, started_at=now, beat_at=now
        )
    )


def beat(connection: sa.Connection, executor_id: str, host: str, pid: int) -> None:
    """Say that the process lives; also after others took it for dead, or forgot it."""
    changed = connection.execute(
        executors.update()
        .where(executors.c.executor_id == executor_id)
        .values(beat_at=time.time(), rescued_at=None)
    )
    if not changed.rowcount:
        enrol(connection, executor_id, host, pid)


def stop(connection: sa.Connection, executor_id: str) -> None:
    connection.execute(
        executors.update()
        .where(executors.c.executor_id == executor_id)
        .values(stopped_at=time.time())
    )


@reads
def others(connection: sa.Connection, executor_id: str) -> list[Executor]:
    """All processes but this one whose answers nobody has taken over yet."""
    rows = connection.execute(
        sa.select(executors).where(
            executors.c.executor_id != executor_id, executors.c.rescued_at.is_(None)
        )
    )
    return [Executor(r.executor_id, r.host, r.pid, r.beat_at, r.stopped_at) for r in rows]


def take_over(connection: sa.Connection, dead: Executor) -> bool:
    """Claim a dead process for rescue, so that only one rescues it. False if it moved meanwhile."""
    changed = connection.execute(
        executors.update()
        .where(executors.c.executor_id == dead.executor_id)
        .where(executors.c.beat_at == dead.beat_at, executors.c.rescued_at.is_(None))
        .values(rescued_at=time.time())
    )
    return changed.rowcount > 0


def give_back(connection: sa.Connection, executor_id: str) -> None:
    """Undo `take_over` after a rescue that did not succeed."""
    connection.execute(
        executors.update().where(executors.c.executor_id == executor_id).values(rescued_at=None)
    )


def forget(connection: sa.Connection, before: float) -> None:
    """Delete processes that have been gone and rescued since before a moment in Unix seconds."""
    connection.execute(
        executors.delete().where(executors.c.rescued_at.is_not(None), executors.c.beat_at < before)
    )
