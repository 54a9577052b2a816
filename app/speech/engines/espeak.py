"""espeak-ng: the voice that always works. Offline, from a wheel, in the audio workers."""

from __future__ import annotations

import time
from dataclasses import dataclass

from app.audio.pcm import Pcm
from app.languages import normalized, primary_subtag
from app.speech.audio_jobs import LocalSpeech
from app.speech.engines.espeak_library import library
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.writing_systems import main_script

_WORDS_PER_MINUTE = 165

# Languages that espeak-ng knows by another name, or in a variety that fewer people speak.
_OTHER_NAMES = {"en": "en-us", "pt": "pt-br", "zh-hk": "yue", "iw": "he"}


class Espeak:
    """Engine over espeak-ng. A voice is a language and, behind a `+`, a variant: `en-gb+f3`."""

    name = "espeak"
    max_chars = 120
    deadline_seconds = 20.0
    max_concurrency = 1

    def __init__(self, words_per_minute: int = _WORDS_PER_MINUTE, *, speed: float = 1.0) -> None:
        """speed: times as fast as `words_per_minute`."""
        words_per_minute = round(words_per_minute * speed)
        self._speed = words_per_minute
        self.settings: tuple[str, ...] = (f"rate={words_per_minute}",)

    def unavailable_reason(self) -> str | None:
        try:
            library()
        except OSError as error:
            return str(error)
        return None

    def supports_voice(self, voice: str) -> bool:
        base, _, variant = voice.partition("+")
        if self.unavailable_reason() is not None or (base and _known(base) is None):
            return False
        return not variant or variant in library().variants

    def supports_language(self, language: str) -> bool:
        return _known(language) is not None

    def reads_script(self, script: str, language: str) -> bool:
        return script in readable_scripts(language)

    async def speak(self, utterance: Utterance) -> EspeakSpeech:
        return self._speech(utterance)

    async def aclose(self) -> None:
        pass

    def say(self, utterance: Utterance) -> Pcm:
        """The audio of `utterance`, made in this process. Raises: EngineError."""
        return self._speech(utterance).spoken()

    def _speech(self, utterance: Utterance) -> EspeakSpeech:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        language = utterance.language
        base, plus, variant = (utterance.voice or "").partition("+")
        same = primary_subtag(base) == primary_subtag(language)
        name = _known(base if base and same else language)
        if name is None:
            raise EngineError("unsupported_language", f"espeak-ng has no voice for {language!r}")
        return EspeakSpeech(
            utterance.text, name + plus + variant, self._speed, self.deadline_seconds
        )


@dataclass(frozen=True)
class EspeakSpeech(LocalSpeech):
    """`text` in one of espeak-ng's voice files."""

    text: str
    voice: str
    words_per_minute: int
    deadline_seconds: float

    def spoken(self) -> Pcm:
        until = time.monotonic() + self.deadline_seconds
        return library().speak(self.text, self.voice, self.words_per_minute, until)


def readable_scripts(language: str) -> frozenset[str]:
    """What espeak-ng reads in a text in `language`: its own writing, Latin and Greek letters.

    Han only in Chinese: everywhere else it says "Chinese letter" for each character.
    """
    return frozenset({main_script(language), "latin", "greek"})


def _known(language: str) -> str | None:
    """The voice file for `language`, or for the language it is a variety of."""
    tag = normalized(language)
    primary = tag.partition("-")[0]
    try:
        voices = library().voices
    except OSError:
        return None
    for name in (_OTHER_NAMES.get(tag), tag, _OTHER_NAMES.get(primary), primary):
        if name in voices:
            return voices[name]
    return None
