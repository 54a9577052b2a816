"""The synthesizer: from an answer to a memo, whatever the engines do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from app.audio import TARGET_LUFS, Pcm, decode
from app.settings import load_settings
from app.speech.audio_jobs import EncodedAudio
from app.speech.circuit_breaker import CircuitBreaker
from app.speech.engine_runner import EngineRunner
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError, NothingToSay, NoVoice, UnknownVoice
from app.speech.plan import estimate
from app.speech.synthesizer import SynthesizedMemo, Synthesizer
from tests.audio_workers import run, workers
from tests.hostile_audio import wav_of_tag
from tests.unit.synthesizing import Scripted, speak, with_synthesizer

T = TypeVar("T")

HELLO = "Hello, we are **open** today until half past six."


def synthesize(
    text: str, *engines: Any, max_seconds: float = 120.0, **options: Any
) -> SynthesizedMemo:
    return with_synthesizer(
        lambda synthesizer: speak(synthesizer, text, **options), *engines, max_seconds=max_seconds
    )


async def clip_key(synthesizer: Synthesizer, text: str, **options: Any) -> str:
    return (await synthesizer.prepare(text, **options)).clip_key


def always(kind: Any) -> Callable[[Utterance], EngineError]:
    return lambda _: EngineError(kind, "as scripted")


def test_an_answer_becomes_a_memo_that_plays() -> None:
    result = synthesize(HELLO)
    assert result.engine == "espeak"
    assert result.language == "en"
    assert result.spoken == "Hello, we are open today until half past six."
    assert result.rest == ""
    assert result.failures == ()
    assert result.memo.mime_type == "audio/x-m4a"
    assert decode(result.memo.data).seconds == pytest.approx(result.memo.seconds, abs=0.01)
    assert result.memo.loudness == pytest.approx(TARGET_LUFS, abs=1.5)


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
    result = synthesize(CORPUS[language], language=language)
    assert result.language == language
    expected = estimate(result.spoken)
    assert 0.5 * expected < result.memo.seconds < 2.2 * expected
    assert result.memo.loudness == pytest.approx(TARGET_LUFS, abs=1.5)


@pytest.mark.parametrize("text", ["", "  \n", "🎉🎉", "---", "…"])
def test_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(NothingToSay):
        synthesize(text)


def test_the_language_is_given_or_set_or_detected() -> None:
    russian = "Здравствуйте, сегодня мы открыты."
    assert synthesize(russian).language == "ru"
    assert synthesize(russian, language="uk").language == "uk"
    assert (
        with_synthesizer(lambda synthesizer: speak(synthesizer, russian), language="bg").language
        == "bg"
    )
    assert synthesize("OK 42").language == "en"
    assert synthesize(russian, language="--no tag").language == "ru"


def test_the_next_engine_takes_over_the_whole_answer_and_the_log_says_why() -> None:
    first = Scripted(
        "first", lambda said: EngineError("quota", "HTTP 429") if "third" in said.text else None
    )
    second = Scripted("second")
    text = "The first sentence stands here. " * 2 + "And the third comes after it here."
    with capture_logs() as logs:
        result = synthesize(text, first, second)
    assert result.engine == "second"
    assert " ".join(said.text for said in second.said) == text
    [failure] = result.failures
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


def test_one_failing_chunk_is_tried_again_before_the_engine_is_left() -> None:
    failed: list[str] = []

    def once(said: Utterance) -> EngineError | None:
        if "two" in said.text and not failed:
            failed.append(said.text)
            return EngineError("network", "connection lost")
        return None

    first, second = Scripted("first", once), Scripted("second")
    text = "This is the sentence with number one in it. This is the sentence with number two in it."
    result = synthesize(text, first, second)
    assert result.engine == "first"
    assert failed
    assert [said.text for said in first.said].count(failed[0]) == 2


def test_when_all_fail_each_failure_is_listed() -> None:
    with pytest.raises(NoVoice) as caught:
        synthesize(
            HELLO,
            Scripted("first", always("unauthorized")),
            Scripted("second", always("bad_response")),
        )
    assert [(failure.engine, failure.kind) for failure in caught.value.failures] == [
        ("first", "unauthorized"),
        ("second", "bad_response"),
    ]


@pytest.mark.parametrize("sound", [Pcm(b"", 24_000), Pcm(bytes(200_000), 24_000)])
def test_silence_is_an_engines_failure(sound: Pcm) -> None:
    result = synthesize(HELLO, Scripted("mute", lambda _: sound), Scripted("second"))
    assert result.engine == "second"
    assert result.failures[0].kind == "bad_response"


@pytest.mark.parametrize("file", [wav_of_tag(0x674F), b"<html>", b""])
def test_audio_that_cannot_be_decoded_is_an_engines_failure(file: bytes) -> None:
    odd = Scripted("odd", lambda _: EncodedAudio((file,)))
    result = synthesize(HELLO, odd, Scripted("second"))
    assert result.engine == "second"
    assert result.failures[0].kind == "bad_response"


def test_sound_far_too_short_for_its_words_is_an_engines_failure() -> None:
    stub = Espeak().say(Utterance("Hey", "en"))
    result = synthesize(HELLO * 3, Scripted("hasty", lambda _: stub), Scripted("second"))
    assert result.engine == "second"


def test_an_engine_in_trouble_is_paused_and_tried_again_later() -> None:
    now = [0.0]
    healthy: list[bool] = []
    first = Scripted("first", lambda _: None if healthy else EngineError("quota", "HTTP 429"))
    second = Scripted("second")

    async def main() -> list[str]:
        breaker = CircuitBreaker(clock=lambda: now[0])
        synthesizer = Synthesizer(
            [EngineRunner(first, breaker), EngineRunner(second)], workers=workers()
        )
        engines = [(await speak(synthesizer, HELLO)).engine]
        requests = len(first.said)
        engines.append((await speak(synthesizer, HELLO)).engine)
        assert len(first.said) == requests
        now[0] += 121
        healthy.append(True)
        engines.append((await speak(synthesizer, HELLO)).engine)
        await synthesizer.aclose()
        return engines

    assert run(main()) == ["second", "second", "first"]


def test_mixed_languages_are_spoken_each_in_its_voice() -> None:
    engine = Scripted("first")
    text = "The sign at the door says the following.\nДобро пожаловать, мы открыты каждый день."
    synthesize(text, engine, language="en")
    assert {said.language for said in engine.said if "Добро" in said.text} == {"ru"}
    assert {said.language for said in engine.said if "sign" in said.text} == {"en"}


def test_what_an_engine_has_no_voice_for_is_read_in_the_voice_of_the_rest() -> None:
    engine = Scripted("first", languages=frozenset({"en"}))
    text = "The sign at the door says the following.\nДобро пожаловать, мы открыты каждый день."
    assert synthesize(text, engine, Scripted("second"), language="en").engine == "first"
    assert {said.language for said in engine.said} == {"en"}


def test_a_voice_goes_to_the_engine_that_knows_it() -> None:
    first, second = Scripted("first"), Scripted("second")
    result = synthesize(HELLO, first, second, voice="second-voice")
    assert result.engine == "second"
    assert result.failures == ()
    assert {said.voice for said in second.said} == {"second-voice"}
    with pytest.raises(UnknownVoice):
        synthesize(HELLO, first, second, voice="nobody")


LONG = " ".join(f"This is sentence number {number} of a long story." for number in range(700))


@pytest.mark.parametrize("max_seconds", [3.0, 10.0, 45.0])
def test_a_long_answer_is_cut_at_a_sentence_and_the_rest_follows(max_seconds: float) -> None:
    result = synthesize(LONG, max_seconds=max_seconds)
    assert 0.5 * max_seconds < result.memo.seconds <= max_seconds
    assert result.spoken.endswith("story.")
    assert f"{result.spoken} {result.rest}" == LONG


def test_a_sentence_longer_than_the_memo_is_cut_between_words() -> None:
    text = "and then we went on " * 60 + "until the end."
    result = synthesize(text, max_seconds=5.0)
    assert 2 < result.memo.seconds <= 5
    assert f"{result.spoken} {result.rest}".split() == text.split()


def test_a_slow_voice_is_cut_by_what_is_measured() -> None:
    slow = Espeak(words_per_minute=80)
    result = synthesize(LONG, slow, max_seconds=10.0)
    assert 4 < result.memo.seconds <= 10


def test_five_thousand_words_cost_no_more_speech_than_the_memo_holds() -> None:
    engine = Scripted("first")
    words = " ".join(["This story goes on and on."] * 833)
    tracemalloc.start()
    started = time.perf_counter()
    result = synthesize(words, engine, max_seconds=20.0)
    took = time.perf_counter() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.memo.seconds <= 20
    assert sum(len(said.text) for said in engine.said) < 1_000
    assert peak < 25_000_000
    assert took < 5


def test_many_answers_at_once_each_get_their_own_words() -> None:
    texts = [f"Answer {'and so on ' * number}for you." for number in range(1, 7)]

    async def all_at_once(synthesizer: Synthesizer) -> list[SynthesizedMemo]:
        return list(await asyncio.gather(*(speak(synthesizer, text) for text in texts)))

    found = with_synthesizer(all_at_once)
    assert [result.spoken for result in found] == texts
    lengths = [result.memo.seconds for result in found]
    assert lengths == sorted(lengths)


def test_the_event_loop_stays_free_while_a_memo_is_made() -> None:
    async def watched(synthesizer: Synthesizer) -> tuple[float, SynthesizedMemo]:
        longest = 0.0
        result = asyncio.create_task(speak(synthesizer, LONG))
        last = time.perf_counter()
        while not result.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return longest, await result

    longest, result = with_synthesizer(watched, max_seconds=60.0)
    assert longest < 0.7 * max(result.timings.tidy, result.timings.encode)


def test_the_clip_key_changes_with_all_that_is_audible_and_nothing_else() -> None:
    async def keys(synthesizer: Synthesizer) -> list[str]:
        return [
            await clip_key(synthesizer, HELLO),
            await clip_key(synthesizer, "Goodbye"),
            await clip_key(synthesizer, HELLO, language="de"),
            await clip_key(synthesizer, HELLO, voice="en-gb"),
            await clip_key(synthesizer, HELLO, format="wav"),
        ]

    found = with_synthesizer(keys)
    assert len(set(found)) == len(found)
    found += with_synthesizer(keys, Espeak(words_per_minute=200))
    found += with_synthesizer(keys, max_seconds=10.0)
    assert len(set(found)) == len(found)

    async def same(synthesizer: Synthesizer) -> str:
        return await clip_key(synthesizer, "Hello, we are open today until half past six.")

    assert with_synthesizer(same) == found[0]


def test_the_clip_key_is_the_same_in_another_process() -> None:
    code = (
        "import asyncio; from app.settings import load_settings;"
        "from app.speech.synthesizer import Synthesizer;"
        "synthesizer = Synthesizer.from_settings(load_settings(voices=('espeak',)));"
        f"print(asyncio.run(synthesizer.prepare({HELLO!r})).clip_key)"
    )
    keys = {
        subprocess.check_output(
            [sys.executable, "-c", code],
            text=True,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    }
    assert len(keys) == 1


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

    assert run(main()) == {
        "gtts": None,
        "espeak": None,
        "openai": "MEMO_SPEECH_BASE_URL is not set",
        "elevenlabs": "ELEVENLABS_API_KEY is not set",
        "piper": "MEMO_PIPER_VOICE is not set",
        "command": "MEMO_VOICE_COMMAND is not set",
    }


def test_kanji_with_espeak_alone_is_no_memo() -> None:
    async def speak(synthesizer: Synthesizer) -> None:
        await synthesizer.synthesize(await synthesizer.prepare("本日は休業です。", language="ja"))

    with pytest.raises(NoVoice) as caught:
        with_synthesizer(speak, Espeak())
    assert [failure.kind for failure in caught.value.failures] == ["unreadable_script"]
    assert "han in ja" in str(caught.value)


def test_kanji_goes_to_the_engine_that_reads_them() -> None:
    able = Scripted("able", lambda _: Espeak().say(Utterance("We are closed today.", "en")))

    async def speak(synthesizer: Synthesizer) -> SynthesizedMemo:
        request = await synthesizer.prepare("本日は休業です。", language="ja")
        return await synthesizer.synthesize(request)

    assert with_synthesizer(speak, Espeak(), able).engine == "able"
    assert able.said[0].text == "本日は休業です。"


def test_kana_and_chinese_are_spoken_offline() -> None:
    async def speak(synthesizer: Synthesizer) -> list[str]:
        requests = [
            await synthesizer.prepare("こんにちは、またあした。", language="ja"),
            await synthesizer.prepare("你好，我们今天开门。", language="zh"),
        ]
        return [(await synthesizer.synthesize(request)).engine for request in requests]

    assert with_synthesizer(speak, Espeak()) == ["espeak", "espeak"]


def test_a_failure_to_read_does_not_open_the_breaker() -> None:
    reader = Scripted("reader", unreadable=frozenset({"han"}))

    async def speak(synthesizer: Synthesizer) -> str:
        request = await synthesizer.prepare("我们今天开门。", language="zh")
        for _ in range(5):
            with pytest.raises(NoVoice):
                await synthesizer.synthesize(request)
        request = await synthesizer.prepare("We are open today.", language="en")
        return (await synthesizer.synthesize(request)).engine

    assert with_synthesizer(speak, reader) == "reader"


def test_a_voice_is_given_the_spoken_form_and_the_rest_stays_as_written() -> None:
    reader = Scripted("reader")
    text = "It is $12.50. " + "We are open today. " * 12 + "Call +1 (555) 010-9999."

    async def speak(synthesizer: Synthesizer) -> SynthesizedMemo:
        return await synthesizer.synthesize(await synthesizer.prepare(text, language="en"))

    memo = with_synthesizer(speak, reader, max_seconds=8.0)
    assert reader.said[0].text.startswith("It is 12 dollars and 50 cents.")
    assert memo.spoken.startswith("It is $12.50.")
    assert memo.rest.endswith("Call +1 (555) 010-9999.")
