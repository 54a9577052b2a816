"""The script: what is said in which piece, and what fits into a memo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.speech.plan import estimate, lines, opening, pieces

TEXT = "First things first. Then the second one, as always!\nA new paragraph? Yes. 你好，世界。"


def test_lines_know_their_place_in_the_text() -> None:
    script = lines(TEXT, "en")
    assert [TEXT[line.at : line.end] for line in script] == [line.text for line in script]
    assert "".join(line.text for line in script).replace(" ", "") == "".join(TEXT.split())


def test_paragraphs_are_followed_by_a_longer_pause() -> None:
    script = lines(TEXT, "en")
    pauses = {line.text.split()[0]: line.pause_ms for line in script}
    assert pauses["Then"] > pauses["First"] > 0


def test_short_sentences_share_a_piece_and_long_ones_are_cut() -> None:
    script = lines("One. Two. Three. " + "Word " * 60 + "end.", "en")
    found = pieces(script, 100)
    assert found[0].text == "One. Two. Three."
    assert [piece.whole for piece in found] == [True, *[False] * (len(found) - 2), True]
    assert all(len(piece.text) <= 100 for piece in found)


def test_what_has_no_letter_or_digit_is_not_sent_to_an_engine() -> None:
    assert lines("… !\n—\n***", "en") == []


@given(st.text(max_size=400), st.integers(20, 200))
def test_nothing_is_lost_between_text_and_pieces(text: str, limit: int) -> None:
    script = lines(text, "en")
    found = pieces(script, limit)
    said = "".join("".join(piece.text.split()) for piece in found)
    assert said == "".join("".join(line.text.split()) for line in script)
    assert all(len(piece.text) <= limit for piece in found)
    assert not script or found[-1].end == script[-1].end


@given(st.text(max_size=600), st.floats(0.5, 60))
def test_the_opening_fits_or_is_one_sentence_at_most(text: str, seconds: float) -> None:
    script = lines(text, "en")
    kept = opening(script, seconds)
    assert bool(kept) == bool(script)
    assert len(kept) <= 1 or sum(estimate(line.text) for line in kept) <= seconds
    if len(kept) > 1:
        assert kept == script[: len(kept)]


def test_the_estimate_is_near_what_a_voice_needs() -> None:
    assert 2.5 < estimate("Hello, we are open today until half past six.") < 4.5
    assert 2.5 < estimate("你好，我们今天营业到六点半。谢谢") < 5
    assert 2.5 < estimate("こんにちは、今日は六時半まで開いています。") < 5
