"""Heartbeats, and the recovery of answers whose process is gone.

Every process has an id of its own, new at each start: two that overlap during a deploy are then
never taken for one another. What a lost process had in progress is handed back to the queue by
whichever process notices – at once where it said goodbye or its host shows it dead, else after
`Timing.stalled_process_seconds` of silence. A process that was only thought dead does no harm: it
can store nothing more (`AnswerLost`), and of two attempts to send, the second finds the first.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time

import structlog

from app.answers.dbos_internals import (
    is_open,
    pending_by_executor,
    requeue,
    running_workflows,
)
from app.answers.timing import Timing
from app.store import executors
from app.store.database import Database, DatabaseUnavailable
from app.store.executors import Executor

log = structlog.get_logger()


def new_executor_id(dyno: str | None) -> str:
    """An id for this process: where it runs, and a part that is new at each start."""
    return f"{dyno or socket.gethostname()}:{secrets.token_hex(4)}"


class HeartbeatMonitor:
    """Keeps this process's heart beating and takes over the answers of dead ones."""

    def __init__(self, database: Database, executor_id: str, timing: Timing) -> None:
        self._database = database
        self._executor_id = executor_id
        self._timing = timing
        # The last beat of each other process, and when it was first seen, on our own clock.
        self._last_beats: dict[str, tuple[float, float]] = {}
        self._strays: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def register(self) -> None:
        """Make this process known, before it takes any answer."""
        await self._database.write(
            lambda c: executors.register(c, self._executor_id, socket.gethostname(), os.getpid())
        )

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Say goodbye, so that others take over at once what this process leaves."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._database.write(lambda c: executors.stop(c, self._executor_id))
        except DatabaseUnavailable:
            log.warning("could not say goodbye", executor=self._executor_id)

    async def _run(self) -> None:
        while True:
            try:
                await self._database.write(
                    lambda c: executors.beat(
                        c, self._executor_id, socket.gethostname(), os.getpid()
                    )
                )
                if is_open():
                    await self._recover(await self._database.read(pending_by_executor))
            except DatabaseUnavailable as error:
                # Nobody could beat meanwhile: all are given their time anew.
                self._last_beats.clear()
                log.warning("no heartbeat: database away", cause=str(error))
            except Exception:
                if is_open():
                    log.exception("recovery failed, will try again")
            await asyncio.sleep(self._timing.heartbeat_seconds)

    async def _recover(self, begun: dict[str, set[str]]) -> None:
        """Put back the answers whose process is gone, and those of this one that it lost."""
        own = begun.pop(self._executor_id, set())
        known = await self._database.read(lambda c: executors.find(c, list(begun))) if begun else {}
        self._last_beats = {one: seen for one, seen in self._last_beats.items() if one in known}
        for executor_id, answer_ids in begun.items():
            owner = known.get(executor_id)
            if owner is None or self._is_dead(owner):
                await self._requeue(executor_id, answer_ids, "answers taken over")
        # A connection that breaks just as an answer is taken from the queue leaves it begun by
        # nobody. One look may also fall between the taking and the beginning.
        strays = own - running_workflows()
        await self._requeue(self._executor_id, strays & self._strays, "answers begun by nobody")
        self._strays = strays - self._strays

    async def _requeue(self, executor_id: str, answer_ids: set[str], why: str) -> None:
        if answer_ids and (
            count := await self._database.write(lambda c: requeue(c, executor_id, answer_ids))
        ):
            log.warning(why, answers=count, of=executor_id)

    def _is_dead(self, other: Executor) -> bool:
        if other.stopped_at:
            return True
        if other.host == socket.gethostname() and not is_running(other.pid):
            return True
        # Clocks of machines differ: what counts is that no new beat came while we listened.
        now = time.monotonic()
        beat, since = self._last_beats.get(other.executor_id, (None, now))
        if beat != other.beat_at:
            since = now
        self._last_beats[other.executor_id] = (other.beat_at, since)
        return now - since > self._timing.stalled_process_seconds


def is_running(pid: int) -> bool:
    """Whether another process of that id runs on this host."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
