"""Shows a person that an answer is on its way: read receipt and typing, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from app.linq.calls import best_effort
from app.linq.client import LinqClient

CALLS_AT_ONCE = 16
"""Of all chats together, so that calls that hang leave connections for the answers."""
_GOODBYE_SECONDS = 1.0


class TypingIndicators:
    """Talks to Linq in the background; no failure of it reaches an answer."""

    def __init__(self, linq: LinqClient, refresh_seconds: float) -> None:
        self._linq = linq
        self._refresh = refresh_seconds
        self._places = asyncio.Semaphore(CALLS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def during(self, chat_id: str) -> AsyncIterator[TypingIndicator]:
        """The indicator of a chat: it shows from its `begin` to the end of the block."""
        indicator = TypingIndicator(self, chat_id)
        try:
            yield indicator
        finally:
            indicator.end()

    async def show(self, chat_id: str, indicator: TypingIndicator) -> None:
        """Mark the chat read and show typing until `indicator` is over; leave no typing behind."""
        self.start(self._briefly(self._linq.mark_read, chat_id))
        shown = late = False
        while not indicator.over.is_set():
            shown = True
            await self._briefly(self._linq.start_typing, chat_id)
            # One that was still under way may have come after the message that ends typing.
            late = indicator.over.is_set()
            with suppress(TimeoutError):
                await asyncio.wait_for(indicator.over.wait(), self._refresh)
        if shown and (late or not indicator.answered):
            async with self._places:
                await best_effort(self._linq.stop_typing(chat_id))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Let what has ended say so, and give up the rest."""
        tasks = list(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=_GOODBYE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _briefly(self, call: Callable[[str], Awaitable[None]], chat_id: str) -> None:
        """Call, unless too many such calls are under way."""
        if self._places.locked():
            return
        async with self._places:
            await best_effort(call(chat_id))


class TypingIndicator:
    """Typing in one chat while its answer is worked out."""

    def __init__(self, indicators: TypingIndicators, chat_id: str) -> None:
        self._indicators = indicators
        self._chat_id = chat_id
        self._begun = False
        self.over = asyncio.Event()
        self.answered = False

    def begin(self) -> None:
        """Mark the chat read and show typing from now on. Returns at once."""
        if not self._begun:
            self._begun = True
            self._indicators.start(self._indicators.show(self._chat_id, self))

    def message_sent(self) -> None:
        """A message went out, which ends the typing by itself."""
        self.answered = True

    def end(self) -> None:
        self.over.set()
