"""How an answer ends, and what is kept of it then."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.policy import Reason
from app.store import conversations, desk, transitions
from app.store.desk import HandOverPlan
from app.store.ledger import AnswerRecord, State
from app.store.transitions import Run

_LEAVE_THE_CHAT = (
    Reason.OPT_OUT,
    Reason.ASKED_TO_STOP,
    Reason.TAKEN_OVER,
    Reason.FORGOTTEN,
    Reason.LOOP,
)
WENT_OUT: tuple[State, ...] = ("sent", "uncertain")


@dataclass(frozen=True)
class ConversationUpdate:
    """What the chat has to know later. Times in Unix seconds."""

    sender: str | None = None
    question: str = ""
    asked_at: float = 0.0
    is_turn: bool = False
    """Whether question and answer are part of the conversation, and not about the bot."""
    hand_over: HandOverPlan | None = None


@dataclass(frozen=True)
class AnswerOutcome:
    """How an answer ended; `detail` is for an operator and holds no words of anybody."""

    state: State
    reason: Reason
    detail: str | None = None


def finish_answer(
    connection: sa.Connection,
    run: Run,
    chat_id: str,
    outcome: AnswerOutcome,
    update: ConversationUpdate | None,
    now: float,
) -> AnswerRecord:
    """End an answer: remember it, or erase every word of it where Linq keeps nothing either.

    All in one transaction, so that no word outlives an answer that is over.
    Raises: AnswerLost.
    """
    keep = not conversations.chat(connection, chat_id).zero_retention
    went_out = outcome.state in WENT_OUT
    done = transitions.finish(
        connection,
        run,
        outcome.state,
        outcome.reason,
        detail=outcome.detail[:500] if outcome.detail else None,
        # What was never sent is not kept as if it had been.
        keep_words=keep and outcome.state != "silent",
    )
    if update:
        noticed = outcome.reason == Reason.LIMITED and went_out
        conversations.update_after_answer(
            connection,
            chat_id,
            handle=update.sender,
            noticed_at=now if noticed else None,
        )
        if update.is_turn and keep:
            _remember(connection, done, update, now)
        if update.hand_over and outcome.reason not in _LEAVE_THE_CHAT:
            desk.hand_over(connection, chat_id, run.answer_id, update.hand_over, now=now)
    return done


def _remember(
    connection: sa.Connection, done: AnswerRecord, update: ConversationUpdate, now: float
) -> None:
    if update.question:
        conversations.remember(
            connection, done.chat_id, done.answer_id, "user", update.question, at=update.asked_at
        )
    if done.text and done.state in WENT_OUT:
        conversations.remember(
            connection, done.chat_id, done.answer_id, "assistant", done.text, at=now
        )
