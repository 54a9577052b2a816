"""Whether a message from our line is one of ours, also when its event overtakes the response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.linq.events import DeliveryUpdate
from app.store import sends
from app.store.prepared import prepared
from app.store.sealing import is_sealed
from app.store.tables import answers
from app.store.tables import sends as attempts

OWN_KEYS = ("answer:", "memo:")
"""How the idempotency keys of our texts begin: with the id of their answer."""
RECENT_SECONDS = 600.0
"""So long after it was last written, a text without its key may still be told of."""


def is_ours(
    connection: sa.Connection, update: DeliveryUpdate, colleagues: Sequence[str], now: float
) -> bool:
    """Whether the bot sent a message, or a program that is known by how its keys begin.

    By message id, attachment and idempotency key. Where an event has no key, by its words; where
    Linq gave a memo a new attachment id, by a memo that is on its way in the chat.
    """
    key = update.idempotency_key or ""
    if key.startswith((*OWN_KEYS, *colleagues)):
        return True
    if _known_ids(connection, update.message_id):
        return True
    tokens = [name.partition(".")[0] for name in update.filenames]
    media_keys = [*update.attachment_ids, *tokens]
    in_chat = sa.select(attempts.c.send_id).where(attempts.c.chat_id == update.chat_id)
    if media_keys and _any(connection, in_chat.where(attempts.c.media_key.in_(media_keys))):
        return True
    if update.is_audio:
        return _any(connection, in_chat.where(attempts.c.outcome == "open"))
    return not key and _says_what_we_say(connection, update, now)


def _known_ids(connection: sa.Connection, message_id: str) -> bool:
    became = connection.execute(*_became(message_id)).first()
    return became is not None or bool(sends.known(connection, [message_id]))


@prepared
def _became(message_id: Any) -> sa.Select[Any]:
    """The answer that became a message."""
    became = sa.or_(
        answers.c.memo_message_id == message_id, answers.c.text_message_id == message_id
    )
    return sa.select(answers.c.answer_id).where(became).limit(1)


def _says_what_we_say(connection: sa.Connection, update: DeliveryUpdate, now: float) -> bool:
    rows = connection.execute(
        sa.select(answers.c.state, answers.c.text, answers.c.written, answers.c.rest)
        .where(answers.c.chat_id == update.chat_id)
        .where(answers.c.updated_at > now - RECENT_SECONDS)
    ).all()
    said = [words for row in rows for words in (row.text, row.written, row.rest) if words]
    if any(is_sealed(words) for words in said):
        return True  # nobody keeps what could tell
    return bool(update.text) and any(update.text in words for words in said)


def _any(connection: sa.Connection, query: sa.Select[tuple[int]] | sa.Select[tuple[str]]) -> bool:
    return connection.execute(query.limit(1)).first() is not None
