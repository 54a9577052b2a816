"""What the bot says of its own accord: whole in every language, and sayable."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers.phrases import PHRASES, Phrase, phrase
from app.policy import reset_requested, switch_requested
from app.speech.language import detect
from app.speech.text import speakable

ALL: tuple[Phrase, ...] = get_args(Phrase)
EVERY = [(language, which) for language in PHRASES for which in ALL]


@pytest.mark.parametrize("language", PHRASES)
def test_no_phrase_is_missing_in_any_language(language: str) -> None:
    assert set(PHRASES[language]) == set(ALL)
    assert len(set(PHRASES[language].values())) == len(ALL)


@pytest.mark.parametrize(("language", "which"), EVERY)
def test_a_phrase_is_short_spoken_as_it_is_and_no_command(language: str, which: Phrase) -> None:
    text = PHRASES[language][which]
    assert len(text) <= 150
    assert speakable(text, language).split() == text.replace(" ?", "?").split()
    assert not reset_requested(text)
    assert switch_requested(text) is None


@pytest.mark.parametrize("language", PHRASES)
def test_the_phrases_are_in_their_language(language: str) -> None:
    assert detect(" ".join(PHRASES[language].values()), "") == language


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("pt_BR", "pt"),
        ("ZH-Hant-TW", "zh"),
        ("eo", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_language_with_a_region_is_that_language_and_an_unknown_one_english(
    asked: str | None, found: str
) -> None:
    text, language = phrase("reset", asked)
    assert (text, language) == (PHRASES[found]["reset"], found)


@given(st.text())
def test_any_language_tag_gets_a_phrase(tag: str) -> None:
    text, language = phrase("limited", tag)
    assert text == PHRASES[language]["limited"]
