"""Clears away what is kept no longer."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from dbos import DBOS

from app.store import executors, published, retention
from app.store.database import Database, DatabaseUnavailable

log = structlog.get_logger()

EVERY_SECONDS = 3600.0
AGAIN_SECONDS = 60.0
DAY = 24 * 3600.0
DEDUPE_DAYS = 8.0
"""A message is known again for at least so long, whatever the retention."""
BATCH = 500


class RetentionJob:
    def __init__(self, database: Database, retention_days: float) -> None:
        self._database = database
        self._days = retention_days
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            pause = EVERY_SECONDS
            try:
                await self.clear()
            except DatabaseUnavailable as error:
                log.warning("not cleared: database away", cause=str(error))
                pause = AGAIN_SECONDS
            except Exception:
                log.exception("not cleared, will try again")
            await asyncio.sleep(pause)

    async def clear(self) -> None:
        """Erase words past the retention, and rows past that and the time for deduplication."""
        now = time.time()
        words = now - self._days * DAY
        rows = now - max(self._days, DEDUPE_DAYS) * DAY

        def clear(connection: sa.Connection) -> None:
            retention.erase_words(connection, before=words)
            retention.delete_rows(connection, before=rows)
            published.withdraw_expired(connection)
            executors.forget(connection, before=now - DAY)

        await self._database.write(clear)
        await self._clear_workflows(now - DAY)
        await self._database.read(retention.scrub)

    async def _clear_workflows(self, before: float) -> None:
        """The durable engine keeps how each stage went, though none of the words."""
        while True:
            over = await DBOS.list_workflows_async(
                status=["SUCCESS", "ERROR", "CANCELLED"],
                limit=BATCH,
                end_time=datetime.fromtimestamp(before, UTC).isoformat(),
                load_input=False,
                load_output=False,
            )
            if over:
                await DBOS.delete_workflows_async([one.workflow_id for one in over])
            if len(over) < BATCH:
                return
