"""What every responder is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, get_args

HandOverReason = Literal["asked", "not_known", "unsure", "complaint", "urgent", "other"]
HAND_OVER_REASONS: tuple[HandOverReason, ...] = get_args(HandOverReason)
MAX_SUMMARY_CHARACTERS = 200


@dataclass(frozen=True)
class Turn:
    """One utterance of a conversation, spoken or written."""

    role: Literal["user", "assistant"]
    text: str
    at: datetime


@dataclass(frozen=True)
class Image:
    """A picture that the person sent."""

    media_type: str
    """Such as `image/jpeg`."""
    data: bytes


Draft = Callable[[str], None]
"""Takes all of an answer that is written so far (markdown allowed), again and again. Its whole
sentences are spoken ahead; what the answer says in the end is decided by the answer alone."""


@dataclass(frozen=True)
class Question:
    """What a person said. Several quick messages arrive as one question, a line each."""

    text: str
    chat_id: str
    message_id: str
    sender: str
    received_at: datetime
    history: tuple[Turn, ...] = ()
    """Earlier turns of the chat, oldest first; without this question."""
    language: str | None = None
    """BCP 47 language of the question where it is known, e.g. `en` or `pt-BR`."""
    spoken: bool = False
    """Whether it came as a voice memo."""
    service: str = "iMessage"
    is_group: bool = False
    sender_name: str = ""
    """What the person is called, where that is known; of use in groups."""
    reply_to: str = ""
    """The words of the earlier message that this one replies to, where it does."""
    images: tuple[Image, ...] = ()
    draft: Draft | None = field(default=None, repr=False, compare=False)
    """Where it is given, a responder that writes bit by bit may show it what it has so far."""


@dataclass(frozen=True)
class HandOver:
    """A wish that a person goes on with the chat, for whoever that is."""

    reason: HandOverReason
    summary: str = ""
    """One line of what it is about. It may hold the person's words: never log it."""


@dataclass(frozen=True)
class Answer:
    """What to say back. `silent` says nothing at all; `text` may hold markdown, cleaned later."""

    text: str = ""
    language: str | None = None
    voice: str | None = None
    silent: bool = False
    reason: str = ""
    """A short code for log and ledger, e.g. `rule:opening-hours` or `echo`."""
    hand_over_seconds: float = 0.0
    """Stay silent in this chat for so long after this answer, because a person takes over."""
    written: str = ""
    """What goes out in writing beside the memo, word for word, such as a link."""
    spoken: str = ""
    """What the memo says where that is not `text`, such as a summary; `text` then goes out whole in
    writing beside it."""
    hand_over: HandOver | None = None
    """That a person shall see this chat; how long to stay silent is `hand_over_seconds`."""


def one_line(text: str) -> str:
    """The beginning of a text on one line, as a summary for whoever takes over."""
    return " ".join(text.split())[:MAX_SUMMARY_CHARACTERS]


NOT_MINE = Answer(silent=True, reason="not-mine")
"""What a responder gives back that leaves the question to the next one of a chain."""


class ResponderError(Exception):
    """The responder cannot answer now.

    The message is the cause for the log; it never holds what was said, nor a key.
    `apology` is said to the person instead, if there is one, in `language`.
    `reason` is a short code for log, ledger and metric: `deadline`, `nothing`, `unreachable`,
    `refused`, `bad-answer` or `raised`.
    """

    def __init__(
        self,
        message: str,
        *,
        apology: str = "",
        language: str | None = None,
        reason: str = "raised",
    ) -> None:
        super().__init__(message)
        self.apology = apology
        self.language = language
        self.reason = reason


class Finder(Protocol):
    """Answers what it is sure of, and leaves the rest to others: a link of a chain."""

    async def find(self, question: Question) -> Answer | None:
        """None where the question is not for this one. Raises: ResponderError."""
        ...

    async def aclose(self) -> None: ...


class Responder(Protocol):
    """Works out what to say. Built once, used by many answers at the same time."""

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when there is no answer to be had."""
        ...

    async def aclose(self) -> None: ...
