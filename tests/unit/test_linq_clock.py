"""Linq's clock is told from the `Date` header of its answers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from app.linq.clock import SAMPLES, LinqClock

NOW = datetime(2026, 10, 20, 9, 14, 2, tzinfo=UTC).timestamp()


def date(seconds: float) -> str:
    """The header of a server whose clock shows `seconds`, which it cuts to whole ones."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC), usegmt=True)


@pytest.mark.parametrize("ahead", [-600.0, -1.0, 0.0, 0.4, 0.9, 42.3, 600.0])
def test_the_offset_is_right_within_a_second(ahead: float) -> None:
    for fraction in (0.0, 0.3, 0.6, 0.9):
        clock = LinqClock(lambda at=NOW + fraction: at)  # type: ignore[misc]
        clock.observe(date(NOW + fraction + ahead))
        assert clock.offset_seconds == pytest.approx(ahead, abs=0.51)


def test_one_odd_answer_does_not_count() -> None:
    clock = LinqClock(lambda: NOW)
    for offset in (0, 0, 86_400, 0):
        clock.observe(date(NOW + offset))
    assert clock.offset_seconds == pytest.approx(0, abs=1)


def test_a_clock_that_was_set_is_known_after_some_answers() -> None:
    now = NOW
    clock = LinqClock(lambda: now)
    for _ in range(50):
        clock.observe(date(NOW))
    now = NOW + 300
    for _ in range(SAMPLES // 2 + 1):
        clock.observe(date(NOW))
    assert clock.offset_seconds == pytest.approx(-300, abs=1)


@pytest.mark.parametrize(
    "header", [None, "", "soon", "Tue, 99 Oct 2026 09:14:02 GMT", "Mon, 01 Jan 0001 00:00:00 +2300"]
)
def test_what_is_no_date_is_passed_over(header: str | None) -> None:
    clock = LinqClock(lambda: NOW)
    clock.observe(header)
    assert clock.offset_seconds is None or header is not None
    clock = LinqClock(lambda: NOW)
    clock.observe(date(NOW))
    clock.observe(header)
    clock.observe(date(NOW))
    assert clock.offset_seconds == pytest.approx(0, abs=1)
