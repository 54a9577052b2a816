"""One chat as the console shows it: messages, their answers, and how each answer came about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from app.linq.events import Part
from app.policy import Reason
from app.store import conversations
from app.store.desk import COLLEAGUE
from app.store.ledger import AnswerRecord, to_record
from app.store.messages import of_answers, words_of
from app.store.sealing import is_sealed
from app.store.tables import answers, colleague_messages, messages, sends, turns

PAGE = 40
"""Answers of one page."""
_MOST_IGNORED = 60
_OURS = (Reason.OUTBOUND, Reason.OWN_MESSAGE)
"""What came like a received message but went out from our line."""


@dataclass(frozen=True)
class LoggedMessage:
    """A message that a person sent. Times in Unix seconds."""

    message_id: str
    sender: str
    """"" where it is erased."""
    service: str
    is_group: bool
    sent_at: float
    state: str
    reason: str
    audio_ids: tuple[str, ...]
    """Attachment ids of its voice memos."""
    parts: tuple[Part, ...]
    """What is in it, until its answer is over."""


@dataclass(frozen=True)
class PostAttempt:
    """One attempt to post a memo. Times in Unix seconds."""

    begun_at: float
    closed_at: float | None
    outcome: str
    code: int | None
    """Linq's error code."""
    media_key: str


@dataclass(frozen=True)
class LoggedAnswer:
    """An answer with what it answers. Without any word in a zero-retention chat."""

    record: AnswerRecord
    question: str
    """What was asked, voice memos in words; "" where it is not kept."""
    messages: tuple[LoggedMessage, ...]
    attempts: tuple[PostAttempt, ...]


@dataclass(frozen=True)
class ColleagueMessage:
    """What a colleague wrote from our line past the bot. at: Unix seconds. text: "" where it is
    not kept."""

    message_id: str
    at: float
    text: str


@dataclass(frozen=True)
class ChatLog:
    """A part of a chat, the oldest first. `earlier_before`: where the part before it ends."""

    chat: conversations.Chat
    handle: str | None
    is_group: bool
    answers: tuple[LoggedAnswer, ...]
    colleagues: tuple[ColleagueMessage, ...]
    ignored: tuple[LoggedMessage, ...]
    """Messages that were not ours to answer; none of their words is stored."""
    earlier_before: float | None


def load(connection: sa.Connection, chat_id: str, *, before: float | None = None) -> ChatLog | None:
    """The newest answers of a chat, older than `before` (Unix seconds) if given.

    None if nothing is known of the chat.
    """
    records, has_earlier = _records(connection, chat_id, before)
    chat = conversations.chat(connection, chat_id)
    oldest = records[0].created_at.timestamp() if records and has_earlier else None
    ignored = _ignored(connection, chat_id, oldest, before)
    said = _turns(connection, chat_id)
    colleagues = _colleagues(connection, chat_id, said, oldest, before)
    if not records and not ignored and not colleagues:
        return None
    ids = [record.answer_id for record in records]
    asked = _messages_of(connection, ids)
    attempts = _attempts(connection, ids)
    logged = [
        LoggedAnswer(
            record, said.get(("user", record.answer_id), ""), asked[record.answer_id],
            attempts[record.answer_id],
        )
        for record in records
    ]  # fmt: skip
    senders = [one for answer in logged for one in answer.messages] + ignored
    named = [one.sender for one in senders if one.sender]
    return ChatLog(
        chat=chat,
        handle=named[-1] if named else chat.handle,
        is_group=any(one.is_group for one in senders),
        answers=tuple(_without_words(one) if chat.zero_retention else one for one in logged),
        colleagues=tuple(
            replace(one, text="") if chat.zero_retention else one for one in colleagues
        ),
        ignored=tuple(ignored),
        earlier_before=oldest,
    )


def is_known(connection: sa.Connection, chat_id: str) -> bool:
    """Whether anybody has written in a chat, or was written to."""
    message = sa.select(messages.c.message_id).where(messages.c.chat_id == chat_id)
    answer = sa.select(answers.c.answer_id).where(answers.c.chat_id == chat_id)
    return bool(connection.execute(sa.select(message.exists() | answer.exists())).scalar())


def memo_key(connection: sa.Connection, answer_id: str) -> str | None:
    """What the memo of an answer is found by: attachment id, or the token of a published file.

    None if none went out, or if Linq and we keep nothing of the chat.
    """
    row = connection.execute(
        sa.select(sends.c.media_key, sends.c.chat_id)
        .where(sends.c.answer_id == answer_id, sends.c.outcome == "accepted")
        .limit(1)
    ).first()
    if row is None or conversations.chat(connection, row.chat_id).zero_retention:
        return None
    text = sa.select(answers.c.text).where(answers.c.answer_id == answer_id)
    # Without its words it is erased: the memo says the same.
    return str(row.media_key) if connection.execute(text).scalar() else None


def audio_id(connection: sa.Connection, message_id: str, number: int) -> str | None:
    """The attachment id of a voice memo that a person sent; number: from 0 in its message."""
    row = connection.execute(
        sa.select(messages.c.audio).where(messages.c.message_id == message_id)
    ).first()
    ids = (row.audio or []) if row else []
    return str(ids[number]) if number < len(ids) else None


def _records(
    connection: sa.Connection, chat_id: str, before: float | None
) -> tuple[list[AnswerRecord], bool]:
    query = (
        sa.select(answers)
        .where(answers.c.chat_id == chat_id, answers.c.state != "collected")
        .order_by(answers.c.created_at.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(answers.c.created_at < before)
    rows = list(connection.execute(query))
    return [_unsealed(to_record(row)) for row in reversed(rows[:PAGE])], len(rows) > PAGE


def _messages_of(
    connection: sa.Connection, answer_ids: list[str]
) -> defaultdict[str, tuple[LoggedMessage, ...]]:
    """The messages that each answer took, or waits for."""
    found: defaultdict[str, tuple[LoggedMessage, ...]] = defaultdict(tuple)
    rows = connection.execute(
        sa.select(messages)
        .where(of_answers(answer_ids), messages.c.state != "ignored")
        .order_by(messages.c.sent_at)
    )
    for row in rows:
        found[row.answer_id or f"answer:{row.message_id}"] += (_message(row),)
    return found


def _ignored(
    connection: sa.Connection, chat_id: str, after: float | None, before: float | None
) -> list[LoggedMessage]:
    query = (
        sa.select(messages)
        .where(messages.c.chat_id == chat_id, messages.c.state == "ignored")
        .where(messages.c.reason.not_in(_OURS))
        .order_by(messages.c.sent_at.desc())
        .limit(_MOST_IGNORED)
    )
    if after is not None:
        query = query.where(messages.c.sent_at >= after)
    if before is not None:
        query = query.where(messages.c.sent_at < before)
    return [_message(row) for row in reversed(list(connection.execute(query)))]


def _turns(connection: sa.Connection, chat_id: str) -> dict[tuple[str, str], str]:
    """What was said, by role and answer, and by colleagues past the bot."""
    rows = connection.execute(
        sa.select(turns.c.role, turns.c.answer_id, turns.c.text).where(turns.c.chat_id == chat_id)
    )
    return {(row.role, row.answer_id): row.text for row in rows}


def _colleagues(
    connection: sa.Connection,
    chat_id: str,
    said: Mapping[tuple[str, str], str],
    after: float | None,
    before: float | None,
) -> list[ColleagueMessage]:
    query = (
        sa.select(colleague_messages)
        .where(colleague_messages.c.chat_id == chat_id)
        .order_by(colleague_messages.c.at.desc())
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(colleague_messages.c.at >= after)
    if before is not None:
        query = query.where(colleague_messages.c.at < before)
    return [
        ColleagueMessage(
            row.message_id, row.at, said.get(("assistant", f"{COLLEAGUE}{row.message_id}"), "")
        )
        for row in reversed(list(connection.execute(query)))
    ]


def _attempts(
    connection: sa.Connection, answer_ids: list[str]
) -> defaultdict[str, tuple[PostAttempt, ...]]:
    found: defaultdict[str, tuple[PostAttempt, ...]] = defaultdict(tuple)
    rows = connection.execute(
        sa.select(sends).where(sends.c.answer_id.in_(answer_ids)).order_by(sends.c.send_id)
    )
    for row in rows:
        found[row.answer_id] += (
            PostAttempt(row.begun_at, row.closed_at, row.outcome, row.code, row.media_key),
        )
    return found


def _message(row: sa.Row[Any]) -> LoggedMessage:
    words = words_of(row)
    return LoggedMessage(
        message_id=row.message_id,
        sender=row.sender,
        service=row.service,
        is_group=row.is_group,
        sent_at=row.sent_at,
        state=row.state,
        reason=row.reason,
        audio_ids=tuple(row.audio or ()),
        parts=words.parts if words else (),
    )


def _unsealed(record: AnswerRecord) -> AnswerRecord:
    """The record without words that are sealed."""
    text = None if record.text and is_sealed(record.text) else record.text
    written = None if record.written and is_sealed(record.written) else record.written
    spoken = None if record.spoken and is_sealed(record.spoken) else record.spoken
    return replace(record, text=text, written=written, spoken=spoken)


def _without_words(answer: LoggedAnswer) -> LoggedAnswer:
    return replace(
        answer,
        record=replace(answer.record, text=None, written=None, spoken=None),
        question="",
        messages=tuple(replace(one, parts=(), audio_ids=()) for one in answer.messages),
    )
