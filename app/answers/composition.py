"""A composition: what an answer says, aloud and in writing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from app.answers.checkpoints import Composed
from app.companion import companion_of
from app.policy import Form
from app.settings import CompanionMode
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


async def with_companion(
    composition: Composition, mode: CompanionMode, language: str | None
) -> Composition:
    """Divide an answer that is spoken into what the ear can keep, and what goes out in writing.

    What the responder wants in writing wins over what is found. Where nothing is left to speak,
    the text alone is the answer. language: the configured one; detected where there is none.
    """
    forms = composition.step.forms
    if mode == "never" or "voice" not in forms or not composition.text or composition.written:
        return composition
    return await asyncio.to_thread(_with_companion, composition, mode, language)


def _with_companion(
    composition: Composition, mode: CompanionMode, language: str | None
) -> Composition:
    text = composition.text
    language = composition.language or language or detect(text, FALLBACK_LANGUAGE)
    found = companion_of(text, language)
    if not found.written and mode == "auto":
        return composition
    if not found.spoken:
        return replace(composition, step=replace(composition.step, forms=("text",)))
    # The text of an answer in both forms says all of it already.
    both = "text" in composition.step.forms
    written = "" if both else text if mode == "always" else found.written
    return replace(composition, spoken=found.spoken, written=written, language=language)
