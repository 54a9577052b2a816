"""Reads what an answer has to know of its chat, in the transaction that begins it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast

import sqlalchemy as sa

from app.linq.events import InboundMessage
from app.policy import ChatContext, Exchange, Form, Reason
from app.responders.protocol import Turn
from app.store import conversations
from app.store import messages as messages_store
from app.store.ledger import UNINDEXED_STATE
from app.store.prepared import prepared
from app.store.tables import answers, messages

STOPS = (Reason.OPT_OUT, Reason.ASKED_TO_STOP)
_MOST_ANSWERS = 500
TYPING_SECONDS = 60.0
"""How long somebody counts as typing of whom nothing more is heard, as iMessage shows it."""
STOPPED_SECONDS = 1.0
"""After typing that ended without a message, nothing more is expected."""


def load(
    connection: sa.Connection,
    answer_id: str,
    claimed: Sequence[InboundMessage],
    history: Sequence[Turn],
    *,
    window_seconds: float,
    now: float,
) -> ChatContext:
    """The context in which the claimed messages are answered; there is at least one.

    history: the chat's last turns, oldest first. window_seconds: of the rate limit. now: Unix
    seconds.
    """
    message = claimed[-1]
    chat = conversations.chat(connection, message.chat_id)
    since = now - window_seconds
    in_chat = _moments(connection.execute(*_answered_in_chat(message.chat_id, since)))
    to_sender = (
        _moments(connection.execute(*_answered_to(message.sender, since))) if message.sender else ()
    )
    return ChatContext(
        preference=cast(Form | None, chat.reply_as),
        silent_until=_moment(chat.silent_until) if chat.silent_until else None,
        last_notice=_moment(chat.noticed_at) if chat.noticed_at else None,
        exchanges=_exchanges(history),
        answered_in_chat=in_chat,
        answered_to_sender=to_sender,
        stopped=stopped(connection, answer_id),
        zero_retention=chat.zero_retention,
    )


def stopped(connection: sa.Connection, answer_id: str) -> dict[str, Reason]:
    """Which messages of an answer their sender does not want answered any more, and why.

    Those after which the same person sent one, in the same chat, that was ignored because it asks
    to stop; after it by the time of sending, in whatever order they arrived.
    """
    rows = connection.execute(*_stopped(answer_id))
    return {row.message_id: Reason(row.reason) for row in rows}


def all_stopped(connection: sa.Connection, answer_id: str) -> Reason | None:
    """Why nobody wants this answer any more; None if somebody does, or it was not asked for."""
    gone = stopped(connection, answer_id)
    if not gone:
        return None
    about = sa.select(sa.func.count()).where(messages.c.answer_id == answer_id)
    if len(gone) < connection.execute(about).scalar_one():
        return None
    return min(gone.values())


@dataclass(frozen=True)
class Collecting:
    """What decides how long quick messages are collected. Times in Unix seconds."""

    newest: float
    """When the newest message that waits was received."""
    typing_at: float
    typed_until: float
    is_answered: bool
    """Likely so: nobody has taken the chat over, and nobody has asked to stop since."""

    def until(self, pause: float, now: float) -> float:
        """The moment to answer, `pause` seconds after the newest message: later while the person
        goes on typing, sooner when they have stopped without sending."""
        if self.typing_at <= self.newest:
            return self.newest + pause
        if self.typed_until < self.typing_at:
            return max(self.newest, min(now, self.typing_at + TYPING_SECONDS)) + pause
        return min(self.newest + pause, self.typed_until + STOPPED_SECONDS)


def collecting(connection: sa.Connection, chat_id: str, now: float) -> Collecting:
    newest = messages_store.newest_waiting(connection, chat_id)
    chat = conversations.chat(connection, chat_id)
    stop = messages.alias("stop")
    stopped_since = connection.execute(
        sa.select(stop.c.message_id)
        .where(stop.c.chat_id == chat_id, stop.c.reason.in_(STOPS))
        .where(
            stop.c.sent_at
            >= sa.select(sa.func.min(messages.c.sent_at))
            .where(messages.c.chat_id == chat_id, messages.c.state == "waiting")
            .scalar_subquery()
        )
        .limit(1)
    ).first()
    return Collecting(
        newest or 0.0,
        chat.typing_at,
        chat.typed_until,
        not stopped_since and chat.silent_until <= now,
    )


@prepared
def _stopped(answer_id: Any) -> sa.Select[Any]:
    stop = messages.alias("stop")
    return (
        sa.select(messages.c.message_id, sa.func.min(stop.c.reason).label("reason"))
        .join(
            stop,
            sa.and_(
                stop.c.sender == messages.c.sender,
                stop.c.chat_id == messages.c.chat_id,
                # What asks to stop is ignored: of a long chat only few messages are looked at.
                stop.c.state == "ignored",
                stop.c.sent_at >= messages.c.sent_at,
                stop.c.reason.in_(STOPS),
            ),
        )
        .where(messages.c.answer_id == answer_id, messages.c.sender != "")
        .group_by(messages.c.message_id)
    )


@prepared
def _answered_in_chat(chat_id: Any, since: Any) -> sa.Select[Any]:
    return _answered(answers.c.chat_id == chat_id, since)


@prepared
def _answered_to(sender: Any, since: Any) -> sa.Select[Any]:
    theirs = sa.select(messages.c.answer_id).where(
        messages.c.sender == sender, messages.c.received_at >= since
    )
    return _answered(answers.c.answer_id.in_(theirs), since)


def _answered(which: sa.ColumnElement[bool], since: Any) -> sa.Select[Any]:
    """When messages came that were answered; those answered together count once, notices not."""
    return (
        sa.select(answers.c.created_at)
        .where(which, answers.c.created_at >= since, answers.c.origin == "inbound")
        .where(UNINDEXED_STATE.in_(("sent", "uncertain")), answers.c.reason != Reason.LIMITED)
        .order_by(answers.c.created_at.desc())
        .limit(_MOST_ANSWERS)
    )


def _moments(rows: sa.CursorResult[Any]) -> tuple[datetime, ...]:
    return tuple(_moment(row.created_at) for row in rows)


def _exchanges(history: Sequence[Turn]) -> tuple[Exchange, ...]:
    """Question and answer pairs of a history, oldest first."""
    return tuple(
        Exchange(asked.text, asked.at, answered.text, answered.at)
        for asked, answered in pairwise(history)
        if asked.role == "user" and answered.role == "assistant"
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
