"""Stop means stop, write means write, a person means a person, in the words of ten languages."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.policy import asks_for_a_person, asks_to_stop, is_opt_out, switch_requested

_FILE = Path(__file__).parents[1] / "corpus" / "requests_to_the_bot.yaml"
TABLE: dict[str, dict[str, list[str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def rows(kind: str) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in TABLE[kind].items() for text in texts]


def test_every_kind_has_ten_languages() -> None:
    assert all(len(languages) >= 10 for languages in TABLE.values())


@pytest.mark.parametrize(("language", "text"), rows("stop"))
def test_stop_means_stop(language: str, text: str) -> None:
    assert asks_to_stop(text)
    assert asks_to_stop(f" {text.upper()} !")
    assert switch_requested(text) is None


@pytest.mark.parametrize(("language", "text"), rows("text"))
def test_write_means_write(language: str, text: str) -> None:
    assert switch_requested(text) == "text"
    assert not asks_to_stop(text)


@pytest.mark.parametrize(("language", "text"), rows("voice"))
def test_voice_means_voice(language: str, text: str) -> None:
    assert switch_requested(text) == "voice"
    assert not asks_to_stop(text)


@pytest.mark.parametrize(("language", "text"), rows("person"))
def test_a_person_means_a_person(language: str, text: str) -> None:
    assert asks_for_a_person(text)
    assert not asks_to_stop(text)
    assert switch_requested(text) is None


@pytest.mark.parametrize(("language", "text"), rows("neither"))
def test_a_question_to_a_business_is_answered(language: str, text: str) -> None:
    assert not asks_to_stop(text)
    assert switch_requested(text) is None
    assert not is_opt_out(text)
    assert not asks_for_a_person(text)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert asks_to_stop(text) in (True, False)
    assert asks_for_a_person(text) in (True, False)


@pytest.mark.parametrize(
    "bit", ["please ", "stop ", "no ", "write me ", "ok", "ی", "je ne peux pas "]
)
def test_a_long_message_takes_no_time(bit: str) -> None:
    text = bit * (1_000_000 // len(bit))
    began = process_time()
    asks_to_stop(text)
    switch_requested(text[:20_000])
    asks_for_a_person(text[:160])
    asks_for_a_person(text)
    assert process_time() - began < 1
