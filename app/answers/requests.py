"""What people ask for: their words, and what of them is a command to the bot itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.answers.phrases import Phrase
from app.linq.events import InboundMessage
from app.policy import Form, reset_requested, switch_requested
from app.policy.wording import message_text


@dataclass(frozen=True)
class Request:
    """Several messages as one question. `text` is what to answer, "" if nothing is left."""

    text: str
    reset: bool = False
    """Whether what was said before is to be forgotten; `text` was said after that."""
    form: Form | None = None
    """The form that the person wants from now on, if they said so."""
    command: Phrase | None = None
    """By which to confirm the last of these two."""


def parse_request(
    messages: Sequence[InboundMessage],
    text_words: Iterable[str] = (),
    voice_words: Iterable[str] = (),
) -> Request:
    """Take the messages, a line each, and the commands among them, in the order of sending."""
    lines: list[str] = []
    reset = False
    form: Form | None = None
    command: Phrase | None = None
    for message in messages:
        text = message_text(message)
        if reset_requested(text):
            lines, reset, command = [], True, "reset"
        elif wanted := switch_requested(text, text_words, voice_words):
            form = command = wanted
        elif text:
            lines.append(text)
    return Request("\n".join(lines), reset, form, command)
