"""What people asked that went wrong, as long as their words are kept."""

from __future__ import annotations

import sqlalchemy as sa

from app.store.tables import alerts, answers, chats, turns

NOT_KNOWN_CODES = ("rule:default", "default")


def not_known(connection: sa.Connection, *, since: float, limit: int) -> list[str]:
    """The questions answered by a default since then (Unix seconds), the newest first."""
    by_default = answers.c.responder_code.in_(NOT_KNOWN_CODES)
    return _asked(
        connection, by_default | answers.c.responder_code.startswith("ask:"), since, limit
    )


def wrong(connection: sa.Connection, *, since: float, limit: int) -> list[str]:
    """The questions whose answers were disliked (👎) since then, the newest first."""
    return _asked(connection, answers.c.rating == -1, since, limit)


def left_to_people(connection: sa.Connection, *, since: float, limit: int) -> list[str]:
    """The questions after which a chat waited for a person since then, the newest first."""
    return _asked(connection, handed_over(), since, limit)


def handed_over() -> sa.ColumnElement[bool]:
    """Whether an answer let its chat wait for a person, as far as that is kept."""
    told = sa.select(alerts.c.answer_id)
    last = sa.select(chats.c.desk_answer_id).where(chats.c.desk_answer_id.is_not(None))
    return (
        answers.c.summary.is_not(None)
        | answers.c.answer_id.in_(told)
        | answers.c.answer_id.in_(last)
    )


def _asked(
    connection: sa.Connection, condition: sa.ColumnElement[bool], since: float, limit: int
) -> list[str]:
    query = (
        sa.select(turns.c.text)
        .join(answers, answers.c.answer_id == turns.c.answer_id)
        .where(turns.c.role == "user", turns.c.at >= since, condition)
        .order_by(turns.c.at.desc())
        .limit(limit)
    )
    return [str(text) for (text,) in connection.execute(query)]
