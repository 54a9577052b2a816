"""Finds out whether messages can be stored, by storing something."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
import structlog

from app.store import executors, figures, ledger
from app.store.database import Database, DatabaseUnavailable
from app.store.figures import NOBODY, DeskFigures
from app.telemetry import describe

log = structlog.get_logger()

FRESH_SECONDS = 2.0
"""How long a result is told again, so that nobody can make the service write by asking."""
WAIT_SECONDS = 5.0
"""How long somebody who asks waits for the database."""
STUCK_SECONDS = 300.0
"""Age of the oldest waiting answer at which the service calls itself not ready."""

Problem = Literal["database_unavailable", "answers_waiting"]


@dataclass(frozen=True)
class StorageState:
    """What was found: the age of the oldest waiting answer in seconds, what is wrong, and who
    waits for people, by which nothing is."""

    oldest_seconds: float
    problem: Problem | None
    desk: DeskFigures = NOBODY


_UNAVAILABLE = StorageState(0.0, "database_unavailable")


class StorageProbe:
    """Writes this process's heartbeat when asked: a database that can be read may still refuse
    every message (disk full, read-only, rights revoked, locked).

    However many ask, one write is at work and one every FRESH_SECONDS.
    """

    def __init__(self, database: Database, executor_id: str) -> None:
        self._database = database
        self._executor_id = executor_id
        self._task: asyncio.Task[StorageState] | None = None
        self._state = _UNAVAILABLE
        self._found_at = -FRESH_SECONDS
        self._told: Problem | None = None

    async def state(self) -> StorageState:
        """At most FRESH_SECONDS old, and told within WAIT_SECONDS."""
        if time.monotonic() - self._found_at < FRESH_SECONDS:
            return self._state
        # A write that hangs is waited for by all: its thread cannot be stopped.
        self._task = self._task or asyncio.create_task(self._probe())
        done, _ = await asyncio.wait({self._task}, timeout=WAIT_SECONDS)
        return self._state if done else _UNAVAILABLE

    async def _probe(self) -> StorageState:
        try:
            self._state = await self._look()
        finally:
            self._found_at = time.monotonic()
            self._task = None
        if self._state.problem != self._told:
            self._told = self._state.problem
            if self._told:
                log.error("not ready", reason=self._told)
            else:
                log.info("ready again")
        return self._state

    async def _look(self) -> StorageState:
        try:
            # The way that webhooks take.
            oldest, desk = await self._database.write(self._write, priority="high")
        except DatabaseUnavailable:
            return _UNAVAILABLE
        except Exception as error:
            log.error("heartbeat not stored", **describe(error))
            return _UNAVAILABLE
        return StorageState(oldest, "answers_waiting" if oldest > STUCK_SECONDS else None, desk)

    def _write(self, connection: sa.Connection) -> tuple[float, DeskFigures]:
        executors.beat(connection, self._executor_id, socket.gethostname(), os.getpid())
        return ledger.oldest_waiting(connection), figures.at_desk(connection)
