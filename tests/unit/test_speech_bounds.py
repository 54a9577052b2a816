"""Text that is made to cost: what the work on it may come to, counted and not timed."""

from __future__ import annotations

import cProfile
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.speech.engines.espeak import Espeak
from app.speech.errors import NothingToSay
from app.speech.language import language_runs
from app.speech.plan import SpeechPlan, estimate
from app.speech.request import SpeechDefaults, SpeechRequest, prepare_request

# What was found to take the longest a character, of some 120 kinds.
COSTLY = (
    "- a\n", "1) a\n", "a\\\n", "|a|b|\n|-|-|\n", "> a\n", "# a\n", "a  \n", "- [ ] a\n", "```\n",
    "[", "_a_ ", "**a** ", "<b", "~~a~~ ", "\\a", "[a](b) ", "<a>", "a@b.c ", "$a$ ", "&",
    "\ufdfa", "漢。", "क्‍", "Hello world. Привет мир. ", "e\u0301", "a\u0301\u0302\u0303",
)  # fmt: skip
CALLS = 700_000
"""Function calls that 20 000 characters may cost, of Python and of C: some 60 ms of a core."""


def prepared(text: str, max_seconds: float = 120.0) -> SpeechRequest:
    defaults = SpeechDefaults(None, "m4a", max_seconds)
    return prepare_request(text, "en", None, None, defaults, [Espeak()])


def calls_of(text: str) -> int:
    """The function calls that it takes to make a plan of `text`."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        SpeechPlan.of_text(prepared(text).text, "en")
    except NothingToSay:
        pass
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("unit", COSTLY)
def test_no_text_costs_more_than_its_memo_can_say(unit: str) -> None:
    prepared("Hello."), language_runs("Hello, my good friend.", "en")  # loads what is loaded once
    text = (unit * 20_000)[:20_000]
    assert calls_of(text) < CALLS


def test_a_megabyte_costs_no_more() -> None:
    assert calls_of("- a\n" * 250_000) < CALLS
    assert calls_of("\ufdfa" * 350_000) < CALLS


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(COSTLY), min_size=1, max_size=6), st.text(max_size=3))
def test_mixtures_cost_no_more(units: list[str], other: str) -> None:
    unit = "".join(units) + other
    assert calls_of((unit * 20_000)[:20_000]) < CALLS


@given(st.integers(1, 40), st.sampled_from((" ", "\n", "\n\n")))
def test_nothing_of_a_long_text_is_lost(paragraphs: int, space: str) -> None:
    sentence = "This story goes on and on, and it does not end before the morning."
    text = space.join([sentence] * 20 * paragraphs)
    request = prepared(text, max_seconds=30.0)
    assert (request.text + request.unread).split() == text.split()
    assert not request.unread or estimate(request.text) > 2 * 30.0


def test_texts_that_differ_only_beyond_the_memo_are_different_clips() -> None:
    long = "This story goes on and on. " * 1_000
    assert prepared(long + "One.").clip_key != prepared(long + "Two.").clip_key


def test_letters_that_stand_for_eighteen_are_not_spelt_out() -> None:
    assert len(unicodedata.normalize("NFKC", "\ufdfa")) == 18
    assert len(prepared("\ufdfa" * 100).text) <= 101
