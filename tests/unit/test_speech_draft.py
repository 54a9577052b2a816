"""An answer that is still being written is spoken sentence by sentence, and each only once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.audio import Pcm
from app.speech.audio_jobs import EncodedAudio
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.plan import estimate
from app.speech.synthesizer import Synthesizer
from tests.unit.synthesizing import Scripted, speak, with_synthesizer

SENTENCES = (
    "Good morning to you.",
    "We are open until half past six.",
    "Shall I book a table for you?",
)
ANSWER = " ".join(SENTENCES)


def network(trouble: Callable[[Utterance], EngineError | None] = lambda _: None) -> Scripted:
    """An engine whose sound is made elsewhere."""

    def answer(utterance: Utterance) -> EngineError | EncodedAudio | Pcm:
        seconds = estimate(utterance.text)
        return trouble(utterance) or Pcm(b"\x10\x27\xf0\xd8" * int(12_000 * seconds), 24_000)

    engine = Scripted("network", answer)
    engine.max_chars = 4000
    return engine


def words(engine: Scripted) -> list[str]:
    return [utterance.text for utterance in engine.said]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


def draft_of(synthesizer: Synthesizer) -> Callable[[str], None]:
    draft = synthesizer.draft()
    assert draft is not None
    return draft


def play(scenario: Callable[[Synthesizer], Awaitable[None]], engine: Scripted) -> None:
    with_synthesizer(scenario, engine)


def test_whole_sentences_are_spoken_while_the_rest_is_written() -> None:
    engine = network()

    async def scenario(synthesizer: Synthesizer) -> None:
        draft = draft_of(synthesizer)
        for end in range(1, len(ANSWER) + 1):
            draft(ANSWER[:end])
            await asyncio.sleep(0)
        await until(lambda: len(engine.said) == 2)
        assert words(engine) == list(SENTENCES[:2])
        made = await speak(synthesizer, ANSWER)
        assert made.spoken == ANSWER
        assert words(engine) == list(SENTENCES)

    play(scenario, engine)


def test_an_answer_that_turns_out_otherwise_is_spoken_as_it_is() -> None:
    engine = network()

    async def scenario(synthesizer: Synthesizer) -> None:
        draft_of(synthesizer)("We close at five. Or")
        await until(lambda: words(engine) == ["We close at five."])
        await speak(synthesizer, ANSWER)
        assert words(engine) == ["We close at five.", ANSWER]

    play(scenario, engine)


def test_a_sentence_that_failed_ahead_is_spoken_again() -> None:
    failures = [EngineError("unauthorized", "as scripted")]
    engine = network(lambda _: failures.pop() if failures else None)

    async def scenario(synthesizer: Synthesizer) -> None:
        draft_of(synthesizer)(f"{SENTENCES[0]} And")
        await until(lambda: not failures)
        made = await speak(synthesizer, ANSWER)
        assert made.engine == "network"
        assert not made.failures

    play(scenario, engine)


def test_markdown_and_other_languages_are_spoken_ahead_as_they_will_be() -> None:
    engine = network()
    answer = "**Gerne!** Wir haben heute bis halb sieben geöffnet. Bis [nachher](https://a.example)"

    async def scenario(synthesizer: Synthesizer) -> None:
        draft_of(synthesizer)(answer)
        await until(lambda: len(engine.said) == 2)
        await speak(synthesizer, answer)
        assert len(words(engine)) == len(set(words(engine))) == 3
        assert {utterance.language for utterance in engine.said} == {"de"}

    play(scenario, engine)


def test_what_nobody_asks_for_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.speech.engine_runner.AHEAD_SECONDS", 0.05)
    engine = network()

    async def scenario(synthesizer: Synthesizer) -> None:
        draft_of(synthesizer)(f"{SENTENCES[0]} And")
        [runner] = synthesizer._runners
        await until(lambda: bool(engine.said))
        await until(lambda: not runner._ahead)

    play(scenario, engine)


def test_no_more_is_spoken_ahead_than_the_longest_memo_holds() -> None:
    engine = network()

    async def scenario(synthesizer: Synthesizer) -> None:
        draft_of(synthesizer)(" ".join(f"This is sentence number {n}." for n in range(2000)))
        await until(lambda: bool(engine.said))
        draft_of(synthesizer)("Another one. Here")
        await until(lambda: words(engine)[-1] == "Another one.")
        assert len(engine.said) < 65

    play(scenario, engine)
