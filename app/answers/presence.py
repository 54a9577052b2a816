"""Shows a person that an answer is on its way: read receipt and typing, never in its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from app.linq import Linq, best_effort

REFRESH_SECONDS = 60.0
"""Linq shows typing for 85 to 90 seconds."""


class Attention:
    """The attention given to one chat while its answer is worked out."""

    def __init__(self, presence: Presence, chat_id: str) -> None:
        self._presence = presence
        self._chat_id = chat_id
        self._typing: asyncio.Task[None] | None = None
        self._answered = False

    def begin(self) -> None:
        """Mark the chat read and show typing from now on. Returns at once."""
        if self._typing is None:
            self._typing = self._presence.start(self._presence.show(self._chat_id))

    def ended_by_message(self) -> None:
        """A message went out, which ends the typing by itself."""
        self._answered = True

    def end(self) -> None:
        if self._typing is None:
            return
        self._typing.cancel()
        if not self._answered:
            self._presence.start(self._presence.hide(self._chat_id))


class Presence:
    """Talks to Linq in the background; no failure of it reaches an answer."""

    def __init__(self, linq: Linq, refresh_seconds: float = REFRESH_SECONDS) -> None:
        self._linq = linq
        self._refresh = refresh_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def around(self, chat_id: str) -> AsyncIterator[Attention]:
        """Attention to a chat for as long as the block lasts, once it is begun."""
        attention = Attention(self, chat_id)
        try:
            yield attention
        finally:
            attention.end()

    async def show(self, chat_id: str) -> None:
        await asyncio.gather(
            best_effort(self._linq.mark_read(chat_id)),
            best_effort(self._linq.start_typing(chat_id)),
        )
        while True:
            await asyncio.sleep(self._refresh)
            await best_effort(self._linq.start_typing(chat_id))

    async def hide(self, chat_id: str) -> None:
        await best_effort(self._linq.stop_typing(chat_id))

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
