"""Messages that came in: stored once each, and claimed by the answer they get."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.linq.events import InboundMessage
from app.store.ledger import insert_once, open_answer
from app.store.tables import messages

MAX_COLLECTED = 50
"""Messages that one answer takes together at most."""

_payload = TypeAdapter(InboundMessage)


def accept(
    connection: sa.Connection,
    message: InboundMessage,
    *,
    ignore: str | None,
    enqueue: Callable[[sa.Connection, str, str], None],
) -> bool:
    """Store a received message and, unless there is a reason to ignore it, enqueue its answer.

    All in the one transaction of `connection`, so that a message is either stored with its
    workflow or not at all. Returns whether the message is new.
    """
    now = time.time()
    answer_id = None if ignore else f"answer:{message.message_id}"
    new = insert_once(
        connection,
        messages,
        {
            "message_id": message.message_id,
            "event_id": message.event_id,
            "chat_id": message.chat_id,
            "sender": message.sender,
            "service": message.service,
            "is_group": message.is_group,
            "sent_at": message.sent_at.timestamp() if message.sent_at else now,
            "received_at": now,
            "state": "ignored" if ignore else "waiting",
            "reason": ignore or "answer",
            "payload": None if ignore else _payload.dump_python(message, mode="json"),
        },
    )
    if new and answer_id:
        open_answer(connection, answer_id, message.chat_id, "inbound")
        enqueue(connection, answer_id, message.chat_id)
    return new


def claim(
    connection: sa.Connection, answer_id: str, chat_id: str, *, collect: bool
) -> list[InboundMessage]:
    """The messages this answer is about, in the order they were sent; the same on every call.

    An answer takes the oldest waiting message of its chat – or, with `collect`, all that wait –
    so that webhooks which arrive out of order are still answered in order. Empty if another
    answer of the chat took them.
    """
    if found := claimed(connection, answer_id):
        return found
    waiting = (
        sa.select(messages.c.message_id)
        .where(messages.c.chat_id == chat_id, messages.c.state == "waiting")
        .order_by(messages.c.sent_at, messages.c.received_at)
        .limit(MAX_COLLECTED if collect else 1)
    )
    changed = connection.execute(
        messages.update()
        .where(messages.c.message_id.in_(waiting))
        .values(answer_id=answer_id, state="answering")
    )
    return claimed(connection, answer_id) if changed.rowcount else []


def claimed(connection: sa.Connection, answer_id: str) -> list[InboundMessage]:
    """The messages that an answer has claimed and whose words are still kept."""
    rows = connection.execute(
        sa.select(messages.c.payload)
        .where(messages.c.answer_id == answer_id)
        .order_by(messages.c.sent_at, messages.c.received_at)
    )
    return [_payload.validate_python(row.payload) for row in rows if row.payload]


def save_transcripts(connection: sa.Connection, transcribed: Sequence[InboundMessage]) -> None:
    """Keep what voice memos say with the messages they came in, and no longer than these."""
    for message in transcribed:
        connection.execute(
            messages.update()
            .where(messages.c.message_id == message.message_id, messages.c.payload.is_not(None))
            .values(payload=_payload.dump_python(message, mode="json"))
        )


def newest_waiting(connection: sa.Connection, chat_id: str) -> float | None:
    """When the newest message of the chat that still waits was received, in Unix seconds."""
    return connection.execute(
        sa.select(sa.func.max(messages.c.received_at)).where(
            messages.c.chat_id == chat_id, messages.c.state == "waiting"
        )
    ).scalar()


def why_ignored(connection: sa.Connection, message_id: str) -> str | None:
    """The reason code of a message that was not ours to answer, else None."""
    return connection.execute(
        sa.select(messages.c.reason).where(
            messages.c.message_id == message_id, messages.c.state == "ignored"
        )
    ).scalar()
