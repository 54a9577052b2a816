"""How much is enough: one polite notice at the limit, and an end to loops between bots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policy import Exchange, LoopRules, RateLimit, looks_like_a_loop

START = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
HOURLY = RateLimit(limit=3, window_seconds=3600)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_below_the_limit_everything_is_answered() -> None:
    assert HOURLY.verdict([], START) == "allow"
    assert HOURLY.verdict([at(0), at(1)], at(2)) == "allow"


def test_at_the_limit_one_notice_and_then_silence_until_the_window_has_passed() -> None:
    answered = [at(0), at(1), at(2)]
    assert HOURLY.verdict(answered, at(3)) == "notice"
    assert HOURLY.verdict(answered, at(4), last_notice=at(3)) == "silent"
    assert HOURLY.verdict(answered, at(3599), last_notice=at(3)) == "silent"
    assert HOURLY.verdict(answered, at(3600), last_notice=at(3)) == "allow"


def test_the_order_of_the_times_does_not_count() -> None:
    assert HOURLY.verdict([at(2), at(0), at(1)], at(3)) == "notice"


@given(
    limit=st.integers(1, 5),
    window=st.integers(1, 50),
    gaps=st.lists(st.integers(0, 30), max_size=60),
)
def test_never_more_answers_than_the_limit_nor_two_notices_in_any_window(
    limit: int, window: int, gaps: list[int]
) -> None:
    rate, now = RateLimit(limit, window), 0
    answered: list[datetime] = []
    notices: list[datetime] = []
    for gap in gaps:
        now += gap
        verdict = rate.verdict(answered, at(now), last_notice=notices[-1] if notices else None)
        if verdict == "allow":
            answered.append(at(now))
        if verdict == "notice":
            notices.append(at(now))
        recent = at(now - window)
        assert sum(time > recent for time in answered) <= limit
        assert sum(time > recent for time in notices) <= 1


# Loops --------------------------------------------------------------------------------------


def talk(*turns: tuple[str, str], pause: float = 60, think: float = 2) -> list[Exchange]:
    """Exchanges in which the other side writes `pause` seconds after our answer."""
    history, now = [], 0.0
    for asked, answered in turns:
        history.append(Exchange(asked, at(now), answered, at(now + think)))
        now += think + pause
    return history


def after(history: list[Exchange], pause: float = 60) -> datetime:
    return history[-1].answered_at + timedelta(seconds=pause) if history else START


def test_a_first_message_is_no_loop() -> None:
    assert not looks_like_a_loop("Hello", START, [])


def test_our_own_words_coming_back_twice_in_a_row_are_a_loop() -> None:
    first = talk(("Hi", "We open at nine."))
    assert not looks_like_a_loop("We open at nine.", after(first), first)
    second = talk(("Hi", "We open at nine."), ("Bot: we open at NINE!", "Until five, every day."))
    assert looks_like_a_loop("Bot: until five, every day", after(second), second)


def test_quoting_us_once_in_a_while_is_no_loop() -> None:
    history = talk(
        ("Hi", "We open at nine."),
        ("You said 'we open at nine', on Sundays, too?", "On Sundays we are closed."),
    )
    assert not looks_like_a_loop("Ah, thanks", after(history), history)


def test_short_answers_come_back_by_chance() -> None:
    history = talk(("ok?", "ok"), ("ok", "ok"), ("ok", "Hello"), ("hello", "Hello"))
    assert not looks_like_a_loop("hello", after(history), history)


def test_two_echoing_bots_are_stopped_at_once() -> None:
    assert looks_like_a_loop("You said: You said: Hello", START, [])
    assert looks_like_a_loop("you said “You said hello”", START, [])
    assert not looks_like_a_loop("You said you are open", START, [])


@pytest.mark.parametrize(("turns", "expected"), [(15, False), (16, True), (40, True)])
def test_turns_quicker_than_a_person_are_a_loop_after_a_while(turns: int, expected: bool) -> None:
    history = talk(*[(f"question {n}", f"something else {n}") for n in range(turns)], pause=3)
    assert looks_like_a_loop("next", after(history, 3), history) is expected


def test_one_pause_of_a_person_breaks_the_suspicion() -> None:
    history = talk(*[(f"question {n}", f"something else {n}") for n in range(40)], pause=3)
    assert not looks_like_a_loop("next", after(history, 30), history)


def test_many_messages_without_waiting_for_an_answer_are_no_loop() -> None:
    """A person who types on while we think: messages before our answer, not after it."""
    history = [Exchange(f"and {n}", at(n), f"something else {n}", at(n + 30)) for n in range(40)]
    assert not looks_like_a_loop("and more", at(41), history)


def test_the_thresholds_can_be_set() -> None:
    history = talk(("Hi", "We open at nine."))
    rules = LoopRules(echoes=1)
    assert looks_like_a_loop("We open at nine", after(history), history, rules)


@given(st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_any_text_is_judged(text: str, turns: list[tuple[str, str]]) -> None:
    history = talk(*turns)
    looks_like_a_loop(text, after(history), history)
