"""Who waits for an answer: who wants none any more, and who has had how many."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.store.tables import answers, messages


def withdrawn(
    connection: sa.Connection, answer_id: str, stop_reasons: Sequence[str]
) -> dict[str, str]:
    """Which messages of an answer their sender does not want answered any more, and why.

    Those after which the same person sent one, in the same chat, that was ignored for one of
    `stop_reasons`; after it by the time of sending, in whatever order they arrived.
    """
    stop = messages.alias("stop")
    rows = connection.execute(
        sa.select(messages.c.message_id, sa.func.min(stop.c.reason).label("reason"))
        .join(
            stop,
            sa.and_(
                stop.c.sender == messages.c.sender,
                stop.c.chat_id == messages.c.chat_id,
                stop.c.sent_at >= messages.c.sent_at,
                stop.c.reason.in_(stop_reasons),
            ),
        )
        .where(messages.c.answer_id == answer_id, messages.c.sender != "")
        .group_by(messages.c.message_id)
    )
    return {row.message_id: row.reason for row in rows}


def all_withdrawn(
    connection: sa.Connection, answer_id: str, stop_reasons: Sequence[str]
) -> str | None:
    """Why nobody wants this answer any more; None if somebody does, or it was not asked for."""
    about = sa.select(sa.func.count()).where(messages.c.answer_id == answer_id)
    gone = withdrawn(connection, answer_id, stop_reasons)
    if not gone or len(gone) < connection.execute(about).scalar_one():
        return None
    return min(gone.values())


def answered_to(
    connection: sa.Connection, sender: str, since: float, *, besides: str
) -> list[float]:
    """When a person's messages came that were answered, in any chat, since a moment.

    Unix seconds, the latest 500; messages answered together count once, and answers given for
    the reason `besides` do not.
    """
    theirs = sa.select(messages.c.answer_id).where(
        messages.c.sender == sender, messages.c.received_at >= since
    )
    return _answered(connection, since, besides, answers.c.answer_id.in_(theirs))


def answered_in(
    connection: sa.Connection, chat_id: str, since: float, *, besides: str
) -> list[float]:
    """The same for the messages of everybody in a chat."""
    return _answered(connection, since, besides, answers.c.chat_id == chat_id)


def _answered(
    connection: sa.Connection, since: float, besides: str, which: sa.ColumnElement[bool]
) -> list[float]:
    rows = connection.execute(
        sa.select(answers.c.created_at)
        .where(which, answers.c.created_at >= since, answers.c.origin == "inbound")
        .where(answers.c.state.in_(("sent", "uncertain")), answers.c.reason != besides)
        .order_by(answers.c.created_at.desc())
        .limit(500)
    )
    return [row.created_at for row in rows]
