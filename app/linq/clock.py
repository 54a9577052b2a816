"""How far Linq's clock is from ours, by the `Date` header of its responses."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from statistics import median

SAMPLES = 9
"""Responses that are looked back on: a few odd ones, or a jump of Linq's clock, are soon outvoted.
"""


class LinqClock:
    """Offset of Linq's clock to ours: the median of the last responses.

    Accurate to about a second: `Date` has whole seconds (RFC 9110, 6.6.1), and the way of the
    response to us counts as offset. Linq's clock is measured against one of ours that nobody can
    set, so that a jump of our wall clock is known at once.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """now: our wall clock, in Unix seconds. monotonic: in seconds since any moment."""
        self._now = now
        self._monotonic = monotonic
        self._offsets: deque[float] = deque(maxlen=SAMPLES)  # to the monotonic clock

    @property
    def offset_seconds(self) -> float | None:
        """Seconds by which Linq's clock is ahead of ours; negative if behind, None if unknown."""
        if not self._offsets:
            return None
        return median(self._offsets) + self._monotonic() - self._now()

    def observe(self, date: str | None) -> None:
        """Note the `Date` header of a response that arrives now. What is no date is passed over."""
        try:
            told = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError, OverflowError):
            return
        # The second that is told began up to one second before: half of it on average.
        self._offsets.append(told + 0.5 - self._monotonic())
