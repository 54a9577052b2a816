"""What became of our messages once Linq had them, as its webhooks tell, in any order."""

from __future__ import annotations

import time
from typing import Any, Literal

import sqlalchemy as sa

from app.linq.events import DeliveryUpdate
from app.store.ledger import insert_once, note
from app.store.tables import answers, news

# Later news of a message never falls back to earlier news, because webhooks are not in order.
# One that failed may be delivered after all (linq-python, `message_failed_webhook_event.py`).
_NEWS = {"queued": 0, "pending": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}

_MESSAGES = (("memo_message_id", "memo_status"), ("text_message_id", "text_status"))


def update_delivery(connection: sa.Connection, update: DeliveryUpdate) -> str | None:
    """Take news of one of our messages into the ledger.

    Returns the id of the answer whose memo has thereby failed, else None.
    """
    _lock_message(connection, update.message_id)
    for column, status in _MESSAGES:
        known = connection.execute(
            sa.select(answers.c.answer_id).where(answers.c[column] == update.message_id)
        ).first()
        if known:
            is_news = _advance(connection, known.answer_id, status, update.kind)
            failed_memo = update.kind == "failed" and column == "memo_message_id"
            return str(known.answer_id) if failed_memo and is_news else None
    row = {"message_id": update.message_id, "status": update.kind, "at": time.time()}
    if not insert_once(connection, news, row):
        connection.execute(
            news.update()
            .where(news.c.message_id == update.message_id, news.c.status.in_(_before(update.kind)))
            .values(status=update.kind)
        )
    return None


def attach(
    connection: sa.Connection,
    answer_id: str,
    kind: Literal["memo", "text"],
    message_id: str,
    status: str,
    service: str | None,
) -> str:
    """Note which message an answer became, and what was heard of it already.

    Returns its status by now.
    """
    _lock_message(connection, message_id)
    heard = connection.execute(
        news.delete().where(news.c.message_id == message_id).returning(news.c.status)
    ).first()
    if heard and status in _before(heard.status):
        status = heard.status
    known: dict[str, Any] = {f"{kind}_message_id": message_id, f"{kind}_status": status}
    if service:
        known["service"] = service
    note(connection, answer_id, **known)
    return status


def _lock_message(connection: sa.Connection, message_id: str) -> None:
    """Keep the other of `update_delivery` and `attach` out until this transaction ends.

    Neither sees what the other has not committed: news that come while the message is attached
    would lie there unread. SQLite's writers take turns anyway.
    """
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended(message_id, 0)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _advance(connection: sa.Connection, answer_id: str, column: str, status: str) -> bool:
    changed = connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id)
        .where(sa.or_(answers.c[column].is_(None), answers.c[column].in_(_before(status))))
        .values({column: status, "updated_at": time.time()})
    )
    return changed.rowcount > 0


def _before(status: str) -> list[str]:
    return [name for name, rank in _NEWS.items() if rank < _NEWS.get(status, 0)]
