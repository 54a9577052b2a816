"""Chats for the command line: who has each, and which one is meant by an id or a number's end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from app.store import desk
from app.store.tables import answers, chats, messages

ChatState = Literal["waiting", "person", "bot", "failed"]
"""Waiting for a person, with one, with the bot; failed: with the bot, whose last answer failed."""

FEWEST_DIGITS = 3
MOST_FOUND = 10
"""Chats named at most where several are meant."""
_FAILED = ("failed", "uncertain")


@dataclass(frozen=True)
class ChatEntry:
    """A chat. reason: why it waits, how it was taken, or how its last answer ended. Times in Unix
    seconds; since: when that was; until: when the bot has it again by itself."""

    chat_id: str
    handle: str | None
    state: ChatState
    reason: str
    since: float
    until: float | None
    zero_retention: bool


def listing(
    connection: sa.Connection, *, now: float, states: tuple[str, ...] = (), limit: int = 20
) -> list[ChatEntry]:
    """The chats with people at the desk first, then the others, the newest first."""
    found = [entry(connection, chat_id, now) for chat_id in _at_desk(connection, now)]
    at_desk = {one.chat_id for one in found}
    others = _newest(connection, states or ("bot", "failed"), limit + len(found))
    found = [one for one in found if not states or one.state in states][:limit]
    for chat_id in others:
        if len(found) < limit and chat_id not in at_desk:
            found.append(entry(connection, chat_id, now))
    return found


def entry(connection: sa.Connection, chat_id: str, now: float) -> ChatEntry:
    """One chat, which need not be known."""
    row = connection.execute(sa.select(chats).where(chats.c.chat_id == chat_id)).first()
    at_desk = desk.of_chat(connection, chat_id, now)
    last = connection.execute(
        sa.select(answers.c.state, answers.c.reason, answers.c.created_at)
        .where(answers.c.chat_id == chat_id, answers.c.state != "collected")
        .order_by(answers.c.created_at.desc())
        .limit(1)
    ).first()
    state: ChatState = at_desk.state or "bot"
    if state == "bot" and last and last.state in _FAILED:
        state = "failed"
    since = at_desk.since if at_desk.state else (last.created_at if last else 0.0)
    reason = at_desk.reason if at_desk.state else (last.reason if last else "")
    return ChatEntry(
        chat_id=chat_id,
        handle=(row.handle if row else None) or _sender(connection, chat_id),
        state=state,
        reason=reason,
        since=since,
        until=at_desk.until if at_desk.state else None,
        zero_retention=bool(row and row.zero_retention),
    )


def find(connection: sa.Connection, wanted: str) -> list[str]:
    """The ids of the chats that somebody means: an id, or the end of a number (three digits at
    least); at most MOST_FOUND."""
    by_id = sa.union(
        *(sa.select(table.c.chat_id).where(table.c.chat_id == wanted) for table in (chats, answers))
    )
    if found := list(connection.scalars(by_id)):
        return found
    digits = "".join(filter(str.isdecimal, wanted))
    if len(digits) < FEWEST_DIGITS or any(map(str.isalpha, wanted)):
        return []
    by_number = sa.union(
        sa.select(chats.c.chat_id).where(chats.c.handle.endswith(digits, autoescape=True)),
        sa.select(messages.c.chat_id).where(
            messages.c.sender.endswith(digits, autoescape=True), messages.c.is_group.is_(False)
        ),
    )
    return list(connection.scalars(by_number.limit(MOST_FOUND)))


def _at_desk(connection: sa.Connection, now: float) -> list[str]:
    """Those that wait for a person before those that have one; who waits longest first."""
    query = (
        sa.select(chats.c.chat_id)
        .where(chats.c.desk_state.in_(("waiting", "person")), chats.c.silent_until > now)
        .order_by(chats.c.desk_state.desc(), chats.c.desk_since)
    )
    return list(connection.scalars(query))


def _newest(connection: sa.Connection, states: tuple[str, ...], limit: int) -> list[str]:
    """Chats by their newest answer: those whose one failed, the others, or both."""
    latest = (
        sa.select(answers.c.chat_id, sa.func.max(answers.c.created_at).label("at"))
        .where(answers.c.state != "collected")
        .group_by(answers.c.chat_id)
        .subquery()
    )
    newest = sa.and_(answers.c.chat_id == latest.c.chat_id, answers.c.created_at == latest.c.at)
    failed = answers.c.state.in_(_FAILED)
    wanted = [
        condition
        for state, condition in (("failed", failed), ("bot", sa.not_(failed)))
        if state in states
    ]
    if not wanted:
        return []
    query = sa.select(answers.c.chat_id).join(latest, newest)
    query = query.where(answers.c.state != "collected", sa.or_(*wanted))
    rows = connection.scalars(query.order_by(answers.c.created_at.desc()).limit(limit))
    return list(dict.fromkeys(rows))


def _sender(connection: sa.Connection, chat_id: str) -> str | None:
    return connection.execute(
        sa.select(messages.c.sender)
        .where(messages.c.chat_id == chat_id, messages.c.sender != "")
        .where(messages.c.is_group.is_(False))
        .order_by(messages.c.sent_at.desc())
        .limit(1)
    ).scalar()
