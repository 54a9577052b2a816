"""What people asked: their words, and what of them is meant for the bot itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.answers.phrases import Phrase
from app.linq.events import InboundMessage
from app.policy import Form, reset_requested, switch_requested
from app.policy.wording import visible

_OBJECT_REPLACEMENT = "\ufffc"
"""Stands in the text of an iMessage where an attachment is."""


@dataclass(frozen=True)
class Asked:
    """Several messages as one question. `text` is what to answer, "" if nothing is left."""

    text: str
    reset: bool = False
    """Whether what was said before is to be forgotten; `text` was said after that."""
    form: Form | None = None
    """The form that the person wants from now on, if they said so."""
    command: Phrase | None = None
    """By which to confirm the last of these two."""


def asked(
    messages: Sequence[InboundMessage],
    text_words: Iterable[str] = (),
    voice_words: Iterable[str] = (),
) -> Asked:
    """Take the messages, a line each, and the commands among them, in the order of sending."""
    lines: list[str] = []
    reset = False
    form: Form | None = None
    command: Phrase | None = None
    for message in messages:
        text = words(message)
        if reset_requested(text):
            lines, reset, command = [], True, "reset"
        elif wanted := switch_requested(text, text_words, voice_words):
            form = command = wanted
        elif text:
            lines.append(text)
    return Asked("\n".join(lines), reset, form, command)


def words(message: InboundMessage) -> str:
    """All that a message says, written or heard, one part a line."""
    said = (
        part.text.replace(_OBJECT_REPLACEMENT, " ").strip()
        for part in message.parts
        if part.kind in ("text", "link", "audio")
    )
    return "\n".join(text for text in said if visible(text))
