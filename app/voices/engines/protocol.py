"""What every voice engine offers."""

from __future__ import annotations

from typing import Protocol

from app.audio import Pcm


class Engine(Protocol):
    """Speaks pieces of plain text.

    `name` as in `MEMO_VOICES`; `piece` the most characters it takes at a time; `deadline` the
    seconds it has for a piece; `side_by_side` the pieces it works on at once; `settings` all that
    decides how it sounds beside the words, the language and the voice.
    """

    name: str
    piece: int
    deadline: float
    side_by_side: int
    settings: tuple[str, ...]

    def problem(self) -> str | None:
        """Why it cannot be used here, in words for the operator; None when it can."""

    def speaks(self, language: str) -> bool:
        """Whether it has a voice for `language` (BCP 47)."""

    async def speak(self, text: str, *, language: str, voice: str | None) -> Pcm:
        """The sound of `text`. Raises: EngineError."""

    async def aclose(self) -> None: ...
