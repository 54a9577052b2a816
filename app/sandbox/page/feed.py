"""The live feed of the phone page: server-sent events that can be resumed."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any

HEARTBEAT_SECONDS = 15.0
_MAX_EVENTS = 2_000


class Feed:
    """Numbered events, the newest kept for readers that come back.

    Event types: `message`, `chat`, `read`, `typing`, `status`, `delivery`, `faults`, `reset`.
    """

    def __init__(self) -> None:
        self._events: deque[tuple[int, str, str]] = deque(maxlen=_MAX_EVENTS)
        self._last = 0
        self._changed = asyncio.Event()
        self._closed = False

    def publish(self, event: str, data: Mapping[str, Any]) -> None:
        """Sends `data` to every reader."""
        self._last += 1
        self._events.append((self._last, event, json.dumps(data, separators=(",", ":"))))
        self._wake()

    def close(self) -> None:
        """Ends every reader's stream."""
        self._closed = True
        self._wake()

    async def stream(self, after: int | None) -> AsyncIterator[str]:
        """Events after number `after`, or from now on; a comment every 15 seconds of silence.

        A reader that has missed more than is kept gets a `reset`: it has to load the state anew.
        """
        position = self._last if after is None or after > self._last else after
        yield "retry: 1000\n\n"
        while not self._closed:
            changed = self._changed
            if self._events and position + 1 < self._events[0][0]:
                position = self._last
                yield _format_event(position, "reset", '{"reason":"gap"}')
            pending = _newer(self._events, position)
            for number, event, data in pending:
                position = number
                yield _format_event(number, event, data)
            if pending:
                continue
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await changed.wait()
            except TimeoutError:
                yield ": heartbeat\n\n"

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _newer(events: deque[tuple[int, str, str]], position: int) -> list[tuple[int, str, str]]:
    """Events after `position`, in order, looked for from the newest end."""
    newer = []
    for event in reversed(events):
        if event[0] <= position:
            break
        newer.append(event)
    return newer[::-1]


def _format_event(number: int, event: str, data: str) -> str:
    return f"id: {number}\nevent: {event}\ndata: {data}\n\n"
