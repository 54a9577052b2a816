"""Where a text is cut: into sentences, and into chunks that an engine takes."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.speech.sentences import chunks, sentences, spans
from tests.unit.processor_time import grows_in_proportion


def _corpus(name: str) -> Any:
    path = Path(__file__).parents[1] / "corpus" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


CORPUS: list[dict[str, Any]] = _corpus("sentences")
HOSTILE: list[str] = _corpus("hostile_text")["hostile"]
BITS: list[str] = _corpus("hostile_text")["bits"]

texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*BITS, "One. Two! Three? ", "Dr. ", "e.g. ", "我", "ก"])).map(
        "".join
    ),
)
limits = st.integers(1, 60)


def text_of(entry: dict[str, Any]) -> str:
    return str(entry.get("between", " ")).join(entry["sentences"])


@pytest.mark.parametrize(
    "entry", CORPUS, ids=lambda entry: f"{entry['language']}: {entry['about']}"
)
def test_a_text_falls_into_the_sentences_of_the_corpus(entry: dict[str, Any]) -> None:
    assert sentences(text_of(entry)) == entry["sentences"]


@settings(deadline=None)
@given(texts)
def test_sentences_hold_every_word_in_order(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(texts)
def test_spans_are_where_the_sentences_are(text: str) -> None:
    assert [text[start:end] for start, end in spans(text)] == sentences(text)
    ends = [0, *(place for span in spans(text) for place in span)]
    assert ends == sorted(ends)


@settings(max_examples=300, deadline=None)
@given(texts, limits)
@example("🇩🇪🇫🇷🇮🇹", 3)
def test_chunks_hold_every_word_in_order_within_the_limit(text: str, limit: int) -> None:
    found = chunks(text, limit)
    assert all(0 < len(chunk) <= limit for chunk in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "entry", CORPUS, ids=lambda entry: f"{entry['language']}: {entry['about']}"
)
def test_chunks_end_where_sentences_end(entry: dict[str, Any]) -> None:
    text = text_of(entry)
    longest = max(map(len, entry["sentences"]))
    found = chunks(text, longest)
    assert [sentence for chunk in found for sentence in sentences(chunk)] == entry["sentences"]


def test_as_many_sentences_as_fit_go_into_one_chunk() -> None:
    text = "One two. Three four! Five six? Seven."
    assert chunks(text, 100) == [text]
    assert chunks(text, 21) == ["One two. Three four!", "Five six? Seven."]


def test_a_long_sentence_is_cut_at_a_clause_then_at_a_word() -> None:
    text = "After a while, when the rain had stopped, we went outside."
    assert chunks(text, 45) == ["After a while, when the rain had stopped,", "we went outside."]
    assert chunks("one two three four", 9) == ["one two", "three", "four"]


def test_words_without_spaces_are_cut_after_a_comma_or_between_letters() -> None:
    assert chunks("今天天气很好，我们去公园吧。", 8) == ["今天天气很好，", "我们去公园吧。"]
    assert chunks("abcdef", 4) == ["abcd", "ef"]


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("नमस्ते", ["न", "म", "स्ते"]),
        ("e\u0301e\u0301e\u0301", ["e\u0301", "e\u0301", "e\u0301"]),
        ("👩\u200d👩\u200d👧👍🏽", ["👩\u200d👩\u200d👧", "👍🏽"]),
        ("🇩🇪🇫🇷🇮🇹", ["🇩🇪", "🇫🇷", "🇮🇹"]),
        ("กำเก", ["กำ", "เก"]),
        (unicodedata.normalize("NFD", "한국"), [unicodedata.normalize("NFD", "한국")]),
    ],
)
def test_no_letter_is_parted_where_the_limit_leaves_room_for_it(
    text: str, letters: list[str]
) -> None:
    for limit in range(max(map(len, letters)), len(text) + 1):
        left = list(letters)
        for chunk in chunks(text, limit):
            while chunk:
                assert chunk.startswith(left[0]), (text, limit, chunk)
                chunk = chunk.removeprefix(left.pop(0))


def test_chunks_of_no_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        chunks("text", 0)


@pytest.mark.parametrize("bit", [*HOSTILE, "Mr. ", "1. ", "; ", "z. B. ", "🇩🇪"], ids=ascii)
def test_the_cost_grows_with_the_length_and_no_faster(bit: str) -> None:
    short, long = (bit * (length // len(bit)) + "x" for length in (2_000, 16_000))
    assert grows_in_proportion(lambda text: chunks(text, 200), short, long, least=0.001)
