"""Attempts to post a memo. The intent is stored before the post, its outcome after it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from app.store.access import reads
from app.store.tables import sends

Outcome = Literal["open", "accepted", "not_sent", "refused", "uncertain"]


@dataclass(frozen=True)
class Send:
    """One attempt; `needle` is what history and webhooks are searched for. Times: Unix seconds."""

    send_id: int
    answer_id: str
    chat_id: str
    needle: str
    begun_at: float
    outcome: Outcome
    message_id: str | None


def begin(connection: sa.Connection, answer_id: str, chat_id: str, needle: str) -> Send:
    """Store the intent to post a memo."""
    now = time.time()
    row = connection.execute(
        sends.insert()
        .values(answer_id=answer_id, chat_id=chat_id, needle=needle, begun_at=now, outcome="open")
        .returning(sends.c.send_id)
    ).one()
    return Send(row.send_id, answer_id, chat_id, needle, now, "open", None)


def close(
    connection: sa.Connection,
    send_id: int,
    outcome: Outcome,
    *,
    message_id: str | None = None,
    code: int | None = None,
) -> None:
    """Store how an attempt ended. An accepted one stays accepted."""
    connection.execute(
        sends.update()
        .where(sends.c.send_id == send_id, sends.c.outcome != "accepted")
        .values(outcome=outcome, message_id=message_id, code=code, closed_at=time.time())
    )


@reads
def last(connection: sa.Connection, answer_id: str) -> Send | None:
    """The latest attempt for an answer, but an accepted one before all others."""
    row = connection.execute(
        sa.select(sends)
        .where(sends.c.answer_id == answer_id)
        .order_by((sends.c.outcome == "accepted").desc(), sends.c.send_id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Send(
        row.send_id,
        row.answer_id,
        row.chat_id,
        row.needle,
        row.begun_at,
        row.outcome,
        row.message_id,
    )


@reads
def known(connection: sa.Connection, message_ids: Sequence[str]) -> set[str]:
    """Those of the message ids that belong to some attempt already."""
    rows = connection.execute(
        sa.select(sends.c.message_id).where(sends.c.message_id.in_(message_ids))
    )
    return {row.message_id for row in rows}


def recognise(
    connection: sa.Connection, chat_id: str, message_id: str, needles: Sequence[str]
) -> bool:
    """A webhook says that a memo with one of `needles` went out: close the attempt it answers.

    Returns whether an open attempt was closed by it.
    """
    if not needles or known(connection, [message_id]):
        return False
    attempt = connection.execute(
        sa.select(sends.c.send_id)
        .where(sends.c.chat_id == chat_id, sends.c.needle.in_(needles))
        .where(sends.c.outcome.in_(("open", "uncertain")))
        .order_by(sends.c.send_id)
        .limit(1)
    ).first()
    if attempt is None:
        return False
    close(connection, attempt.send_id, "accepted", message_id=message_id)
    return True
