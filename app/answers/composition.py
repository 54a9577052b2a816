"""A composition: what an answer says, aloud and in writing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from app.answers.checkpoints import Composed
from app.answers.parting import parted
from app.audio import BREATHS, longest
from app.companion import Companion, companion_of, rest_notice
from app.policy import Form
from app.settings import CompanionMode, Settings
from app.speech.language import detect
from app.speech.request import FALLBACK_LANGUAGE


@dataclass(frozen=True)
class Composition:
    """What to say and how, and what the person asked of the bot itself."""

    step: Composed
    text: str = ""
    language: str | None = None
    """BCP 47; None lets the text tell."""
    voice: str | None = None
    responder_code: str | None = None
    reset: bool = False
    """Forget what was said in the chat before."""
    preference: Form | None = None
    """The form that the person wants from now on."""
    written: str = ""
    """What goes out in writing beside the memo, word for word."""
    spoken: str = ""
    """What the memo says where that is not `text`, which then holds all that is in `written`."""
    summary: str = ""
    """For whoever takes the chat over: one line of what it is about."""


@dataclass(frozen=True)
class Division:
    """How answers are divided into memo and text.

    companion: whether what the ear cannot keep is written. language: the configured one.
    max_seconds: of the longest memo.
    """

    companion: CompanionMode
    language: str | None
    max_seconds: float

    @classmethod
    def from_settings(cls, settings: Settings) -> Division:
        longest_memo = min(settings.max_seconds, longest(settings.format)) - BREATHS
        return cls(settings.companion, settings.language, longest_memo)

    async def of(self, composition: Composition) -> Composition:
        """The composition, with what goes out in writing where it is spoken.

        What the responder wants in writing wins over what is found. Where nothing is left to
        speak, the text alone is the answer.
        """
        spoken = "voice" in composition.step.forms and composition.text
        if not spoken or composition.written or composition.spoken:
            return composition
        return await asyncio.to_thread(self._divided, composition)

    def _divided(self, composition: Composition) -> Composition:
        text = composition.text
        head, rest = parted(text, self.max_seconds)
        if not rest and self.companion == "never":
            return composition
        language = composition.language or self.language or detect(text, FALLBACK_LANGUAGE)
        found = companion_of(head, language) if self.companion != "never" else Companion(head, "")
        if not (found.written or rest) and self.companion == "auto":
            return composition
        if not found.spoken:
            return replace(composition, step=replace(composition.step, forms=("text",)))
        notice = rest_notice(language) if rest else ""
        # The text of an answer in both forms says all of it already.
        both = "text" in composition.step.forms
        beside = text if self.companion == "always" else joined(found.written, rest)
        return replace(
            composition,
            spoken=joined(found.spoken, notice),
            written="" if both else beside,
            language=language,
        )


def joined(text: str, written: str) -> str:
    """Both as one text, in this order."""
    return "\n\n".join(filter(None, (text, written)))
