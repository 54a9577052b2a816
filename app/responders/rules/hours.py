"""Opening hours: weekly spans and holidays in a time zone, and what they mean at a moment.

Times are wall-clock times, so a shop opens at nine in summer and in winter. Where the clocks
change: a time that does not exist that night is as many minutes later, and of a time that comes
twice an opening is the first and a closing the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
SEARCH_DAYS = 400
"""So far ahead the next opening or closing is looked for."""


@dataclass(frozen=True)
class Span:
    """Minutes after midnight; an `end` beyond 1440 is on the next day."""

    start: int
    end: int


@dataclass(frozen=True)
class Holiday:
    """Days from `first` to `last` with hours of their own, or none."""

    first: date
    last: date
    line: int
    yearly: bool = False
    """Every year; the year of `first` and `last` is then without meaning."""
    spans: tuple[Span, ...] = ()

    def covers(self, day: date) -> bool:
        if not self.yearly:
            return self.first <= day <= self.last
        today = (day.month, day.day)
        first, last = (self.first.month, self.first.day), (self.last.month, self.last.day)
        if first <= last:
            return first <= today <= last
        return today >= first or today <= last


@dataclass(frozen=True)
class OpeningState:
    """Whether it is open at a moment, and when that changes; local times of the zone."""

    at: datetime
    is_open: bool
    opens: datetime | None
    """The next opening; None if there is none in sight."""
    closes: datetime | None
    """The end of the present opening, or of the next one."""


@dataclass(frozen=True)
class OpeningHours:
    """`week` has the spans of each day from Monday on. A span belongs to the day it starts on."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[Holiday, ...] = ()

    def spans_of(self, day: date) -> tuple[Span, ...]:
        """Of several holidays on one day the first in the file counts."""
        for holiday in self.holidays:
            if holiday.covers(day):
                return holiday.spans
        return self.week[day.weekday()]

    def opening_after(self, day: date) -> datetime | None:
        """The first opening after a day, as a local time; None if there is none in sight."""
        after = day + timedelta(days=1)
        first = next(self._raw_periods(after), None)
        return first[0].astimezone(self.zone) if first else None

    def state(self, at: datetime) -> OpeningState:
        """`at` is timezone-aware."""
        # In UTC, because Python compares two moments of one zone by their wall clocks alone.
        at = at.astimezone(UTC)
        local = at.astimezone(self.zone)
        ahead = [
            (start, end)
            for start, end in self._first_periods(local.date() - timedelta(days=1), at)
            if end > at
        ]
        is_open = bool(ahead) and ahead[0][0] <= at
        upcoming = [start for start, _ in ahead if start > at]
        horizon = at + timedelta(days=SEARCH_DAYS - 5)
        closes = ahead[0][1] if ahead and ahead[0][1] < horizon else None
        return OpeningState(
            at=local,
            is_open=is_open,
            opens=upcoming[0].astimezone(self.zone) if upcoming else None,
            closes=closes.astimezone(self.zone) if closes else None,
        )

    def _first_periods(self, day: date, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Openings from `day` on, up to the second that ends after `at`."""
        needed = 2
        for period in self._periods(day):
            yield period
            needed -= period[1] > at
            if not needed:
                return

    def _periods(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Openings in order, those that touch as one; in UTC, where clocks do not change."""
        current: tuple[datetime, datetime] | None = None
        for start, end in self._raw_periods(day):
            if current and start <= current[1]:
                current = (current[0], max(current[1], end))
                continue
            if current:
                yield current
            current = (start, end)
        if current:
            yield current

    def _raw_periods(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for _ in range(SEARCH_DAYS):
            for span in self.spans_of(day):
                start = _instant(day, span.start, self.zone, fold=0)
                end = max(_instant(day, span.end, self.zone, fold=fold) for fold in (0, 1))
                if start < end:
                    yield start, end
            day += timedelta(days=1)


def _instant(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> datetime:
    days, minutes = divmod(minutes, DAY)
    wall = time(minutes // 60, minutes % 60, fold=fold)
    return datetime.combine(day + timedelta(days=days), wall, zone).astimezone(UTC)
