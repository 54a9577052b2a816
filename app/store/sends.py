"""Attempts to post a memo. The intent is stored before the post, its outcome after it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from app.store.prepared import prepared
from app.store.tables import answers, sends

Outcome = Literal["open", "accepted", "not_sent", "refused", "uncertain", "released"]

_UNKNOWN: tuple[Outcome, ...] = ("open", "uncertain", "released")
STANDING: tuple[Outcome, ...] = ("accepted", *_UNKNOWN)
"""Outcomes after which nothing more is posted before it is known what became of the attempt."""


@dataclass(frozen=True)
class SendAttempt:
    """One attempt; history and webhooks are searched for its `media_key`. Times: Unix seconds."""

    send_id: int
    answer_id: str
    chat_id: str
    media_key: str
    begun_at: float
    outcome: Outcome
    message_id: str | None


def begin(
    connection: sa.Connection, answer_id: str, chat_id: str, media_key: str, begun_at: float
) -> SendAttempt:
    """Store the intent to post a memo; at most one attempt of an answer stands at a time.

    begun_at: the caller's clock, and what makes the attempt its own: the same again returns the
    same attempt, as after a commit of which nobody heard. An attempt that stands – of this run, of
    one before a crash, or of a process that was taken for dead – is returned in place of a new one.
    """
    # Two processes that work on one answer stand in line here. SQLite has its one writer.
    connection.execute(*_locked(answer_id))
    standing = last(connection, answer_id)
    if standing and standing.outcome in STANDING:
        return standing
    row = connection.execute(*_new(answer_id, chat_id, media_key, begun_at)).one()
    return SendAttempt(row.send_id, answer_id, chat_id, media_key, begun_at, "open", None)


def close(
    connection: sa.Connection,
    send_id: int,
    outcome: Outcome,
    *,
    message_id: str | None = None,
    code: int | None = None,
) -> None:
    """Store how an attempt ended. An accepted one stays accepted."""
    connection.execute(*_close(send_id, outcome, message_id, code, time.time()))


def last(connection: sa.Connection, answer_id: str) -> SendAttempt | None:
    """The latest attempt for an answer, but an accepted one before all others."""
    row = connection.execute(*_last(answer_id)).first()
    if row is None:
        return None
    return SendAttempt(
        row.send_id,
        row.answer_id,
        row.chat_id,
        row.media_key,
        row.begun_at,
        row.outcome,
        row.message_id,
    )


def was_refused(connection: sa.Connection, answer_id: str, media_key: str, *, besides: int) -> bool:
    """Whether Linq has refused this memo for good, with another code than `besides`."""
    return connection.execute(*_refused(answer_id, media_key, besides)).first() is not None


def release(connection: sa.Connection, answer_id: str) -> None:
    """A person wants an answer sent all the same: look once more where its memo may have gone out,
    then send it, and send one that was refused again."""
    of_answer = sends.update().where(sends.c.answer_id == answer_id)
    connection.execute(of_answer.where(sends.c.outcome == "uncertain").values(outcome="released"))
    connection.execute(of_answer.where(sends.c.outcome == "refused").values(outcome="not_sent"))


def known(connection: sa.Connection, message_ids: Sequence[str]) -> set[str]:
    """Those of the message ids that belong to some attempt already."""
    rows = connection.execute(*_known(message_ids))
    return {row.message_id for row in rows}


def is_rivalled(connection: sa.Connection, send: SendAttempt) -> bool:
    """Whether another attempt with the same memo in the same chat may have gone out unnoticed."""
    rival = sa.select(sends.c.send_id).where(
        sends.c.chat_id == send.chat_id,
        sends.c.media_key == send.media_key,
        sends.c.send_id != send.send_id,
        sends.c.outcome.in_(_UNKNOWN),
    )
    return connection.execute(rival.limit(1)).first() is not None


def recognise(
    connection: sa.Connection,
    chat_id: str,
    message_id: str,
    media_keys: Sequence[str],
) -> bool:
    """A webhook says that a memo with one of `media_keys` went out: close the attempt it answers.

    Of several attempts that is the last. Returns whether an attempt of unknown outcome was closed.
    """
    if not media_keys or known(connection, [message_id]):
        return False
    attempt = connection.execute(*_unknown(chat_id, media_keys)).first()
    if attempt is None:
        return False
    close(connection, attempt.send_id, "accepted", message_id=message_id)
    return True


@prepared
def _locked(answer_id: Any) -> sa.Select[Any]:
    return sa.select(answers.c.answer_id).where(answers.c.answer_id == answer_id).with_for_update()


@prepared
def _new(answer_id: Any, chat_id: Any, media_key: Any, begun_at: Any) -> sa.UpdateBase:
    return (
        sends.insert()
        .values(
            answer_id=answer_id,
            chat_id=chat_id,
            media_key=media_key,
            begun_at=begun_at,
            outcome="open",
        )
        .returning(sends.c.send_id)
    )


@prepared
def _close(send_id: Any, outcome: Any, message_id: Any, code: Any, now: Any) -> sa.Update:
    return (
        sends.update()
        .where(sends.c.send_id == send_id, sends.c.outcome != "accepted")
        .values(outcome=outcome, message_id=message_id, code=code, closed_at=now)
    )


@prepared
def _last(answer_id: Any) -> sa.Select[Any]:
    return (
        sa.select(sends)
        .where(sends.c.answer_id == answer_id)
        .order_by((sends.c.outcome == "accepted").desc(), sends.c.send_id.desc())
        .limit(1)
    )


@prepared
def _refused(answer_id: Any, media_key: Any, besides: Any) -> sa.Select[Any]:
    return (
        sa.select(sends.c.send_id)
        .where(sends.c.answer_id == answer_id, sends.c.media_key == media_key)
        .where(sends.c.outcome == "refused", sa.func.coalesce(sends.c.code, 0) != besides)
        .limit(1)
    )


@prepared
def _known(message_ids: Any) -> sa.Select[Any]:
    return sa.select(sends.c.message_id).where(sends.c.message_id.in_(message_ids))


@prepared
def _unknown(chat_id: Any, media_keys: Any) -> sa.Select[Any]:
    return (
        sa.select(sends.c.send_id)
        .where(sends.c.chat_id == chat_id, sends.c.media_key.in_(media_keys))
        .where(sends.c.outcome.in_(_UNKNOWN))
        .order_by(sends.c.send_id.desc())
        .limit(1)
    )
