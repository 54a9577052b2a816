"""Tells open pages what has changed, by server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.console.pages import HEADERS
from app.console.sessions import Session
from app.store import changes
from app.store.database import Database, DatabaseUnavailable
from app.telemetry import describe

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""How often the database is looked at, by one task however many pages are open; by none if no page
is. Answers may be worked on by other processes, so nothing else tells."""
OVERLAP_SECONDS = 20.0
"""What is looked at again: clocks of machines differ, and a slow commit is seen late."""
HEARTBEAT_SECONDS = 15.0
MAX_STREAMS = 32


class LiveUpdates:
    """The streams of all open pages. Close it with `close` before the server stops."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: set[asyncio.Queue[str | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def stream(self, _request: Request, session: Session) -> Response:
        """`GET /console/events`: an event `change` with the ids of chats; ends with the session."""
        if self._closed or len(self._streams) >= MAX_STREAMS:
            return Response(status_code=503, headers={**HEADERS, "Retry-After": "30"})
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self._events(session.expires_at), media_type="text/event-stream", headers=headers
        )

    def close(self) -> None:
        """End every stream, and let nobody in any more."""
        self._closed = True
        for queue in self._streams:
            queue.put_nowait(None)
        if self._task:
            self._task.cancel()

    async def _events(self, expires_at: float) -> AsyncIterator[str]:
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._streams.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            # A page that lost its stream may have missed something.
            yield "retry: 2000\nevent: ready\ndata: {}\n\n"
            while time.time() < expires_at:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        event = await queue.get()
                except TimeoutError:
                    event = ": heartbeat\n\n"
                if event is None:
                    return
                yield event
        finally:
            self._streams.discard(queue)

    async def _look(self) -> None:
        """Until no page is open."""
        seen: frozenset[changes.Change] | None = None
        began = time.time() - LOOK_SECONDS
        while self._streams:
            moment = time.time() - OVERLAP_SECONDS
            try:
                found = await self._database.read(lambda c: changes.since(c, moment))
            except DatabaseUnavailable:
                found = seen or frozenset()
            except Exception as error:
                log.error("console cannot look for changes", **describe(error))
                found = seen or frozenset()
            new = {one for one in found if one.at > began} if seen is None else found - seen
            seen = found
            if new:
                chats = json.dumps(sorted({change.chat_id for change in new}))
                for queue in self._streams:
                    queue.put_nowait(f"event: change\ndata: {chats}\n\n")
            await asyncio.sleep(LOOK_SECONDS)
