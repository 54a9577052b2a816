"""The interface of voice engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.audio.pcm import Pcm
from app.speech.audio_jobs import EncodedAudio, LocalSpeech

SpokenAudio = EncodedAudio | LocalSpeech | Pcm
"""A file as a service sent it, a recipe for an audio worker, or mono samples."""


@dataclass(frozen=True)
class Utterance:
    """What an engine speaks in one request: plain text in one language (BCP 47).

    `voice` is a name that the engine defines, or None for its default.
    """

    text: str
    language: str
    voice: str | None = None


class Engine(Protocol):
    """Speaks plain text in requests of limited length.

    `name` as in `MEMO_VOICES`; `max_chars` the most characters of a request; `deadline_seconds`
    the time for one request; `max_concurrency` the requests it works on at once; `settings` all
    that decides how it sounds besides the words, the language and the voice.
    """

    name: str
    max_chars: int
    deadline_seconds: float
    max_concurrency: int
    settings: tuple[str, ...]

    def unavailable_reason(self) -> str | None:
        """Why it cannot be used here, in words for the operator; None when it can."""

    def supports_voice(self, voice: str, /) -> bool:
        """Whether `voice` may be one of its voices."""

    def supports_language(self, language: str, /) -> bool:
        """Whether it has a voice for `language` (BCP 47)."""

    def reads_script(self, script: str, language: str, /) -> bool:
        """Whether it can read letters of `script`, a name of `app/speech/writing_systems.py`, in a
        text in `language`. What it cannot read goes to the next engine, and at last out as text."""

    async def speak(self, utterance: Utterance, /) -> SpokenAudio:
        """The audio of `utterance`. Raises: EngineError."""

    async def aclose(self) -> None: ...
