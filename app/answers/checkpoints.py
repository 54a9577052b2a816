"""Checkpoints: the last finished step of an answer, from which a later run goes on.

A checkpoint is stored in the transaction of the step's own effects, with the answer. It holds no
words: those stand in columns of their own, from where they are erased.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import structlog
from pydantic import Discriminator, TypeAdapter, ValidationError

from app.policy import Form, Reason
from app.transcription import TranscriptionFailure

log = structlog.get_logger()


@dataclass(frozen=True)
class Transcribed:
    """The words of voice memos are with their messages; `failures` says why some have none."""

    failures: tuple[TranscriptionFailure, ...] = ()
    step: Literal["transcribed"] = "transcribed"


@dataclass(frozen=True)
class Composed:
    """It is known how to answer, not at all if `forms` is empty. The words are in the ledger."""

    forms: tuple[Form, ...] = ()
    reason: Reason = Reason.ANSWER
    is_turn: bool = False
    """Whether question and answer are part of the conversation, and not about the bot."""
    hand_over_seconds: float = 0.0
    hand_over: str = ""
    """Why a person shall see the chat (`HandOverReason`)."""
    step: Literal["composed"] = "composed"


@dataclass(frozen=True)
class PreparedMemo:
    """A memo that Linq can fetch or has been given. Durations in seconds.

    Exactly one of `attachment_id` (uploaded) and `filename` (published by us) is set.
    """

    engine: str
    language: str
    seconds: float
    bytes: int
    is_cut: bool
    """Words did not fit into it and stand in the ledger."""
    timings: dict[str, float] = field(default_factory=dict)
    attachment_id: str | None = None
    filename: str | None = None
    clip_key: str | None = None
    reused: bool = False

    @property
    def media_key(self) -> str:
        """What tells this memo from all others in a chat's history and in webhooks."""
        return self.attachment_id or (self.filename or "").partition(".")[0]


@dataclass(frozen=True)
class Synthesized:
    """The memo is ready to be sent, or was sent already: the attempts to send it tell."""

    composed: Composed
    memo: PreparedMemo
    step: Literal["synthesized"] = "synthesized"


Step = Transcribed | Composed | Synthesized


@dataclass(frozen=True)
class Checkpoint:
    """A finished step, and the number of the run that finished it."""

    run: int
    finished: Annotated[Step, Discriminator("step")]


_checkpoints: TypeAdapter[Checkpoint] = TypeAdapter(Checkpoint)


def dump_checkpoint(run: int, finished: Step) -> Any:
    """The checkpoint as JSON, for the store."""
    return _checkpoints.dump_python(Checkpoint(run, finished), mode="json")


def load_checkpoint(stored: Any, answer_id: str) -> Checkpoint | None:
    """The checkpoint that was stored; None if there is none, or none that this version knows.

    Its step is then taken again. That is safe at any step: what may have been sent is looked up
    before it is sent again.
    """
    if stored is None:
        return None
    try:
        return _checkpoints.validate_python(stored)
    except ValidationError as error:
        log.warning("checkpoint not known", answer=answer_id, errors=error.error_count())
        return None
