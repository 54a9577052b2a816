"""A circuit breaker: an engine that keeps failing is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.speech.errors import Kind

# Seconds to stay open after a single failure, where the next answer would only wait for the same.
_AT_ONCE: dict[Kind, float] = {
    "quota": 120.0,
    "key": 600.0,
    "setup": 60.0,
    "timeout": 30.0,
    "network": 15.0,
}
_INNOCENT: frozenset[Kind] = frozenset({"language", "nothing to say"})


class Breaker:
    """Closed, an engine is used. Open, it is not. After the pause one trial decides.

    Opens after `failures` failures in a row, or at once where a second try is in vain, for `pause`
    seconds or the kind's own, twice as long each time the trial fails, up to `longest`.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        pause: float = 30.0,
        longest: float = 900.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowed = failures
        self._pause = pause
        self._longest = longest
        self._clock = clock
        self._failed = 0
        self._opened = 0
        self._closed_again = 0.0
        self._trying = False
        self.reason: Kind | None = None

    @property
    def open_for(self) -> float:
        """Seconds until the next trial; 0 when the engine may be used."""
        return max(0.0, self._closed_again - self._clock()) if self._opened else 0.0

    def enter(self) -> bool:
        """Whether the engine may be used now. A True is followed by `succeeded` or `failed`."""
        if not self._opened:
            return True
        if self._trying or self.open_for > 0:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        self._failed = self._opened = 0
        self._trying = False
        self.reason = None

    def abandoned(self) -> None:
        """The use ended without a result, so nothing is known."""
        self._trying = False

    def failed(self, kind: Kind) -> None:
        trial, self._trying = self._trying, False
        if kind in _INNOCENT:
            return
        self._failed += 1
        self.reason = kind
        if trial or kind in _AT_ONCE or self._failed >= self._allowed:
            pause = _AT_ONCE.get(kind, self._pause) * 2**self._opened
            self._closed_again = self._clock() + min(pause, self._longest)
            self._opened += 1
