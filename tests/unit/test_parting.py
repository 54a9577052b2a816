"""Long answers are parted at a sentence or paragraph, with nothing lost; so are long texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.answers.parting import LONGEST_TEXT, parted, text_pieces
from app.speech.plan import estimate

SENTENCE = "This sentence is one of many, and it goes on for a while. "


def test_what_fits_is_left_whole() -> None:
    assert parted(SENTENCE, 60.0) == (SENTENCE, "")


def test_a_long_answer_ends_with_a_sentence() -> None:
    head, rest = parted(SENTENCE * 20, 20.0)
    assert head.endswith("a while.")
    assert rest.startswith("This sentence")
    assert 8.0 < estimate(head) < 20.0


def test_the_end_of_a_paragraph_is_the_better_place() -> None:
    first, second = (SENTENCE * 3).strip(), (SENTENCE * 9).strip()
    head, rest = parted(f"{first}\n\n{second}", 20.0)
    assert (head, rest) == (first, second)


def test_a_paragraph_that_ends_too_soon_is_not() -> None:
    head, _ = parted(f"Hello.\n\n{SENTENCE * 20}", 20.0)
    assert len(head) > 100


@pytest.mark.parametrize("fence", ["```\n{}\n```", "| a | b |\n|---|---|\n{}"])
def test_neither_code_nor_a_table_is_taken_apart(fence: str) -> None:
    rows = "\n".join("| one. | two. |" for _ in range(60))
    head, rest = parted(f"{SENTENCE}\n\n{fence.format(rows)}", 15.0)
    assert head == SENTENCE.strip()
    assert rest.startswith(fence[:3])


def test_a_sentence_without_an_end_is_left_to_the_voice() -> None:
    text = "word " * 2_000
    assert parted(text, 10.0) == (text, "")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab .!?\n|`。字", max_size=600), st.floats(2.0, 30.0))
def test_nothing_is_lost(text: str, seconds: float) -> None:
    head, rest = parted(text, seconds)
    assert "".join((head + rest).split()) == "".join(text.split())


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab .\n🎉字", min_size=1, max_size=30), st.integers(1, 2_000))
def test_a_text_goes_out_in_pieces_that_linq_takes_and_that_lose_nothing(
    text: str, times: int
) -> None:
    pieces = text_pieces(text * times)
    assert all(len(piece.encode("utf-16-le")) // 2 <= LONGEST_TEXT for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join((text * times).split())


def test_pieces_end_with_a_sentence() -> None:
    pieces = text_pieces((SENTENCE * 500).strip())
    assert len(pieces) == 3
    assert all(piece.endswith("a while.") for piece in pieces)
