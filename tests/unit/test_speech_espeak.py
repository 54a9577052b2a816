"""The espeak engine: the voice that must always work."""

from __future__ import annotations

import array
import importlib.util
import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.audio import Pcm, silent
from app.speech.engines.espeak import Espeak
from app.speech.engines.espeak_library import library
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError

HELLO = "Hello, we are open today until half past six."


def say(text: str, language: str = "en", voice: str | None = None) -> Pcm:
    return Espeak().say(Utterance(text, language, voice))


def test_speaks_at_the_pace_of_speech() -> None:
    sound = say(HELLO)
    assert sound.sample_rate == 22_050
    assert 2 < sound.seconds < 5
    assert not silent(sound)


@pytest.mark.parametrize("language", sorted(library().voices))
def test_every_language_it_claims_can_be_spoken(language: str) -> None:
    assert Espeak().supports_language(language)
    assert say("Salut 123 Салам ᎣᏏᏲ", language).seconds > 0.2


@pytest.mark.parametrize("language", ["en-US", "en_GB", "zh-Hant", "pt-BR", "fr-CA", "iw", "nb-NO"])
def test_tags_as_others_write_them_are_understood(language: str) -> None:
    assert Espeak().supports_language(language)


def test_a_language_it_lacks_is_refused() -> None:
    assert not Espeak().supports_language("tlh-x-none")
    with pytest.raises(EngineError) as caught:
        say(HELLO, "xx")
    assert caught.value.kind == "unsupported_language"


def test_voices_differ_and_unknown_ones_are_not_taken() -> None:
    assert _brightness(say(HELLO, voice="+f3")) > 1.1 * _brightness(say(HELLO))
    assert Espeak().supports_voice("en-gb+f3")
    for unknown in ("alloy", "en+nobody", "en+../../voices/!v/f3"):
        assert not Espeak().supports_voice(unknown)


def test_a_voice_does_not_read_other_languages() -> None:
    numbers = "777 777 777"  # a fifth longer in German
    alone = say(numbers, "de").seconds
    assert say(numbers, "de", voice="en-gb+m3").seconds == pytest.approx(alone, rel=0.05)
    assert say(numbers, "en").seconds != pytest.approx(alone, rel=0.1)


def test_many_threads_get_the_sound_of_their_own_words() -> None:
    texts = [f"This is caller {'one and ' * number} only." for number in range(12)]
    alone = [say(text).seconds for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = [sound.seconds for sound in pool.map(say, texts)]
    assert together == pytest.approx(alone, rel=0.02)  # the voice itself wavers a little


def test_control_characters_do_not_cut_the_text() -> None:
    assert say("Hello\0 we are open today.").seconds > say("Hello").seconds * 1.5


def test_a_text_that_takes_too_long_is_given_up() -> None:
    engine = Espeak()
    engine.deadline_seconds = 0.0
    with pytest.raises(EngineError) as caught:
        engine.say(Utterance(HELLO * 20, "en"))
    assert caught.value.kind == "timeout"


def test_speaks_from_a_very_long_path(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("espeakng_loader")
    assert spec
    assert spec.submodule_search_locations
    folder = tmp_path / ("a-long-name-" * 10) / ("another-long-name-" * 10)
    folder.mkdir(parents=True)
    (folder / "espeakng_loader").symlink_to(spec.submodule_search_locations[0])
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "import espeakng_loader; assert len(espeakng_loader.get_data_path()) > 300\n"
        "from app.speech.engines.espeak import Espeak\n"
        "from app.speech.engines.protocol import Utterance\n"
        f"print(len(Espeak().say(Utterance({HELLO!r}, 'en')).samples))"
    )
    said = subprocess.check_output([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    assert int(said) == pytest.approx(len(say(HELLO).samples), rel=0.02)


def _brightness(sound: Pcm) -> float:
    """Zero crossings a second."""
    wave = array.array("h", sound.samples)
    return sum((a < 0) != (b < 0) for a, b in itertools.pairwise(wave)) / sound.seconds
