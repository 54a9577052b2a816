"""How long quick messages are collected: typing lengthens the pause, its end shortens it."""

from __future__ import annotations

import pytest

from app.store.chat_context import STOPPED_SECONDS, TYPING_SECONDS, Collecting

PAUSE = 3.0


@pytest.mark.parametrize(
    ("typing_at", "typed_until", "now", "until"),
    [
        (0.0, 0.0, 101.0, 103.0),  # nobody types
        (99.0, 99.9, 101.0, 103.0),  # typed the message that waits
        (99.0, 0.0, 101.0, 103.0),  # the same, and the end was never told
        (101.0, 99.9, 102.0, 105.0),  # types again
        (101.0, 99.9, 110.0, 113.0),  # and goes on
        (101.0, 99.9, 500.0, 101.0 + TYPING_SECONDS + PAUSE),  # nothing more was heard
        (101.0, 101.5, 101.5, 101.5 + STOPPED_SECONDS),  # stopped without sending
        (101.0, 102.8, 102.9, 103.0),  # never longer than the pause
    ],
)
def test_the_pause(typing_at: float, typed_until: float, now: float, until: float) -> None:
    found = Collecting(100.0, typing_at, typed_until, is_answered=True)
    assert found.until(PAUSE, now) == until
