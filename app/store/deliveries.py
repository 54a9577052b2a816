"""Delivery receipts: what became of our messages once Linq had them, in any order."""

from __future__ import annotations

import time
from typing import Any, Literal

import sqlalchemy as sa

from app.linq.events import DeliveryUpdate
from app.store.ledger import insert_once
from app.store.prepared import prepared
from app.store.tables import answers, pending_receipts

# A later status never falls back to an earlier one, because webhooks are not in order.
# One that failed may be delivered after all (linq-python, `message_failed_webhook_event.py`).
_RANKS = {"queued": 0, "pending": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}

_MESSAGES = (("memo_message_id", "memo_status"), ("text_message_id", "text_status"))


def update_delivery(connection: sa.Connection, update: DeliveryUpdate) -> str | None:
    """Store a delivery receipt of one of our messages.

    Returns the id of the answer whose memo has thereby failed, else None.
    """
    _lock_message(connection, update.message_id)
    for (column, status), became in zip(_MESSAGES, (_became_memo, _became_text), strict=True):
        known = connection.execute(*became(update.message_id)).first()
        if known:
            changed = _advance(connection, known.answer_id, status, update.kind)
            failed_memo = update.kind == "failed" and column == "memo_message_id"
            return str(known.answer_id) if failed_memo and changed else None
    row = {"message_id": update.message_id, "status": update.kind, "at": time.time()}
    if not insert_once(connection, pending_receipts, row):
        connection.execute(
            pending_receipts.update()
            .where(
                pending_receipts.c.message_id == update.message_id,
                pending_receipts.c.status.in_(_before(update.kind)),
            )
            .values(status=update.kind)
        )
    return None


def recognise_text(connection: sa.Connection, update: DeliveryUpdate) -> None:
    """Of a text of ours that went out, by its idempotency key, store which message it became.

    So that it is known even where the process that posted it died before it heard.
    """
    answer_id, text, further = (update.idempotency_key or "").rpartition(":text")
    if not text or further:
        return
    new = sa.select(answers.c.answer_id).where(
        answers.c.answer_id == answer_id, answers.c.text_message_id.is_(None)
    )
    if connection.execute(new).first():
        attach(connection, answer_id, "text", update.message_id, "sent", None)


def attach(
    connection: sa.Connection,
    answer_id: str,
    kind: Literal["memo", "text"],
    message_id: str,
    status: str,
    service: str | None,
) -> str:
    """Store which message an answer became, with the receipts that came before.

    Returns its delivery status by now.
    """
    _lock_message(connection, message_id)
    known_id, known_status = f"{kind}_message_id", f"{kind}_status"
    known = connection.execute(*_messages_of(answer_id)).mappings().first()
    if known and known[known_id] == message_id:
        # Done before, by a commit that was never reported.
        return str(known[known_status] or status)
    early = connection.execute(*_pending(message_id)).first()
    if early and status in _before(early.status):
        status = early.status
    values = {known_id: message_id, known_status: status, "updated_at": time.time()}
    if service:
        values["service"] = service
    connection.execute(answers.update().where(answers.c.answer_id == answer_id).values(values))
    return status


def _lock_message(connection: sa.Connection, message_id: str) -> None:
    """Keep the other of `update_delivery` and `attach` out until this transaction ends.

    Neither sees what the other has not committed: a receipt that comes while the message is being
    attached would stay pending for ever. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(*_lock(message_id))


def _advance(connection: sa.Connection, answer_id: str, column: str, status: str) -> bool:
    advance = _advance_memo if column == "memo_status" else _advance_text
    changed = connection.execute(*advance(answer_id, _before(status), status, time.time()))
    return changed.rowcount > 0


@prepared
def _became_memo(message_id: Any) -> sa.Select[Any]:
    return sa.select(answers.c.answer_id).where(answers.c.memo_message_id == message_id)


@prepared
def _became_text(message_id: Any) -> sa.Select[Any]:
    return sa.select(answers.c.answer_id).where(answers.c.text_message_id == message_id)


@prepared
def _advance_memo(answer_id: Any, before: Any, status: Any, now: Any) -> sa.Update:
    return _advanced(answers.c.memo_status, answer_id, before, status, now)


@prepared
def _advance_text(answer_id: Any, before: Any, status: Any, now: Any) -> sa.Update:
    return _advanced(answers.c.text_status, answer_id, before, status, now)


def _advanced(
    column: sa.Column[Any], answer_id: Any, before: Any, status: Any, now: Any
) -> sa.Update:
    return (
        answers.update()
        .where(answers.c.answer_id == answer_id)
        .where(sa.or_(column.is_(None), column.in_(before)))
        .values({column: status, "updated_at": now})
    )


@prepared
def _messages_of(answer_id: Any) -> sa.Select[Any]:
    """The messages that an answer became, and their statuses."""
    columns = (answers.c[name] for pair in _MESSAGES for name in pair)
    return sa.select(*columns).where(answers.c.answer_id == answer_id)


@prepared
def _pending(message_id: Any) -> sa.UpdateBase:
    """Receipts that came before; they are taken."""
    return (
        pending_receipts.delete()
        .where(pending_receipts.c.message_id == message_id)
        .returning(pending_receipts.c.status)
    )


@prepared
def _lock(message_id: Any) -> sa.Select[Any]:
    key = sa.func.hashtextextended(message_id, 0)
    return sa.select(sa.func.pg_advisory_xact_lock(key))


def _before(status: str) -> list[str]:
    return [name for name, rank in _RANKS.items() if rank < _RANKS.get(status, 0)]
