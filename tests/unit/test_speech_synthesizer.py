"""The synthesizer: from an answer to a memo, whatever the engines do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from app.audio import TARGET_LUFS, Pcm, decode
from app.settings import Format, load_settings
from app.speech import NothingToSay, NoVoice, Recording, Synthesizer, UnknownVoice
from app.speech.breaker import Breaker
from app.speech.engine_runner import EngineRunner
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.plan import estimate

T = TypeVar("T")

HELLO = "Hello, we are **open** today until half past six."


class Scripted:
    """An engine that speaks with espeak-ng, unless `trouble` has something against it."""

    max_chars = 60
    deadline = 5.0
    max_concurrency = 4
    settings: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        trouble: Callable[[Utterance], EngineError | Pcm | None] = lambda _: None,
        languages: frozenset[str] | None = None,
    ) -> None:
        self.name = name
        self.said: list[Utterance] = []
        self._trouble = trouble
        self._languages = languages

    def unavailable_reason(self) -> str | None:
        return None

    def supports_voice(self, voice: str) -> bool:
        return voice == f"{self.name}-voice"

    def supports_language(self, language: str) -> bool:
        return self._languages is None or language in self._languages

    async def speak(self, utterance: Utterance) -> Pcm:
        self.said.append(utterance)
        match self._trouble(utterance):
            case EngineError() as error:
                raise error
            case Pcm() as sound:
                return sound
        return await Espeak().speak(Utterance(utterance.text, utterance.language))

    async def aclose(self) -> None:
        pass


def with_studio(
    work: Callable[[Synthesizer], Awaitable[T]],
    *engines: Any,
    format: Format = "m4a",
    max_seconds: float = 120.0,
    language: str | None = None,
) -> T:
    async def main() -> T:
        runners = [EngineRunner(engine) for engine in engines or (Espeak(),)]
        synthesizer = Synthesizer(
            runners, language=language, format=format, max_seconds=max_seconds
        )
        try:
            return await work(synthesizer)
        finally:
            await synthesizer.aclose()

    return asyncio.run(main())


def record(text: str, *engines: Any, max_seconds: float = 120.0, **asked: Any) -> Recording:
    return with_studio(
        lambda synthesizer: synthesizer.record(text, **asked), *engines, max_seconds=max_seconds
    )


def always(kind: Any) -> Callable[[Utterance], EngineError]:
    return lambda _: EngineError(kind, "as told")


def test_an_answer_becomes_a_memo_that_plays() -> None:
    recording = record(HELLO)
    assert recording.engine == "espeak"
    assert recording.language == "en"
    assert recording.spoken == "Hello, we are open today until half past six."
    assert recording.rest == ""
    assert recording.failures == ()
    assert recording.memo.mime_type == "audio/x-m4a"
    assert decode(recording.memo.data).seconds == pytest.approx(recording.memo.seconds, abs=0.01)
    assert recording.memo.loudness == pytest.approx(TARGET_LUFS, abs=1.5)


CORPUS = {
    "en": "Good morning! We are open today from nine until half past six. Shall I book a table?",
    "de": "Guten Morgen! Wir haben heute von neun bis halb sieben geöffnet. Darf ich reservieren?",
    "fr": "Bonjour ! Nous sommes ouverts aujourd'hui de neuf heures à dix-huit heures trente.",
    "es": "¡Buenos días! Hoy abrimos de nueve a seis y media. ¿Le reservo una mesa?",
    "it": "Buongiorno! Oggi siamo aperti dalle nove alle sei e mezza. Prenoto un tavolo?",
    "pt": "Bom dia! Hoje estamos abertos das nove às seis e meia. Posso reservar uma mesa?",
    "ru": "Доброе утро! Сегодня мы открыты с девяти до половины седьмого. Забронировать столик?",
    "ar": "صباح الخير! نحن مفتوحون اليوم من التاسعة حتى السادسة والنصف. هل أحجز لك طاولة؟",
    "hi": "सुप्रभात! आज हम नौ बजे से साढ़े छह बजे तक खुले हैं। क्या मैं मेज़ बुक करूँ?",
    "ja": "おはようございます。きょうはくじからろくじはんまであいています。ごよやくですか。",
    "zh": "早上好！我们今天从九点营业到六点半。需要我为您预订一张桌子吗？",
    "tr": "Günaydın! Bugün dokuzdan altı buçuğa kadar açığız. Masa ayırtayım mı?",
}


@pytest.mark.parametrize("language", CORPUS)
def test_ten_languages_sound_level_and_take_the_time_they_should(language: str) -> None:
    recording = record(CORPUS[language], language=language)
    assert recording.language == language
    expected = estimate(recording.spoken)
    assert 0.5 * expected < recording.memo.seconds < 2.2 * expected
    assert recording.memo.loudness == pytest.approx(TARGET_LUFS, abs=1.5)


@pytest.mark.parametrize("text", ["", "  \n", "🎉🎉", "---", "…"])
def test_nothing_to_say_is_told_so(text: str) -> None:
    with pytest.raises(NothingToSay):
        record(text)


def test_the_language_is_told_or_set_or_detected() -> None:
    russian = "Здравствуйте, сегодня мы открыты."
    assert record(russian).language == "ru"
    assert record(russian, language="uk").language == "uk"
    assert (
        with_studio(lambda synthesizer: synthesizer.record(russian), language="bg").language == "bg"
    )
    assert record("OK 42").language == "en"
    assert record(russian, language="--no tag").language == "ru"


def test_the_next_engine_takes_over_the_whole_answer_and_the_log_says_why() -> None:
    first = Scripted(
        "first", lambda said: EngineError("quota", "HTTP 429") if "third" in said.text else None
    )
    second = Scripted("second")
    text = "The first sentence stands here. " * 2 + "And the third comes after it here."
    with capture_logs() as logs:
        recording = record(text, first, second)
    assert recording.engine == "second"
    assert " ".join(said.text for said in second.said) == text
    [failure] = recording.failures
    assert (failure.engine, failure.kind, failure.message) == ("first", "quota", "HTTP 429")
    [line] = [line for line in logs if line["log_level"] == "warning"]
    assert line == {
        "event": "voice engine failed",
        "log_level": "warning",
        "engine": "first",
        "kind": "quota",
        "cause": "HTTP 429",
        "next_engine": "second",
    }


def test_one_failing_piece_is_tried_again_before_the_engine_is_left() -> None:
    failed: list[str] = []

    def once(said: Utterance) -> EngineError | None:
        if "two" in said.text and not failed:
            failed.append(said.text)
            return EngineError("network", "connection lost")
        return None

    first, second = Scripted("first", once), Scripted("second")
    text = "This is the sentence with number one in it. This is the sentence with number two in it."
    recording = record(text, first, second)
    assert recording.engine == "first"
    assert failed
    assert [said.text for said in first.said].count(failed[0]) == 2


def test_when_all_fail_each_failure_is_told() -> None:
    with pytest.raises(NoVoice) as caught:
        record(HELLO, Scripted("first", always("key")), Scripted("second", always("bad answer")))
    assert [(failure.engine, failure.kind) for failure in caught.value.failures] == [
        ("first", "key"),
        ("second", "bad answer"),
    ]


@pytest.mark.parametrize("sound", [Pcm(b"", 24_000), Pcm(bytes(200_000), 24_000)])
def test_silence_is_an_engines_failure(sound: Pcm) -> None:
    recording = record(HELLO, Scripted("mute", lambda _: sound), Scripted("second"))
    assert recording.engine == "second"
    assert recording.failures[0].kind == "bad answer"


def test_sound_far_too_short_for_its_words_is_an_engines_failure() -> None:
    stub = asyncio.run(Espeak().speak(Utterance("Hey", "en")))
    recording = record(HELLO * 3, Scripted("hasty", lambda _: stub), Scripted("second"))
    assert recording.engine == "second"


def test_an_engine_in_trouble_is_left_alone_and_tried_again_later() -> None:
    now = [0.0]
    healthy: list[bool] = []
    first = Scripted("first", lambda _: None if healthy else EngineError("quota", "HTTP 429"))
    second = Scripted("second")

    async def main() -> list[str]:
        breaker = Breaker(clock=lambda: now[0])
        synthesizer = Synthesizer([EngineRunner(first, breaker), EngineRunner(second)])
        engines = [(await synthesizer.record(HELLO)).engine]
        asked = len(first.said)
        engines.append((await synthesizer.record(HELLO)).engine)
        assert len(first.said) == asked
        now[0] += 121
        healthy.append(True)
        engines.append((await synthesizer.record(HELLO)).engine)
        await synthesizer.aclose()
        return engines

    assert asyncio.run(main()) == ["second", "second", "first"]


def test_mixed_languages_are_spoken_each_in_its_voice() -> None:
    engine = Scripted("first")
    text = "The sign at the door says the following.\nДобро пожаловать, мы открыты каждый день."
    record(text, engine, language="en")
    assert {said.language for said in engine.said if "Добро" in said.text} == {"ru"}
    assert {said.language for said in engine.said if "sign" in said.text} == {"en"}


def test_what_an_engine_has_no_voice_for_is_read_in_the_voice_of_the_rest() -> None:
    engine = Scripted("first", languages=frozenset({"en"}))
    text = "The sign at the door says the following.\nДобро пожаловать, мы открыты каждый день."
    assert record(text, engine, Scripted("second"), language="en").engine == "first"
    assert {said.language for said in engine.said} == {"en"}


def test_a_voice_goes_to_the_engine_that_knows_it() -> None:
    first, second = Scripted("first"), Scripted("second")
    recording = record(HELLO, first, second, voice="second-voice")
    assert recording.engine == "second"
    assert recording.failures == ()
    assert {said.voice for said in second.said} == {"second-voice"}
    with pytest.raises(UnknownVoice):
        record(HELLO, first, second, voice="nobody")


LONG = " ".join(f"This is sentence number {number} of a long story." for number in range(700))


@pytest.mark.parametrize("max_seconds", [3.0, 10.0, 45.0])
def test_a_long_answer_is_cut_at_a_sentence_and_the_rest_follows(max_seconds: float) -> None:
    recording = record(LONG, max_seconds=max_seconds)
    assert 0.5 * max_seconds < recording.memo.seconds <= max_seconds
    assert recording.spoken.endswith("story.")
    assert f"{recording.spoken} {recording.rest}" == LONG


def test_a_sentence_longer_than_the_memo_is_cut_between_words() -> None:
    text = "and then we went on " * 60 + "until the end."
    recording = record(text, max_seconds=5.0)
    assert 2 < recording.memo.seconds <= 5
    assert f"{recording.spoken} {recording.rest}".split() == text.split()


def test_a_slow_voice_is_cut_by_what_is_measured() -> None:
    slow = Espeak(words_a_minute=80)
    recording = record(LONG, slow, max_seconds=10.0)
    assert 4 < recording.memo.seconds <= 10


def test_five_thousand_words_cost_no_more_speech_than_the_memo_holds() -> None:
    engine = Scripted("first")
    words = " ".join(["This story goes on and on."] * 833)
    tracemalloc.start()
    started = time.perf_counter()
    recording = record(words, engine, max_seconds=20.0)
    took = time.perf_counter() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert recording.memo.seconds <= 20
    assert sum(len(said.text) for said in engine.said) < 1_000
    assert peak < 25_000_000
    assert took < 5


def test_many_answers_at_once_each_get_their_own_words() -> None:
    texts = [f"Answer {'and so on ' * number}for you." for number in range(1, 7)]

    async def all_at_once(synthesizer: Synthesizer) -> list[Recording]:
        return list(await asyncio.gather(*map(synthesizer.record, texts)))

    found = with_studio(all_at_once)
    assert [recording.spoken for recording in found] == texts
    lengths = [recording.memo.seconds for recording in found]
    assert lengths == sorted(lengths)


def test_the_event_loop_stays_free_while_a_memo_is_made() -> None:
    async def watched(synthesizer: Synthesizer) -> tuple[float, Recording]:
        longest = 0.0
        recording = asyncio.create_task(synthesizer.record(LONG))
        last = time.perf_counter()
        while not recording.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return longest, await recording

    longest, recording = with_studio(watched, max_seconds=60.0)
    assert longest < 0.7 * max(recording.timings.tidy, recording.timings.encode)


def test_the_clip_key_changes_with_all_that_is_heard_and_nothing_else() -> None:
    async def keys(synthesizer: Synthesizer) -> list[str]:
        return [
            synthesizer.clip_key(HELLO),
            synthesizer.clip_key("Goodbye"),
            synthesizer.clip_key(HELLO, language="de"),
            synthesizer.clip_key(HELLO, voice="en-gb"),
            synthesizer.clip_key(HELLO, format="wav"),
        ]

    found = with_studio(keys)
    assert len(set(found)) == len(found)
    found += with_studio(keys, Espeak(words_a_minute=200))
    found += with_studio(keys, max_seconds=10.0)
    assert len(set(found)) == len(found)

    async def same(synthesizer: Synthesizer) -> str:
        return synthesizer.clip_key("Hello, we are open today until half past six.")

    assert with_studio(same) == found[0]


def test_the_clip_key_is_the_same_in_another_process() -> None:
    code = (
        "from app.settings import load_settings; from app.speech import Synthesizer;"
        f"print(Synthesizer.from_settings(load_settings(voices=('espeak',))).clip_key({HELLO!r}))"
    )
    told = {
        subprocess.check_output(
            [sys.executable, "-c", code],
            text=True,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_engines_are_listed_with_what_they_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MEMO_", "ELEVENLABS_")):
            monkeypatch.delenv(name)
    voices = ("gtts", "espeak", "openai", "elevenlabs", "piper", "command")
    settings = load_settings(voices=voices, _env_file=None)

    async def main() -> dict[str, str | None]:
        synthesizer = Synthesizer.from_settings(settings)
        found = synthesizer.engines()
        await synthesizer.aclose()
        return {status.name: None if status.usable else status.reason for status in found}

    assert asyncio.run(main()) == {
        "gtts": None,
        "espeak": None,
        "openai": "MEMO_SPEECH_BASE_URL is not set",
        "elevenlabs": "ELEVENLABS_API_KEY is not set",
        "piper": "MEMO_PIPER_VOICE is not set",
        "command": "MEMO_VOICE_COMMAND is not set",
    }
