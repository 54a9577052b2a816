"""Sound: joining, trimming and levelling, as one hears it."""

from __future__ import annotations

import array
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audio import TARGET_LUFS, TRUE_PEAK_CEILING, NotAudio, Pcm, decode, encode, loudness, tidy
from app.audio.memo import BREATH_AFTER, BREATH_BEFORE
from tests.integration.speech_server import speech

CORPUS = {
    "en": "Good morning! We are open today from nine until half past six.",
    "de": "Guten Morgen! Wir haben heute von neun bis halb sieben geöffnet.",
    "fr": "Bonjour ! Nous sommes ouverts aujourd'hui de neuf heures à dix-huit heures trente.",
    "es": "¡Buenos días! Hoy abrimos de nueve a seis y media.",
    "it": "Buongiorno! Oggi siamo aperti dalle nove alle sei e mezza.",
    "pt": "Bom dia! Hoje estamos abertos das nove às seis e meia.",
    "ru": "Доброе утро! Сегодня мы открыты с девяти до половины седьмого.",
    "ar": "صباح الخير! نحن مفتوحون اليوم من التاسعة حتى السادسة والنصف.",
    "hi": "सुप्रभात! आज हम नौ बजे से साढ़े छह बजे तक खुले हैं।",
    "ja": "おはようございます。ほんじつはくじからろくじはんまであいています。",
    "zh": "早上好！我们今天从九点营业到六点半。",
    "tr": "Günaydın! Bugün dokuzdan altı buçuğa kadar açığız.",
}
SHORT = ("Yes.", "No!", "OK, done.", "Hello there.")


def tone(seconds: float, volume: float = 0.3, hertz: float = 300.0, rate: int = 24_000) -> Pcm:
    wave = (volume * math.sin(2 * math.pi * hertz * n / rate) for n in range(int(seconds * rate)))
    return Pcm(array.array("h", (round(32767 * value) for value in wave)).tobytes(), rate)


def silence(seconds: float) -> bytes:
    return bytes(int(24_000 * seconds) * 2)


@pytest.mark.parametrize("language", CORPUS)
def test_every_language_comes_out_level_and_unclipped(language: str) -> None:
    memo = encode(tidy([speech(CORPUS[language], language)]))
    measured = loudness(decode(memo.data))
    assert measured.integrated == pytest.approx(TARGET_LUFS, abs=1.5)
    assert memo.loudness == pytest.approx(measured.integrated, abs=0.3)
    assert measured.true_peak <= TRUE_PEAK_CEILING


@pytest.mark.parametrize("text", SHORT)
def test_short_answers_come_out_level_too(text: str) -> None:
    measured = loudness(decode(encode(tidy([speech(text)])).data))
    assert measured.integrated == pytest.approx(TARGET_LUFS, abs=1.5)
    assert measured.true_peak <= TRUE_PEAK_CEILING


@settings(max_examples=30, deadline=None)
@given(
    volume=st.floats(0.02, 1.0),
    hertz=st.floats(90, 3_000),
    seconds=st.floats(0.2, 4.0),
    rate=st.sampled_from((8_000, 16_000, 22_050, 24_000, 44_100)),
)
def test_quiet_or_loud_sounds_come_out_level(
    volume: float, hertz: float, seconds: float, rate: int
) -> None:
    measured = loudness(tidy([tone(seconds, volume, hertz, rate)]))
    assert measured.integrated == pytest.approx(TARGET_LUFS, abs=1.5)
    assert measured.true_peak <= TRUE_PEAK_CEILING


def test_silence_at_both_ends_becomes_a_breath() -> None:
    padded = Pcm(silence(2) + tone(1).samples + silence(3), 24_000)
    tidied = tidy([padded])
    assert tidied.seconds == pytest.approx(1 + (BREATH_BEFORE + BREATH_AFTER) / 1000, abs=0.1)
    before = len(silence(BREATH_BEFORE / 1000))
    assert not any(tidied.samples[: before - 2_000])
    assert not any(tidied.samples[-len(silence(BREATH_AFTER / 1000)) + 2_000 :])


def test_chunks_are_joined_in_order_with_their_pauses() -> None:
    low, high = tone(1, hertz=200), tone(2, hertz=800, rate=22_050)
    tidied = tidy([low, Pcm(silence(1), 24_000), high], [500, 300])
    breaths = (BREATH_BEFORE + BREATH_AFTER) / 1000
    assert tidied.seconds == pytest.approx(3 + 0.3 + breaths, abs=0.1)
    assert _crossings(tidied, 0.3, 1.0) == pytest.approx(2 * 200 * 0.7, rel=0.1)
    assert _crossings(tidied, 2.0, 3.0) == pytest.approx(2 * 800, rel=0.1)


def test_voices_of_different_loudness_are_brought_together() -> None:
    tidied = tidy([tone(1, 0.05), tone(1, 0.1)], [0])
    half = len(tidied.samples) // 4 * 2
    first = loudness(Pcm(tidied.samples[:half], 24_000)).integrated
    second = loudness(Pcm(tidied.samples[half:], 24_000)).integrated
    assert abs(first - second) < 2.5


@pytest.mark.parametrize("chunks", [[], [Pcm(b"", 24_000)], [Pcm(silence(1), 24_000)] * 2])
def test_silence_is_not_made_a_memo(chunks: list[Pcm]) -> None:
    with pytest.raises(NotAudio):
        tidy(chunks)


def _crossings(pcm: Pcm, start: float, end: float) -> int:
    wave = array.array("h", pcm.samples)[int(start * 24_000) : int(end * 24_000)]
    return sum((a < 0) != (b < 0) for a, b in itertools.pairwise(wave))
