"""Holds back warnings that repeat, so that no attack and no outage fills a disk with its log."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import structlog

WINDOW_SECONDS = 60.0
LINES_PER_WINDOW = 10
MAX_KINDS = 500
"""Kinds of warnings that are counted at once; of more, each shares one count with the others."""

_LEVELS = frozenset({"warning", "error", "exception", "critical"})
_VARIABLE = re.compile(r"[0-9a-f]{8}[0-9a-f-]{8,}|0x[0-9a-f]+|\d+", re.IGNORECASE)

Kind = tuple[str, str]


@dataclass
class _Window:
    ends: float
    lines: int = 0
    held_back: int = 0


class RepeatLimit:
    """Lets LINES_PER_WINDOW warnings of a kind through a minute, then tells how many followed.

    A kind is an event with its `reason`. Lines of an answer or a message are never held back, nor
    is anything below a warning: each of them is the only word about something.
    """

    def __init__(
        self,
        tell: Callable[[str, Mapping[str, Any]], None],
        now: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], None] | None = None,
    ) -> None:
        """tell: logs the line with the count. later: calls a function after so many seconds."""
        self._tell = tell
        self._now = now
        self._later = later or _on_a_timer
        self._guard = threading.Lock()
        self._windows: dict[Kind, _Window] = {}

    def __call__(
        self, _logger: Any, level: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The processor for structlog. Raises: structlog.DropEvent for a line held back."""
        if (
            level in _LEVELS
            and not {"answer", "message", "repeated"} & event.keys()
            and not str(event.get("event", "")).startswith("answer ")
            and not self.admits((str(event.get("event", "")), str(event.get("reason", ""))))
        ):
            raise structlog.DropEvent
        return event

    def admits_record(self, record: logging.LogRecord) -> bool:
        """The filter for the standard module: lines that differ in numbers only are of one kind."""
        first = str(record.msg).partition("\n")[0][:120]
        return self.admits((record.name, _VARIABLE.sub("#", first)))

    def admits(self, kind: Kind) -> bool:
        """Whether a line of this kind may pass now; it is counted either way."""
        now = self._now()
        with self._guard:
            kind, window = self._window(kind, now)
            if window.lines < LINES_PER_WINDOW:
                window.lines += 1
                return True
            window.held_back += 1
            is_first = window.held_back == 1
        if is_first:
            self._later(window.ends - now, lambda: self._close(kind, window))
        return False

    def _window(self, kind: Kind, now: float) -> tuple[Kind, _Window]:
        window = self._windows.get(kind)
        if window is None and len(self._windows) >= MAX_KINDS:
            self._windows = {
                one: of for one, of in self._windows.items() if of.ends > now or of.held_back
            }
            if len(self._windows) >= MAX_KINDS:
                kind = ("other warnings", "")
                window = self._windows.get(kind)
        if window is None or (window.ends <= now and not window.held_back):
            window = self._windows[kind] = _Window(now + WINDOW_SECONDS)
        return kind, window

    def _close(self, kind: Kind, window: _Window) -> None:
        with self._guard:
            count = window.held_back
            if self._windows.get(kind) is window:
                del self._windows[kind]
        event, reason = kind
        told = {"reason": reason or None, "repeated": count, "seconds": WINDOW_SECONDS}
        self._tell(event, told)


def _on_a_timer(seconds: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(max(0.0, seconds), call)
    timer.daemon = True
    timer.start()
