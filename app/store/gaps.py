"""What people asked that nothing answered, as long as their words are kept."""

from __future__ import annotations

import sqlalchemy as sa

from app.store.tables import answers, turns

NOT_KNOWN_CODES = ("rule:default", "default")


def not_known(connection: sa.Connection, *, since: float, limit: int) -> list[str]:
    """The questions answered by a default since then (Unix seconds), the newest first."""
    query = (
        sa.select(turns.c.text)
        .join(answers, answers.c.answer_id == turns.c.answer_id)
        .where(
            turns.c.role == "user",
            turns.c.at >= since,
            answers.c.responder_code.in_(NOT_KNOWN_CODES)
            | answers.c.responder_code.startswith("ask:"),
        )
        .order_by(turns.c.at.desc())
        .limit(limit)
    )
    return [str(text) for (text,) in connection.execute(query)]
