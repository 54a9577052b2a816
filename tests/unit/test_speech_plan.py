"""The speech plan: segments, chunks, and what fits into a memo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.speech.plan import SpeechPlan, estimate

TEXT = "First things first. Then the second one, as always!\nA new paragraph? Yes. 你好，世界。"


def test_segments_know_their_place_in_the_text() -> None:
    plan = SpeechPlan.of_text(TEXT, "en")
    assert [TEXT[segment.start : segment.end] for segment in plan.segments] == [
        segment.text for segment in plan.segments
    ]
    assert "".join(segment.text for segment in plan.segments).replace(" ", "") == "".join(
        TEXT.split()
    )


def test_paragraphs_are_followed_by_a_longer_pause() -> None:
    plan = SpeechPlan.of_text(TEXT, "en")
    pauses = {segment.text.split()[0]: segment.pause_ms for segment in plan.segments}
    assert pauses["Then"] > pauses["First"] > 0


def test_short_sentences_share_a_chunk_and_long_ones_are_cut() -> None:
    plan = SpeechPlan.of_text("One. Two. Three. " + "Word " * 60 + "end.", "en")
    found = plan.chunks(100)
    assert found[0].text == "One. Two. Three."
    assert [chunk.ends_sentence for chunk in found] == [True, *[False] * (len(found) - 2), True]
    assert all(len(chunk.text) <= 100 for chunk in found)


def test_what_has_no_letter_or_digit_is_not_sent_to_an_engine() -> None:
    assert SpeechPlan.of_text("… !\n—\n***", "en").segments == ()


@given(st.text(max_size=400), st.integers(20, 200))
def test_nothing_is_lost_between_text_and_chunks(text: str, limit: int) -> None:
    plan = SpeechPlan.of_text(text, "en")
    found = plan.chunks(limit)
    said = "".join("".join(chunk.text.split()) for chunk in found)
    assert said == "".join("".join(segment.text.split()) for segment in plan.segments)
    assert all(len(chunk.text) <= limit for chunk in found)
    assert not plan.segments or found[-1].end == plan.segments[-1].end


@given(st.text(max_size=600), st.floats(0.5, 60))
def test_a_limited_plan_fits_or_is_one_sentence_at_most(text: str, seconds: float) -> None:
    plan = SpeechPlan.of_text(text, "en")
    kept = plan.limited(seconds).segments
    assert bool(kept) == bool(plan.segments)
    assert len(kept) <= 1 or sum(estimate(segment.text) for segment in kept) <= seconds
    if len(kept) > 1:
        assert kept == plan.segments[: len(kept)]


def test_the_estimate_is_near_what_a_voice_needs() -> None:
    assert 2.5 < estimate("Hello, we are open today until half past six.") < 4.5
    assert 2.5 < estimate("你好，我们今天营业到六点半。谢谢") < 5
    assert 2.5 < estimate("こんにちは、今日は六時半まで開いています。") < 5
