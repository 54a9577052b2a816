"""How an answer ends, and what is kept of it then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.policy import Reason
from app.store import conversations, ledger
from app.store.ledger import AnswerRecord, State

WENT_OUT: tuple[State, ...] = ("sent", "uncertain")


@dataclass(frozen=True)
class ConversationUpdate:
    """What the chat has to know later. Times in Unix seconds."""

    sender: str | None = None
    question: str = ""
    asked_at: float = 0.0
    is_turn: bool = False
    """Whether question and answer are part of the conversation, and not about the bot."""
    hand_over_seconds: float = 0.0


@dataclass(frozen=True)
class AnswerOutcome:
    """How an answer ended, and what ledger and chat shall know of it besides."""

    state: State
    reason: str
    detail: str | None = None
    noted: dict[str, Any] = field(default_factory=dict)
    memory: ConversationUpdate | None = None


def finish_answer(
    connection: sa.Connection, record: AnswerRecord, end: AnswerOutcome, now: float
) -> AnswerRecord:
    """End an answer: remember it, or erase every word of it where Linq keeps nothing either.

    All in one transaction, so that no word outlives an answer that is over.
    """
    chat = conversations.chat(connection, record.chat_id)
    done = ledger.finish(
        connection,
        record.answer_id,
        end.state,
        end.reason[:64],
        keep=not chat.zero_retention,
        detail=end.detail,
        **end.noted,
    )
    if end.memory:
        _note_chat(connection, record.chat_id, end, end.memory, now)
        if end.memory.is_turn and not chat.zero_retention:
            _remember(connection, done, end.memory, now)
    return done


def _note_chat(
    connection: sa.Connection,
    chat_id: str,
    end: AnswerOutcome,
    memory: ConversationUpdate,
    now: float,
) -> None:
    noted: dict[str, Any] = {}
    if memory.sender:
        noted["handle"] = memory.sender
    if memory.hand_over_seconds > 0:
        noted["silent_until"] = now + memory.hand_over_seconds
    if end.reason == Reason.LIMITED and end.state in WENT_OUT:
        noted["noticed_at"] = now
    if noted:
        conversations.note_chat(connection, chat_id, **noted)


def _remember(
    connection: sa.Connection, done: AnswerRecord, memory: ConversationUpdate, now: float
) -> None:
    if memory.question:
        conversations.remember(
            connection, done.chat_id, done.answer_id, "user", memory.question, at=memory.asked_at
        )
    if done.text and done.state in WENT_OUT:
        conversations.remember(
            connection, done.chat_id, done.answer_id, "assistant", done.text, at=now
        )
