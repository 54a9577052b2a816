"""How far Linq's clock is from ours, by the `Date` header of its answers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from statistics import median

SAMPLES = 9
"""Answers that are looked back on: a few odd ones, or a jump of a clock, are soon outvoted."""


class LinqClock:
    """Offset of Linq's clock to ours: the median of the last answers.

    Accurate to about a second: `Date` has whole seconds (RFC 9110, 6.6.1), and the way of the
    answer to us counts as offset.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """now: our clock, in Unix seconds."""
        self._now = now
        self._offsets: deque[float] = deque(maxlen=SAMPLES)

    @property
    def offset_seconds(self) -> float | None:
        """Seconds by which Linq's clock is ahead of ours; negative if behind, None if unknown."""
        return median(self._offsets) if self._offsets else None

    def observe(self, date: str | None) -> None:
        """Note the `Date` header of an answer that arrives now. What is no date is passed over."""
        try:
            told = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError, OverflowError):
            return
        # The second that is told began up to one second before: half of it on average.
        self._offsets.append(told + 0.5 - self._now())
