"""A circuit breaker: an engine that keeps failing is not used for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import MappingProxyType

from app.retry import Backoff
from app.speech.errors import EngineError, FailureKind

_LONGEST_PAUSE = 900.0  # seconds
# Seconds to stay open after a single failure, where the next answer would only wait for the same.
_OPEN_AT_ONCE: MappingProxyType[FailureKind, float] = MappingProxyType(
    {
        "quota": 120.0,
        "unauthorized": 600.0,
        "configuration": 60.0,
        "timeout": 30.0,
        "network": 15.0,
    }
)
_NOT_COUNTED: frozenset[FailureKind] = frozenset(
    {"unsupported_language", "unreadable_script", "no_words"}
)


class CircuitBreaker:
    """Closed, an engine is used. Open, it is not. After the pause one trial decides.

    Opens after `max_failures` failures in a row, or at once where another try is in vain. It stays
    open for `pause_seconds`, the pause of the failure's kind or what the service asked for, and
    twice as long each time the trial fails.
    """

    def __init__(
        self,
        *,
        max_failures: int = 3,
        pause_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_failures = max_failures
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._failures = 0
        self._times_opened = 0
        self._closes_at = 0.0
        self._on_trial = False
        self.reason: FailureKind | None = None

    @property
    def open_seconds(self) -> float:
        """Seconds until the next trial; 0 when the engine may be used."""
        return max(0.0, self._closes_at - self._clock()) if self._times_opened else 0.0

    def enter(self) -> bool:
        """Whether the engine may be used now.

        A True is followed by `succeeded`, `failed` or `abandoned`.
        """
        if not self._times_opened:
            return True
        if self._on_trial or self.open_seconds > 0:
            return False
        self._on_trial = True
        return True

    def succeeded(self) -> None:
        self._failures = self._times_opened = 0
        self._on_trial = False
        self.reason = None

    def abandoned(self) -> None:
        """The use ended without a result, so nothing is known."""
        self._on_trial = False

    def failed(self, error: EngineError) -> None:
        was_trial, self._on_trial = self._on_trial, False
        if error.kind in _NOT_COUNTED:
            return
        self._failures += 1
        self.reason = error.kind
        if was_trial or error.kind in _OPEN_AT_ONCE or self._failures >= self._max_failures:
            self._times_opened += 1
            backoff = Backoff(
                first=_OPEN_AT_ONCE.get(error.kind, self._pause_seconds),
                longest=_LONGEST_PAUSE,
                longest_asked=_LONGEST_PAUSE,
            )
            pause = backoff.pause(self._times_opened, error.retry_after_seconds)
            self._closes_at = self._clock() + pause
