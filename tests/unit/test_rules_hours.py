"""Opening hours: time zones, the two nights when clocks change, midnight, holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.responders.rules.document import read_document
from app.responders.rules.hours import OpeningHours
from app.responders.rules.hours_reading import read_hours

BERLIN = """
time_zone: Europe/Berlin
hours:
  monday-friday: 9:00-12:30, 13:30-18:00
  sat: 10:00-14:00
holidays:
  - 12-24: 10:00-13:00
  - 12-25 to 12-26
  - 2026-12-31 to 2027-01-02
  - 05-01
"""
BAR = """
time_zone: Europe/Berlin
hours:
  thursday to saturday: 20:00-03:00
holidays: [2026-11-21]
"""
NIGHT = "time_zone: Europe/Berlin\nhours: {daily: 22:00-2:30}"
EARLY = "time_zone: Europe/Berlin\nhours: {every day: 2:30-4:00}"
NEW_YORK = "time_zone: America/New_York\nhours: {mon-fri: 9-17}"
KATHMANDU = "time_zone: Asia/Kathmandu\nhours: {sunday-friday: 10:00-17:00}"
ALWAYS = "time_zone: UTC\nhours: {daily: 0:00-24:00}"
WEEKDAYS_ROUND = "time_zone: Europe/Berlin\nhours: {mon-fri: 00:00-24:00}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hours.yaml"


def hours(file: Path, text: str) -> OpeningHours:
    file.write_text(text, encoding="utf-8")
    fields = read_document(file).fields(("time_zone", "hours", "holidays"), "hours")
    read = read_hours(fields["time_zone"], fields["hours"], fields.get("holidays"))
    assert read is not None
    return read


def local(zone: str, moment: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("text", "zone", "at", "is_open", "opens", "closes"),
    [
        # A working day, minute by minute at its edges.
        (BERLIN, "Europe/Berlin", "2026-11-20 08:59:59", False, "11-20 09:00", "11-20 12:30"),
        (BERLIN, "Europe/Berlin", "2026-11-20 09:00", True, "11-20 13:30", "11-20 12:30"),
        (BERLIN, "Europe/Berlin", "2026-11-20 12:29:59", True, "11-20 13:30", "11-20 12:30"),
        (BERLIN, "Europe/Berlin", "2026-11-20 12:30", False, "11-20 13:30", "11-20 18:00"),
        (BERLIN, "Europe/Berlin", "2026-11-20 18:00", False, "11-21 10:00", "11-21 14:00"),
        # Over a closed Sunday.
        (BERLIN, "Europe/Berlin", "2026-11-21 14:00", False, "11-23 09:00", "11-23 12:30"),
        # The same moment seen from elsewhere.
        (BERLIN, "America/New_York", "2026-11-20 03:30", True, "11-20 13:30", "11-20 12:30"),
        (BERLIN, "Asia/Tokyo", "2026-11-21 01:30", True, "11-21 10:00", "11-20 18:00"),
        # Holidays: own hours, a range, a range over New Year, one of every year.
        (BERLIN, "Europe/Berlin", "2026-12-24 12:00", True, "12-28 09:00", "12-24 13:00"),
        (BERLIN, "Europe/Berlin", "2026-12-24 13:00", False, "12-28 09:00", "12-28 12:30"),
        (BERLIN, "Europe/Berlin", "2026-12-30 20:00", False, "01-04 09:00", "01-04 12:30"),
        (BERLIN, "Europe/Berlin", "2031-05-01 10:00", False, "05-02 09:00", "05-02 12:30"),
        # Over midnight: the span belongs to the evening it began, holidays too.
        (BAR, "Europe/Berlin", "2026-11-20 02:00", True, "11-20 20:00", "11-20 03:00"),
        (BAR, "Europe/Berlin", "2026-11-21 02:00", True, "11-26 20:00", "11-21 03:00"),
        (BAR, "Europe/Berlin", "2026-11-21 21:00", False, "11-26 20:00", "11-27 03:00"),
        (BAR, "Europe/Berlin", "2026-11-22 02:00", False, "11-26 20:00", "11-27 03:00"),
        # Offsets that are no whole hours.
        (KATHMANDU, "UTC", "2026-11-20 04:14", False, "11-20 10:00", "11-20 17:00"),
        (KATHMANDU, "UTC", "2026-11-20 04:15", True, "11-22 10:00", "11-20 17:00"),
        # Whole days that touch are one opening.
        (WEEKDAYS_ROUND, "Europe/Berlin", "2026-11-18 23:59", True, "11-23 00:00", "11-21 00:00"),
    ],
)
def test_open_or_closed_and_until_when(
    file: Path, text: str, zone: str, at: str, is_open: bool, opens: str, closes: str
) -> None:
    state = hours(file, text).state(local(zone, at))
    assert state.is_open is is_open
    assert state.opens is not None
    assert state.closes is not None
    assert (f"{state.opens:%m-%d %H:%M}", f"{state.closes:%m-%d %H:%M}") == (opens, closes)


@pytest.mark.parametrize(
    ("text", "at_utc", "is_open", "closes_utc"),
    [
        # New York opens at nine by the wall clock: 14:00 UTC in winter, 13:00 UTC in summer.
        (NEW_YORK, "2026-03-06 13:59", False, "2026-03-06 22:00"),
        (NEW_YORK, "2026-03-06 14:00", True, "2026-03-06 22:00"),
        (NEW_YORK, "2026-03-09 12:59", False, "2026-03-09 21:00"),
        (NEW_YORK, "2026-03-09 13:00", True, "2026-03-09 21:00"),
        (NEW_YORK, "2026-11-02 13:59", False, "2026-11-02 22:00"),
        # Berlin, 29 March 2026: 02:00 becomes 03:00. Half past two does not exist; the night is
        # four and a half hours long, as every night.
        (NIGHT, "2026-03-28 21:00", True, "2026-03-29 01:30"),
        (NIGHT, "2026-03-29 01:29", True, "2026-03-29 01:30"),
        (NIGHT, "2026-03-29 01:30", False, "2026-03-30 00:30"),
        (EARLY, "2026-03-29 01:29", False, "2026-03-29 02:00"),
        (EARLY, "2026-03-29 01:30", True, "2026-03-29 02:00"),
        # Berlin, 25 October 2026: 03:00 becomes 02:00, and half past two comes twice. It closes
        # at the second and opens at the first.
        (NIGHT, "2026-10-25 00:30", True, "2026-10-25 01:30"),
        (NIGHT, "2026-10-25 01:29", True, "2026-10-25 01:30"),
        (NIGHT, "2026-10-25 01:30", False, "2026-10-26 01:30"),
        (EARLY, "2026-10-25 00:29", False, "2026-10-25 03:00"),
        (EARLY, "2026-10-25 00:30", True, "2026-10-25 03:00"),
    ],
)
def test_the_nights_when_the_clocks_change(
    file: Path, text: str, at_utc: str, is_open: bool, closes_utc: str
) -> None:
    state = hours(file, text).state(local("UTC", at_utc))
    assert state.is_open is is_open
    assert state.closes is not None
    assert f"{state.closes.astimezone(UTC):%Y-%m-%d %H:%M}" == closes_utc


def test_who_never_closes_has_no_closing_time(file: Path) -> None:
    state = hours(file, ALWAYS).state(datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert state.is_open
    assert state.opens is None
    assert state.closes is None


@settings(max_examples=60, deadline=None)
@given(minutes=st.integers(0, 2 * 366 * 24 * 60), text=st.sampled_from([BERLIN, BAR, NIGHT, EARLY]))
def test_what_is_promised_comes_true(
    tmp_path_factory: pytest.TempPathFactory, minutes: int, text: str
) -> None:
    read = hours(tmp_path_factory.getbasetemp() / "any.yaml", text)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    state = read.state(at)
    assert state.opens is not None
    assert state.closes is not None
    opens, closes = state.opens.astimezone(UTC), state.closes.astimezone(UTC)
    minute = timedelta(minutes=1)
    assert read.state(opens).is_open
    assert not read.state(opens - minute).is_open
    assert not read.state(closes).is_open
    assert read.state(closes - minute).is_open
    assert (closes < opens) is state.is_open
