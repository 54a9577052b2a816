"""Who has a chat: the bot, nobody yet (a person is waited for), or a person at the desk.

    bot ─hand_over▶ waiting ─take, colleague_wrote▶ person ─give_back, time▶ bot

Both states end by themselves at `silent_until`. What the bot is at work on when a person takes the
chat is dropped at the next write, unless it was posted before (`is_taken`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import sqlalchemy as sa

from app.responders.protocol import HandOverReason
from app.store import conversations
from app.store.database import notify
from app.store.ledger import insert_once
from app.store.tables import alerts, chats, colleague_messages

DeskState = Literal["waiting", "person"]
HANDED_OVER = "handed_over"
TAKEN_OVER = "taken_over"
"""Topics of `notify`: a chat began to wait for a person, or a person took it; the detail is why."""
COLLEAGUE = "colleague:"
"""Begins the `answer_id` of turns that a colleague wrote past the bot; its message id follows."""


@dataclass(frozen=True)
class Desk:
    """Who has a chat at a moment. `state`: None for the bot. Times in Unix seconds.

    reason: why a person is waited for (`HandOverReason`), else `taken` or `wrote`. summary: one
    line of what it is about, "" where nothing is kept. until: when the bot has it again by itself.
    """

    state: DeskState | None
    reason: str = ""
    summary: str = ""
    since: float = 0.0
    until: float = 0.0
    answer_id: str = ""
    """The answer that handed it over, if one did."""


_BOT = Desk(None)


@dataclass(frozen=True)
class HandOverPlan:
    """That a chat is to wait for a person, for `seconds` at most.

    summary: one line of what it is about, "" for none. alert: whether somebody is to be told.
    remind_after: seconds after which both sides are reminded, 0 for never.
    """

    reason: HandOverReason
    summary: str
    seconds: float
    alert: bool = False
    remind_after: float = 0.0


def of_chat(connection: sa.Connection, chat_id: str, now: float) -> Desk:
    row = connection.execute(*conversations.chat_row(chat_id)).first()
    if row is None or (row.silent_until or 0.0) <= now:
        return _BOT
    return Desk(
        # Of an older version, which knew only how long to be silent.
        state=cast(DeskState, row.desk_state or "person"),
        reason=row.desk_reason or "",
        summary=row.desk_summary or "",
        since=row.desk_since or 0.0,
        until=row.silent_until,
        answer_id=row.desk_answer_id or "",
    )


def is_taken(connection: sa.Connection, chat_id: str, now: float) -> bool:
    """Whether a person has the chat, so that nothing of the bot's own goes out."""
    return of_chat(connection, chat_id, now).state == "person"


def hand_over(
    connection: sa.Connection, chat_id: str, answer_id: str, plan: HandOverPlan, *, now: float
) -> bool:
    """Let the chat wait for a person; once for each answer.

    Returns False where a person has the chat or is waited for already.
    """
    before = of_chat(connection, chat_id, now)
    if before.state is not None or _last_handed_over(connection, chat_id) == answer_id:
        return False
    keep = not conversations.chat(connection, chat_id).zero_retention
    conversations.update_chat(
        connection,
        chat_id,
        desk_state="waiting",
        desk_reason=plan.reason,
        desk_summary=plan.summary if keep else None,
        desk_since=now,
        desk_answer_id=answer_id,
        silent_until=now + plan.seconds,
        history_from=now,
    )
    due = [("hand_over", now)] if plan.alert else []
    if 0 < plan.remind_after < plan.seconds:
        due.append(("reminder", now + plan.remind_after))
    for kind, due_at in due:
        insert_once(
            connection,
            alerts,
            {
                "alert_id": f"{kind}:{answer_id}",
                "kind": kind,
                "chat_id": chat_id,
                "answer_id": answer_id,
                "reason": plan.reason,
                "created_at": now,
                "due_at": due_at,
                "attempts": 0,
            },
        )
    notify(connection, HANDED_OVER, plan.reason)
    return True


def take(
    connection: sa.Connection, chat_id: str, *, now: float, seconds: float, reason: str = "taken"
) -> None:
    """A person has the chat from now on, for `seconds` at least; again: for as long anew."""
    before = of_chat(connection, chat_id, now)
    values = {"desk_state": "person", "silent_until": max(before.until, now + seconds)}
    if before.state != "person":
        values["desk_since"] = now
        if before.state is None:
            values |= {"desk_reason": reason, "desk_summary": None, "desk_answer_id": None}
        notify(connection, TAKEN_OVER, reason)
    conversations.update_chat(connection, chat_id, **values)


def give_back(connection: sa.Connection, chat_id: str, now: float) -> bool:
    """The bot answers again, and begins afresh. Returns whether it did not before."""
    if of_chat(connection, chat_id, now).state is None:
        return False
    conversations.update_chat(
        connection,
        chat_id,
        desk_state=None,
        desk_reason=None,
        desk_summary=None,
        silent_until=0.0,
    )
    return True


def colleague_wrote(
    connection: sa.Connection,
    chat_id: str,
    message_id: str,
    text: str,
    *,
    now: float,
    seconds: float,
) -> bool:
    """Somebody else sent a message from our line: they have the chat for `seconds` from now.

    text: its words, which become part of the conversation. Returns whether it is new.
    """
    row = {"message_id": message_id, "chat_id": chat_id, "at": now}
    if not insert_once(connection, colleague_messages, row):
        return False
    take(connection, chat_id, now=now, seconds=seconds, reason="wrote")
    if text and not conversations.chat(connection, chat_id).zero_retention:
        turn_id = f"{COLLEAGUE}{message_id}"
        conversations.remember(connection, chat_id, turn_id, "assistant", text, at=now)
    return True


def _last_handed_over(connection: sa.Connection, chat_id: str) -> str | None:
    query = sa.select(chats.c.desk_answer_id).where(chats.c.chat_id == chat_id)
    return connection.execute(query).scalar()
