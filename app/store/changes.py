"""What has changed in the ledger a moment ago, whichever process changed it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.store.tables import answers, messages

MOST_CHANGES = 1_000


@dataclass(frozen=True)
class Change:
    """An answer or an ignored message in the form it took at `at` (Unix seconds)."""

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
    rows = [*connection.execute(of_answers), *connection.execute(of_messages)]
    return frozenset(Change(*row) for row in rows)
