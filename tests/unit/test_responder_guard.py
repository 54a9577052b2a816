"""Whatever a responder does, no harm comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.responders.apologies import apology
from app.responders.guard import MAX_CHARACTERS, GuardedResponder, bounded, checked, clean
from app.responders.protocol import Answer, HandOver, Question, ResponderError


class Odd:
    """A responder that does whatever it is told."""

    def __init__(self, answer: Callable[[Question], Awaitable[Any]]) -> None:
        self._answer = answer

    async def answer(self, question: Question) -> Answer:
        return cast(Answer, await self._answer(question))

    async def aclose(self) -> None:
        pass


def ask(answer: Callable[[Question], Awaitable[Any]], language: str | None = None) -> Answer:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    question = Question("secret words", "chat", "message", "+15550100", now, language=language)
    return asyncio.run(GuardedResponder(Odd(answer), name="odd", deadline=0.2).answer(question))


def gives(value: object) -> Callable[[Question], Awaitable[Any]]:
    async def answer(question: Question) -> Any:
        return value

    return answer


async def raises(question: Question) -> Any:
    raise RuntimeError(f"cannot answer {question.text}")


async def exits(question: Question) -> Any:
    raise SystemExit(question.text)


async def hangs(question: Question) -> Any:
    await asyncio.Event().wait()


async def times_out_itself(question: Question) -> Any:
    raise TimeoutError(question.text)


async def refuses(question: Question) -> Any:
    raise ResponderError("closed for lunch", apology="Lunch!", language="en", reason="refused")


@pytest.mark.parametrize(
    ("answer", "reason", "cause"),
    [
        (raises, "raised", "RuntimeError at test_responder_guard.py:"),
        (exits, "raised", "SystemExit at test_responder_guard.py:"),
        (times_out_itself, "raised", "TimeoutError at test_responder_guard.py:"),
        (hangs, "deadline", "no answer within 0.2 s"),
        (gives(None), "bad-answer", "gave a NoneType, expected an Answer"),
        (gives("Hello"), "bad-answer", "gave a str, expected an Answer"),
        (gives(Answer()), "nothing", "said nothing"),
        (gives(Answer(" \n\t\x00\x07")), "nothing", "said nothing"),
        (gives(Answer(cast(str, b"Hello"))), "bad-answer", "its text is a bytes"),
        (gives(Answer(cast(str, None))), "bad-answer", "its text is a NoneType"),
    ],
)
def test_a_responder_that_fails_leaves_an_apology_and_one_line_without_the_words(
    answer: Callable[[Question], Awaitable[Any]], reason: str, cause: str
) -> None:
    with capture_logs() as logs, pytest.raises(ResponderError) as caught:
        ask(answer, language="fr-CA")
    assert caught.value.reason == reason
    assert (caught.value.apology, caught.value.language) == apology("fr")
    assert [log["event"] for log in logs] == ["responder failed"]
    assert logs[0]["cause"].startswith(cause)
    assert "secret" not in str(logs)
    assert "secret" not in str(caught.value)


def test_a_responder_may_apologise_in_its_own_words() -> None:
    with pytest.raises(ResponderError) as caught:
        ask(refuses, language="fr")
    assert (caught.value.apology, caught.value.language) == ("Lunch!", "en")
    assert caught.value.reason == "refused"


def test_ten_megabytes_become_ten_thousand_characters_that_end_with_a_sentence() -> None:
    answer = ask(gives(Answer("All is well. " * 800_000)))
    assert len(answer.text) <= MAX_CHARACTERS
    assert len(answer.text) > MAX_CHARACTERS - 20
    assert answer.text.endswith("All is well. […]"), "the person sees that there was more"


def test_ten_megabytes_without_a_space_are_cut_all_the_same() -> None:
    assert ask(gives(Answer("x" * 10_000_000))).text == "x" * (MAX_CHARACTERS - 4) + " […]"


def test_an_answer_that_is_cut_is_told_to_the_operator() -> None:
    with capture_logs() as logs:
        ask(gives(Answer("All is well. " * 1_000)))
        ask(gives(Answer("All is well.")))
    cut = [one for one in logs if one["event"].startswith("answer too long")]
    assert [(one["characters"], one["longest"]) for one in cut] == [(12_999, MAX_CHARACTERS)]


def test_markup_passes_unharmed_for_the_voice_to_clean() -> None:
    markup = "# Hello\n\n<script>alert(1)</script> **you** [there](https://example.com) `rm -rf /`"
    assert ask(gives(Answer(markup))).text == markup


def test_silence_carries_no_words() -> None:
    answer = ask(gives(Answer("ignored", "en", "amy", silent=True, hand_over_seconds=60)))
    assert answer == Answer(silent=True, reason="silent", hand_over_seconds=60)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (Answer("a", "pt_BR"), Answer("a", "pt-BR")),
        (Answer("a", "not a language"), Answer("a")),
        (Answer("a", cast(str, 5)), Answer("a")),
        (Answer("a", voice="x" * 1_000), Answer("a")),
        (Answer("a", voice="amy\nx"), Answer("a")),
        (Answer("a", silent=cast(bool, "false")), Answer("a")),
        (Answer("a", reason="rule: späti \n" + "x" * 500), Answer("a", reason="rule:-sp-ti-"
                                                                  + "x" * 68)),
        (Answer("a", reason=cast(str, 5)), Answer("a")),
        (Answer("a", hand_over_seconds=-5), Answer("a")),
        (Answer("a", hand_over_seconds=float("nan")), Answer("a")),
        (Answer("a", hand_over_seconds=float("inf")), Answer("a")),
        (Answer("a", hand_over_seconds=cast(float, "5")), Answer("a")),
        (Answer("a", hand_over_seconds=1e12), Answer("a", hand_over_seconds=30 * 86_400.0)),
    ],
)  # fmt: skip
def test_what_is_no_language_voice_or_time_is_left_out(given: Answer, left: Answer) -> None:
    assert checked(given) == left


@pytest.mark.parametrize(
    ("language", "said_in"),
    [("de-AT", "de"), ("PT_br", "pt"), ("zh-Hant-TW", "zh"), ("nb", "no"), ("xh", "en"),
     (None, "en"), ("", "en")],
)  # fmt: skip
def test_an_apology_is_in_the_language_asked_in_or_in_english(
    language: str | None, said_in: str
) -> None:
    text, language = apology(language)
    assert language == said_in
    assert text == apology(said_in)[0]


@given(st.text(alphabet=st.characters(), max_size=300))
def test_a_cleaned_text_can_be_stored_and_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not set(map(chr, (*range(9), *range(11, 32), *range(127, 160)))) & set(cleaned)
    assert clean(cleaned) == cleaned


@given(st.text(max_size=300), st.integers(1, 200))
def test_a_bounded_text_is_a_beginning_of_it(text: str, characters: int) -> None:
    short = bounded(text, characters)
    assert len(short) <= characters or short == text
    assert text.startswith(short)
    assert short.strip() or not text[:characters].strip() or len(text) <= characters


@pytest.mark.parametrize("text", [" 0", "  ", " 0 1", "\n\n"])
def test_a_text_that_begins_with_a_space_is_cut_all_the_same(text: str) -> None:
    assert bounded(text, 1) == ""


def test_a_hand_over_is_bounded_and_its_reason_known() -> None:
    odd = HandOver(cast(Any, "because"), "one\nline " + "x" * 500)
    checked_ = checked(Answer("a", written="https://example.com/" + "y" * 9_000, hand_over=odd))
    assert checked_.hand_over is not None
    assert checked_.hand_over.reason == "other"
    assert checked_.hand_over.summary.startswith("one line xxx")
    assert len(checked_.hand_over.summary) == 200
    assert len(checked_.written) <= 4_000
    assert checked(Answer("a", hand_over=cast(Any, "please"))).hand_over is None
    assert checked(Answer("a", written=cast(str, None))).written == ""
