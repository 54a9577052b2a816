"""Erases words and rows that are kept no longer, or that a person wants forgotten."""

from __future__ import annotations

import time

import sqlalchemy as sa

from app.linq.events import normal_handle
from app.policy import Reason
from app.store.ledger import TERMINAL_STATES
from app.store.tables import (
    alerts,
    answers,
    chats,
    clips,
    colleague_messages,
    messages,
    pending_receipts,
    published,
    recordings,
    sends,
    turns,
)


def erase_words(connection: sa.Connection, *, before: float) -> None:
    """Erase what was said before a moment in Unix seconds; that it was said stays known."""
    connection.execute(turns.delete().where(turns.c.at < before))
    connection.execute(
        answers.update()
        .where(answers.c.created_at < before, answers.c.state.in_(TERMINAL_STATES))
        .where(sa.or_(answers.c.text.is_not(None), answers.c.written.is_not(None)))
        .values(text=None, written=None, spoken=None, summary=None)
    )
    connection.execute(chats.update().where(chats.c.desk_since < before).values(desk_summary=None))
    connection.execute(recordings.delete().where(recordings.c.created_at < before))
    connection.execute(
        messages.update()
        .where(messages.c.received_at < before, messages.c.state.in_(("done", "ignored")))
        .where(messages.c.sender != "")
        .values(payload=sa.null(), audio=None, sender="")
    )


def delete_rows(connection: sa.Connection, *, before: float) -> None:
    """Delete what is over since before a moment in Unix seconds."""
    gone = sa.select(answers.c.answer_id).where(
        answers.c.created_at < before, answers.c.state.in_(TERMINAL_STATES)
    )
    connection.execute(sends.delete().where(sends.c.answer_id.in_(gone)))
    connection.execute(
        answers.delete().where(answers.c.created_at < before, answers.c.state.in_(TERMINAL_STATES))
    )
    connection.execute(
        messages.delete().where(
            messages.c.received_at < before, messages.c.state.in_(("done", "ignored"))
        )
    )
    connection.execute(chats.delete().where(chats.c.updated_at < before))
    connection.execute(colleague_messages.delete().where(colleague_messages.c.at < before))
    connection.execute(alerts.delete().where(alerts.c.created_at < before))
    connection.execute(clips.delete().where(clips.c.created_at < before))
    connection.execute(pending_receipts.delete().where(pending_receipts.c.at < before))


def known_handles(connection: sa.Connection) -> set[str]:
    """Everybody whose words or chats are kept, each handle in its normal form."""
    found = sa.union(
        sa.select(messages.c.sender),
        sa.select(chats.c.handle).where(chats.c.handle.is_not(None)),
    )
    return {normal_handle(handle) for handle in connection.scalars(found)} - {""}


def forget_handle(connection: sa.Connection, handle: str) -> list[str]:
    """Erase everything a person said and was told, in every chat they wrote in.

    In a group these are their own messages and the answers to them; in a chat of their own also
    what was sent to them unasked. Returns the ids of those answers.
    """
    wanted = normal_handle(handle)
    senders = [
        row.sender
        for row in connection.execute(sa.select(messages.c.sender).distinct())
        if row.sender and normal_handle(row.sender) == wanted
    ]
    theirs = messages.c.sender.in_(senders)
    own_chats = sa.select(messages.c.chat_id).where(theirs, messages.c.is_group.is_(False))
    answered = sa.select(messages.c.answer_id).where(theirs, messages.c.answer_id.is_not(None))
    answer_ids = [
        str(row.answer_id)
        for row in connection.execute(
            sa.select(answers.c.answer_id).where(
                sa.or_(answers.c.answer_id.in_(answered), answers.c.chat_id.in_(own_chats))
            )
        )
    ]
    connection.execute(
        turns.delete().where(
            sa.or_(turns.c.answer_id.in_(answer_ids), turns.c.chat_id.in_(own_chats))
        )
    )
    connection.execute(published.delete().where(published.c.answer_id.in_(answer_ids)))
    connection.execute(recordings.delete().where(recordings.c.answer_id.in_(answer_ids)))
    connection.execute(alerts.delete().where(alerts.c.chat_id.in_(own_chats)))
    connection.execute(
        answers.update()
        .where(answers.c.answer_id.in_(answer_ids))
        .values(text=None, rest=None, written=None, spoken=None, summary=None, detail=None)
    )
    # What is waiting or in progress ends here: a run that goes on meets `AnswerLost`.
    connection.execute(
        answers.update()
        .where(answers.c.answer_id.in_(answer_ids), answers.c.state.not_in(TERMINAL_STATES))
        .values(state="silent", reason=Reason.FORGOTTEN, updated_at=time.time())
    )
    connection.execute(
        chats.delete().where(
            sa.or_(chats.c.handle.in_([*senders, handle]), chats.c.chat_id.in_(own_chats))
        )
    )
    connection.execute(
        messages.update()
        .where(theirs, messages.c.state.in_(("waiting", "answering")))
        .values(state="done")
    )
    connection.execute(
        messages.update().where(theirs).values(sender="", payload=sa.null(), audio=None)
    )
    return answer_ids


def scrub(connection: sa.Connection) -> bool:
    """Empty SQLite's write-ahead log, where what was erased stands until it is overwritten.

    Returns False while another process reads, which keeps the log from being emptied. PostgreSQL
    has nothing of the kind to be done: its autovacuum clears what was deleted.
    """
    if connection.dialect.name != "sqlite":
        return True
    busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy
