"""Messages that came in: stored once each, and claimed by the answer they get."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from pydantic import TypeAdapter

from app.linq.events import InboundMessage
from app.store.ledger import insert_once, open_answer
from app.store.prepared import prepared
from app.store.sealing import SealBroken, Sealer
from app.store.tables import answers, messages

log = structlog.get_logger()

MAX_COLLECTED = 50
"""Messages that one answer takes together at most."""

_payload = TypeAdapter(InboundMessage)


def accept(
    connection: sa.Connection,
    message: InboundMessage,
    *,
    ignore: str | None,
    sealer: Sealer,
    enqueue: Callable[[sa.Connection, str, str], None],
) -> bool:
    """Store a received message and, unless there is a reason to ignore it, enqueue its answer.

    All in the one transaction of `connection`, so that a message is either stored with its
    workflow or not at all. sealer: for the words of zero-retention chats. Returns whether the
    message is new.
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
            "payload": None if ignore else _dump(message, sealer),
            "audio": None if ignore else _audio_ids(message),
        },
    )
    if new and answer_id:
        open_answer(connection, answer_id, message.chat_id, "inbound")
        enqueue(connection, answer_id, message.chat_id)
    return new


def claim(
    connection: sa.Connection, answer_id: str, chat_id: str, sealer: Sealer, *, collect: bool
) -> list[InboundMessage]:
    """The messages this answer is about, in the order they were sent; the same on every call.

    An answer takes the oldest waiting message of its chat – or, with `collect`, all that wait –
    so that webhooks which arrive out of order are still answered in order. Empty if another
    answer of the chat took them.
    """
    if found := claimed(connection, answer_id, sealer):
        return found
    most = MAX_COLLECTED if collect else 1
    changed = connection.execute(*_claim_waiting(answer_id, chat_id, most))
    return claimed(connection, answer_id, sealer) if changed.rowcount else []


def claimed(connection: sa.Connection, answer_id: str, sealer: Sealer) -> list[InboundMessage]:
    """The messages that an answer has claimed and whose words are still kept."""
    rows = connection.execute(*_claimed(answer_id))
    return [_load(row, sealer) for row in rows if row.payload]


def open_of(
    connection: sa.Connection, answer_id: str, chat_id: str, sealer: Sealer
) -> tuple[list[InboundMessage], list[InboundMessage]]:
    """What an answer has claimed by now, and what still waits in its chat; each in the order in
    which it was sent."""
    rows = connection.execute(*_open_of(answer_id, chat_id)).all()
    found = [(row.answer_id == answer_id, row) for row in rows if row.payload]
    own = [_load(row, sealer) for is_own, row in found if is_own]
    return own, [_load(row, sealer) for is_own, row in found if not is_own]


def claim_more(connection: sa.Connection, answer_id: str, message_ids: Sequence[str]) -> None:
    """Let an answer take these waiting messages, too."""
    connection.execute(
        messages.update()
        .where(messages.c.message_id.in_(message_ids), messages.c.state == "waiting")
        .values(answer_id=answer_id, state="answering")
    )


def save_transcripts(
    connection: sa.Connection, transcribed: Sequence[InboundMessage], sealer: Sealer
) -> None:
    """Keep what voice memos say with the messages they came in, and no longer than these."""
    for message in transcribed:
        connection.execute(
            messages.update()
            .where(messages.c.message_id == message.message_id, messages.c.payload.is_not(None))
            .values(payload=_dump(message, sealer))
        )


def words_of(row: sa.Row[Any]) -> InboundMessage | None:
    """The message of a row whose words are still kept, and not sealed; else None."""
    if not row.payload or row.payload.get("sealed"):
        return None
    return _payload.validate_python(row.payload)


def of_answers(answer_ids: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a message was taken by one of the answers, or waits for the one of its own."""
    own = [one.removeprefix("answer:") for one in answer_ids]
    waiting = messages.c.message_id.in_(own) & messages.c.answer_id.is_(None)
    return messages.c.answer_id.in_(answer_ids) | waiting


def newest_waiting(connection: sa.Connection, chat_id: str) -> float | None:
    """When the newest message of the chat that still waits was received, in Unix seconds."""
    return connection.execute(
        sa.select(sa.func.max(messages.c.received_at)).where(
            messages.c.chat_id == chat_id, messages.c.state == "waiting"
        )
    ).scalar()


def is_known_chat(connection: sa.Connection, chat_id: str) -> bool:
    """Whether anything has been answered in a chat, or is to be."""
    known = sa.select(answers.c.answer_id).where(answers.c.chat_id == chat_id).limit(1)
    return connection.execute(known).first() is not None


def why_ignored(connection: sa.Connection, message_id: str) -> str | None:
    """The reason code of a message that was not ours to answer, else None."""
    return connection.execute(
        sa.select(messages.c.reason).where(
            messages.c.message_id == message_id, messages.c.state == "ignored"
        )
    ).scalar()


@prepared
def _claim_waiting(answer_id: Any, chat_id: Any, most: Any) -> sa.Update:
    waiting = (
        sa.select(messages.c.message_id)
        .where(messages.c.chat_id == chat_id, messages.c.state == "waiting")
        .order_by(messages.c.sent_at, messages.c.received_at)
        .limit(most)
    )
    return (
        messages.update()
        .where(messages.c.message_id.in_(waiting))
        .values(answer_id=answer_id, state="answering")
    )


@prepared
def _claimed(answer_id: Any) -> sa.Select[Any]:
    return (
        sa.select(messages)
        .where(messages.c.answer_id == answer_id, messages.c.payload.is_not(None))
        .order_by(messages.c.sent_at, messages.c.received_at)
    )


@prepared
def _open_of(answer_id: Any, chat_id: Any) -> sa.Select[Any]:
    return (
        sa.select(messages)
        .where(
            sa.or_(
                messages.c.answer_id == answer_id,
                sa.and_(messages.c.chat_id == chat_id, messages.c.state == "waiting"),
            ),
            messages.c.payload.is_not(None),
        )
        .order_by(messages.c.sent_at, messages.c.received_at)
        .limit(2 * MAX_COLLECTED)
    )


def _dump(message: InboundMessage, sealer: Sealer) -> Any:
    if message.zero_retention:
        return {"sealed": sealer.seal(_payload.dump_json(message).decode())}
    return _payload.dump_python(message, mode="json")


def _audio_ids(message: InboundMessage) -> list[str] | None:
    """Of what may be kept beyond the answer; nothing of a zero-retention chat."""
    found = [part.attachment_id for part in message.audio if part.attachment_id]
    return None if message.zero_retention else found or None


def _load(row: sa.Row[Any], sealer: Sealer) -> InboundMessage:
    """The message as it was stored; without its words where they cannot be read any more."""
    sealed = row.payload.get("sealed")
    if not sealed:
        return _payload.validate_python(row.payload)
    try:
        return _payload.validate_json(sealer.open(sealed))
    except SealBroken as error:
        log.error("words of a message cannot be read", message=row.message_id, cause=str(error))
        return InboundMessage(
            row.event_id,
            row.message_id,
            row.chat_id,
            row.sender,
            (),
            is_group=row.is_group,
            service=row.service,
            zero_retention=True,
        )
