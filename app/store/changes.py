"""What has changed in the ledger a moment ago, whichever process changed it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.store.tables import answers, chats, colleague_messages, messages

MOST_CHANGES = 1_000


@dataclass(frozen=True)
class Change:
    """An answer, an ignored message, a chat's desk or a colleague's message, in the form it took
    at `at` (Unix seconds)."""

    row_id: str
    chat_id: str
    at: float


def since(connection: sa.Connection, moment: float) -> frozenset[Change]:
    """What changed after a moment in Unix seconds, at most MOST_CHANGES of each kind."""
    of_answers = (
        sa.select(answers.c.answer_id, answers.c.chat_id, answers.c.updated_at)
        .where(answers.c.updated_at > moment)
        .order_by(answers.c.updated_at.desc())
        .limit(MOST_CHANGES)
    )
    of_messages = (
        sa.select(messages.c.message_id, messages.c.chat_id, messages.c.received_at)
        .where(messages.c.received_at > moment)
        .order_by(messages.c.received_at.desc())
        .limit(MOST_CHANGES)
    )
    of_chats = (
        sa.select(chats.c.chat_id, chats.c.chat_id, chats.c.updated_at)
        .where(chats.c.updated_at > moment)
        .order_by(chats.c.updated_at.desc())
        .limit(MOST_CHANGES)
    )
    of_colleagues = (
        sa.select(
            colleague_messages.c.message_id, colleague_messages.c.chat_id, colleague_messages.c.at
        )
        .where(colleague_messages.c.at > moment)
        .order_by(colleague_messages.c.at.desc())
        .limit(MOST_CHANGES)
    )
    queries = (of_answers, of_messages, of_chats, of_colleagues)
    rows = [row for query in queries for row in connection.execute(query)]
    return frozenset(Change(*row) for row in rows)
