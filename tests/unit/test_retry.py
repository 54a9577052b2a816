"""Pauses between attempts, and what a server asks for by `Retry-After`."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.retry import Backoff, retry_after_seconds


def test_pauses_grow_up_to_the_longest() -> None:
    backoff = Backoff(first=0.5, longest=3.0)
    assert [backoff.pause(attempt) for attempt in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize("attempt", [1, 2, 1_000, 10**9])
def test_attempts_without_end_do_not_overflow(attempt: int) -> None:
    assert 0 < Backoff().pause(attempt) <= Backoff().longest


def test_what_the_server_asks_wins_within_bounds() -> None:
    backoff = Backoff(first=0.5, longest_asked=60.0)
    assert [backoff.pause(1, asked) for asked in (0.0, 7.0, 3600.0, math.inf, -1.0)] == [
        0.0,
        7.0,
        60.0,
        60.0,
        0.0,
    ]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("9" * 400, 999_999_999.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("٣", None),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
        ("Wed, 21 Oct 99999999 07:28:00 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +2300", 0.0),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header) == seconds


def test_retry_after_as_a_date_is_the_time_until_then() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    seconds = retry_after_seconds(later)
    assert seconds is not None
    assert 3_000 < seconds <= 3_600


@given(st.text())
def test_no_header_crashes(header: str) -> None:
    seconds = retry_after_seconds(header)
    assert seconds is None or seconds >= 0
