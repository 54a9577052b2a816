"""Reads `time_zone`, `hours` and `holidays` of a rules file."""

from __future__ import annotations

import functools
import re
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from app.responders.rules.document import Entry
from app.responders.rules.errors import did_you_mean
from app.responders.rules.hours import DAY, Holiday, OpeningHours, Span

MAX_HOLIDAYS = 1_000
MAX_HOLIDAY_DAYS = 366

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_EXPECTED_HOURS = "hours such as 9:00-12:30, 13:30-18:00, or closed"
_EXPECTED_DATE = "a date such as 2026-12-24, or 12-24 for every year, or two with `to` between"
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
_DATE = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
_RANGE = re.compile(r"\s+(?:to|until)\s+|\s*[–—]\s*|\s*\.\.\s*")
_DAY_RANGE = re.compile(r"\s*[-–—]\s*|\s+to\s+")
_LEAP_YEAR = 2000


def read_hours(
    zone: Entry | None, hours: Entry | None, holidays: Entry | None
) -> OpeningHours | None:
    """None where the file has no hours, or mistakes in them, which are added to the others."""
    dates = holidays.mistakes.attempt(lambda: _holidays(holidays), ()) if holidays else ()
    place = zone.mistakes.attempt(lambda: _zone(zone), None) if zone else None
    if hours is None:
        for entry, name in ((zone, "time_zone"), (holidays, "holidays")):
            if entry is not None:
                entry.wrong(f"hours: in this file beside {name}", "none")
        return None
    if zone is None:
        hours.wrong("time_zone: in this file beside hours, as in Europe/Berlin", "none")
    week = hours.mistakes.attempt(lambda: _week(hours), ())
    return OpeningHours(place, week, dates) if place and week else None


def _week(entry: Entry) -> tuple[tuple[Span, ...], ...]:
    week: list[tuple[Span, ...] | None] = [None] * 7
    before = entry.mistakes.count

    def read(pair: tuple[Entry, Entry]) -> None:
        key, value = pair
        spans = entry.mistakes.attempt(lambda: _spans(value), ())
        for day in _days(key):
            if week[day] is not None:
                raise key.error("each day once", f"{DAYS[day]} again")
            week[day] = spans

    pairs = entry.pairs("hours by day, such as monday-friday: 9:00-18:00").values()
    entry.mistakes.each(read, pairs)
    if not any(week) and entry.mistakes.count == before:
        raise entry.error("hours on at least one day", "none")
    return tuple(spans or () for spans in week)


def _holidays(entry: Entry) -> tuple[Holiday, ...]:
    items = entry.items("a list of dates")
    if len(items) > MAX_HOLIDAYS:
        raise entry.error(f"at most {MAX_HOLIDAYS} holidays", str(len(items)))
    return tuple(entry.mistakes.each(_holiday, items))


def _zone(entry: Entry) -> ZoneInfo:
    name = entry.text("a time zone such as Europe/Berlin")
    if name not in _zones():
        guess = did_you_mean(name.replace(" ", "_"), _zones())
        raise entry.error("a time zone such as Europe/Berlin", f"{name!r}{guess}")
    return ZoneInfo(name)


@functools.cache
def _zones() -> frozenset[str]:
    """The names of all time zones, for which hundreds of files are looked at."""
    return frozenset(available_timezones())


def _days(key: Entry) -> list[int]:
    expected = "a day such as monday, or several as in monday-friday or saturday, sunday"
    written = key.text(expected).lower()
    if written in ("daily", "every day"):
        return list(range(7))
    found: list[int] = []
    for part in written.split(","):
        ends = [_day(key, name.strip(), expected) for name in _DAY_RANGE.split(part.strip())]
        if len(ends) > 2:
            raise key.error(expected)
        first, last = ends[0], ends[-1]
        found += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return found


def _day(key: Entry, name: str, expected: str) -> int:
    for index, day in enumerate(DAYS):
        if name == day or (len(name) >= 3 and day.startswith(name)):
            return index
    raise key.error(expected, f"{name!r}{did_you_mean(name, DAYS)}")


def _spans(entry: Entry) -> tuple[Span, ...]:
    written = entry.text(_EXPECTED_HOURS)
    if written.lower() == "closed":
        return ()
    spans = [_span(entry, part.strip()) for part in written.split(",")]
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise entry.error("spans in order that do not overlap")
    return tuple(spans)


def _span(entry: Entry, written: str) -> Span:
    match = _SPAN.fullmatch(written)
    if not match:
        raise entry.error(_EXPECTED_HOURS)
    hour, minute, end_hour, end_minute = (int(part or 0) for part in match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= DAY or end > DAY:
        raise entry.error("times from 0:00 to 24:00", repr(written))
    if start == end:
        raise entry.error("an end after the start (0:00-24:00 for the whole day)", repr(written))
    return Span(start, end if end > start else end + DAY)


def _holiday(entry: Entry) -> Holiday:
    spans: tuple[Span, ...] = ()
    named = entry
    if entry.is_mapping:
        pairs = list(entry.pairs(_EXPECTED_DATE).values())
        if len(pairs) != 1:
            raise entry.error("one date with its hours in each item of the list")
        named, value = pairs[0]
        spans = _spans(value)
    parts = _RANGE.split(named.text(_EXPECTED_DATE))
    if len(parts) > 2:
        raise named.error(_EXPECTED_DATE)
    (first, yearly), (last, last_yearly) = (_date(named, parts[0]), _date(named, parts[-1]))
    if yearly != last_yearly:
        raise named.error("a year in both dates or in none")
    if not yearly and not 0 <= (last - first).days < MAX_HOLIDAY_DAYS:
        raise named.error("a last day after the first, within a year")
    return Holiday(first, last, named.line, yearly, spans)


def _date(entry: Entry, written: str) -> tuple[date, bool]:
    match = _DATE.fullmatch(written.strip())
    if not match:
        raise entry.error(_EXPECTED_DATE)
    year, month, day = match.groups()
    try:
        return date(int(year) if year else _LEAP_YEAR, int(month), int(day)), year is None
    except ValueError as error:
        raise entry.error("a day of the calendar") from error
