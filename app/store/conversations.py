"""The last turns of each chat, and what the chat has asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from app.responders.protocol import Turn
from app.store.ledger import UNINDEXED_STATE, insert_once
from app.store.prepared import prepared
from app.store.tables import answers, chats, messages, turns

HISTORY_TURNS = 20
HISTORY_CHARACTERS = 12_000
KEPT_TURNS = 40
"""Turns remembered of a chat at most; what is older is erased with the next one."""


@dataclass(frozen=True)
class Chat:
    """What is remembered of a chat besides its words. Times in Unix seconds."""

    chat_id: str
    handle: str | None = None
    reply_as: str | None = None
    """`voice` or `text` if the person asked for it."""
    silent_until: float = 0.0
    noticed_at: float = 0.0
    """When the chat was last told that it had sent too many messages."""
    zero_retention: bool = False
    """Linq keeps nothing of this chat, and neither does the bot once an answer is over."""
    typing_at: float = 0.0
    """When somebody of the chat began to type last."""
    typed_until: float = 0.0
    """When they stopped last."""


def history(
    connection: sa.Connection, chat_id: str, *, before: str | None = None
) -> tuple[Turn, ...]:
    """The turns of a chat since it was last handed to a person, oldest first; without those of
    the answer `before`."""
    found = [
        Turn(row.role, row.text, datetime.fromtimestamp(row.at, UTC))
        for row in connection.execute(*_history(chat_id, before or ""))
    ]
    return tuple(reversed(found))


def latest(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The last turns, as responders get them: as many whole ones as fit into both bounds."""
    kept: list[Turn] = []
    left = HISTORY_CHARACTERS
    for turn in reversed(history[-HISTORY_TURNS:]):
        left -= len(turn.text)
        if left < 0:
            break
        kept.append(turn)
    return tuple(reversed(kept))


def remember(
    connection: sa.Connection,
    chat_id: str,
    answer_id: str,
    role: Literal["user", "assistant"],
    text: str,
    *,
    at: float | None = None,
) -> None:
    """Store a turn, once per answer and role however often it is told.

    at: when it was said, in Unix seconds; now if it is not given.
    """
    insert_once(
        connection,
        turns,
        {
            "chat_id": chat_id,
            "answer_id": answer_id,
            "role": role,
            "text": text,
            "at": time.time() if at is None else at,
        },
    )
    connection.execute(*_forgotten(chat_id))


def reset(connection: sa.Connection, chat_id: str) -> None:
    """Forget what was said in a chat."""
    connection.execute(turns.delete().where(turns.c.chat_id == chat_id))


def chat(connection: sa.Connection, chat_id: str) -> Chat:
    row = connection.execute(*chat_row(chat_id)).first()
    if row is None:
        return Chat(chat_id)
    return Chat(
        chat_id,
        row.handle,
        row.reply_as,
        row.silent_until or 0.0,
        row.noticed_at or 0.0,
        bool(row.zero_retention),
        row.typing_at or 0.0,
        row.typed_until or 0.0,
    )


def language(connection: sa.Connection, chat_id: str) -> str | None:
    """The language in which the chat was last answered (BCP 47); None if it is not known."""
    return connection.execute(*_language(chat_id)).scalar()


def keep_nothing(connection: sa.Connection, chat_id: str, *, zero_retention: bool) -> None:
    """Store whether Linq keeps nothing of a chat. Of one that is new to that, all turns go, and
    the ids of its voice memos."""
    if chat(connection, chat_id).zero_retention == zero_retention:
        return
    update_chat(connection, chat_id, zero_retention=zero_retention)
    if zero_retention:
        reset(connection, chat_id)
        connection.execute(
            messages.update()
            .where(messages.c.chat_id == chat_id, messages.c.audio.is_not(None))
            .values(audio=None)
        )


def set_typing(connection: sa.Connection, chat_id: str, *, is_typing: bool, now: float) -> None:
    """Store that somebody began or stopped to type. now: Unix seconds."""
    update_chat(connection, chat_id, **{"typing_at" if is_typing else "typed_until": now})


def set_preference(connection: sa.Connection, chat_id: str, form: str, handle: str | None) -> None:
    """Store the form that a person asked for. handle: theirs, by which it is forgotten."""
    update_chat(connection, chat_id, reply_as=form, **({"handle": handle} if handle else {}))


def update_after_answer(
    connection: sa.Connection,
    chat_id: str,
    *,
    handle: str | None,
    noticed_at: float | None,
) -> None:
    """Store what an answer changed in its chat; None leaves a value as it is. Unix seconds."""
    values = {"handle": handle, "noticed_at": noticed_at}
    if known := {name: value for name, value in values.items() if value}:
        update_chat(connection, chat_id, **known)


def update_chat(connection: sa.Connection, chat_id: str, **values: Any) -> None:
    """Set columns of a chat, which is made if it is new."""
    now = time.time()
    if not insert_once(connection, chats, {"chat_id": chat_id, "updated_at": now, **values}):
        connection.execute(
            chats.update().where(chats.c.chat_id == chat_id).values(updated_at=now, **values)
        )


@prepared
def chat_row(chat_id: Any) -> sa.Select[Any]:
    """All columns of a chat."""
    return sa.select(chats).where(chats.c.chat_id == chat_id)


@prepared
def _history(chat_id: Any, before: Any) -> sa.Select[Any]:
    begins = sa.select(chats.c.history_from).where(chats.c.chat_id == chat_id).scalar_subquery()
    return (
        sa.select(turns.c.role, turns.c.text, turns.c.at)
        .where(turns.c.chat_id == chat_id, turns.c.at > sa.func.coalesce(begins, 0.0))
        .where(turns.c.answer_id != before)
        .order_by(turns.c.turn_id.desc())
        .limit(KEPT_TURNS)
    )


@prepared
def _forgotten(chat_id: Any) -> sa.Delete:
    """Of the turns of a chat all but the last KEPT_TURNS."""
    oldest_kept = (
        sa.select(turns.c.turn_id)
        .where(turns.c.chat_id == chat_id)
        .order_by(turns.c.turn_id.desc())
        .offset(KEPT_TURNS - 1)
        .limit(1)
        .scalar_subquery()
    )
    return turns.delete().where(turns.c.chat_id == chat_id, turns.c.turn_id < oldest_kept)


@prepared
def _language(chat_id: Any) -> sa.Select[Any]:
    return (
        sa.select(answers.c.language)
        .where(answers.c.chat_id == chat_id, answers.c.language.is_not(None))
        .where(UNINDEXED_STATE == "sent")
        .order_by(answers.c.created_at.desc())
        .limit(1)
    )
