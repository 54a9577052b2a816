"""The last turns of each chat, and what the chat has asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from app.store.access import reads
from app.store.ledger import insert_once
from app.store.tables import chats, turns


@dataclass(frozen=True)
class Turn:
    """One utterance of a conversation, spoken or written."""

    role: Literal["user", "assistant"]
    text: str
    at: datetime


@dataclass(frozen=True)
class Chat:
    """What is remembered of a chat besides its words. Times in Unix seconds."""

    chat_id: str
    handle: str | None = None
    reply_as: str | None = None
    """`voice` or `text` if the person asked for it."""
    silent_until: float = 0.0
    noticed_at: float = 0.0


@reads
def history(
    connection: sa.Connection, chat_id: str, *, turns_at_most: int = 20, before: str | None = None
) -> tuple[Turn, ...]:
    """The last turns of a chat, oldest first; without those of the answer `before`."""
    query = (
        sa.select(turns.c.role, turns.c.text, turns.c.at)
        .where(turns.c.chat_id == chat_id)
        .order_by(turns.c.at.desc(), turns.c.turn_id.desc())
        .limit(turns_at_most)
    )
    if before:
        query = query.where(turns.c.answer_id != before)
    rows = list(connection.execute(query))
    return tuple(
        Turn(row.role, row.text, datetime.fromtimestamp(row.at, UTC)) for row in reversed(rows)
    )


def remember(
    connection: sa.Connection,
    chat_id: str,
    answer_id: str,
    role: Literal["user", "assistant"],
    text: str,
) -> None:
    """Note a turn, once per answer and role however often it is told."""
    insert_once(
        connection,
        turns,
        {"chat_id": chat_id, "answer_id": answer_id, "role": role, "text": text, "at": time.time()},
    )


def reset(connection: sa.Connection, chat_id: str) -> None:
    """Forget what was said in a chat."""
    connection.execute(turns.delete().where(turns.c.chat_id == chat_id))


@reads
def chat(connection: sa.Connection, chat_id: str) -> Chat:
    row = connection.execute(sa.select(chats).where(chats.c.chat_id == chat_id)).first()
    if row is None:
        return Chat(chat_id)
    return Chat(chat_id, row.handle, row.reply_as, row.silent_until or 0.0, row.noticed_at or 0.0)


def note_chat(connection: sa.Connection, /, chat_id: str, **values: Any) -> None:
    """Set columns of a chat, which is made if it is new."""
    now = time.time()
    if not insert_once(connection, chats, {"chat_id": chat_id, "updated_at": now, **values}):
        connection.execute(
            chats.update().where(chats.c.chat_id == chat_id).values(updated_at=now, **values)
        )
