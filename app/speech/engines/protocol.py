"""What every voice engine offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.audio import Pcm


@dataclass(frozen=True)
class Utterance:
    """What an engine says in one go: plain text in one language (BCP 47).

    `voice` is a name of the engine's own, or None for its choice.
    """

    text: str
    language: str
    voice: str | None = None


class Engine(Protocol):
    """Speaks pieces of plain text.

    `name` as in `MEMO_VOICES`; `max_chars` the most characters it takes at a time; `deadline` the
    seconds it has for a piece; `max_concurrency` the pieces it works on at once; `settings` all
    that decides how it sounds beside the words, the language and the voice.
    """

    name: str
    max_chars: int
    deadline: float
    max_concurrency: int
    settings: tuple[str, ...]

    def unavailable_reason(self) -> str | None:
        """Why it cannot be used here, in words for the operator; None when it can."""

    def supports_voice(self, voice: str, /) -> bool:
        """Whether `voice` is a name it may know."""

    def supports_language(self, language: str, /) -> bool:
        """Whether it has a voice for `language` (BCP 47)."""

    async def speak(self, utterance: Utterance, /) -> Pcm:
        """The sound of `utterance`. Raises: EngineError, AudioError."""

    async def aclose(self) -> None: ...
