"""The ledger: one row per answer, from its first message to what became of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.store.prepared import prepared
from app.store.tables import answers, messages, recordings

State = Literal[
    "waiting", "working", "sent", "silent", "collected", "refused", "failed", "uncertain"
]
Origin = Literal["inbound", "api", "colleague"]
"""Who asked for it: a person by a message, a program, or a colleague in the console."""
TERMINAL_STATES: tuple[State, ...] = (
    "sent", "silent", "collected", "refused", "failed", "uncertain",
)  # fmt: skip
RETRYABLE: tuple[State, ...] = ("failed", "uncertain")
RECORDING = "recording"
"""The form of an answer that a colleague recorded: its `text` are no words to be spoken or sent."""
UNINDEXED_STATE = sa.func.coalesce(answers.c.state, "")
"""For queries about few answers: SQLite, which keeps no statistics, would rather go through all
answers of a state than through those of a chat."""


@dataclass(frozen=True)
class AnswerRecord:
    """One answer as the ledger knows it. Times are aware UTC, durations in seconds."""

    answer_id: str
    chat_id: str
    origin: Origin
    state: State
    reason: str
    responder_code: str | None
    detail: str | None
    runs: int
    text: str | None
    written: str | None
    spoken: str | None
    summary: str | None
    language: str | None
    voice: str | None
    reply_as: str | None
    engine: str | None
    seconds: float | None
    bytes: int | None
    service: str | None
    memo_message_id: str | None
    memo_status: str | None
    text_message_id: str | None
    text_status: str | None
    rating: int | None
    """What the person thinks of it, by tapback: 1 or -1."""
    timings: dict[str, float]
    created_at: datetime
    updated_at: datetime

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL_STATES

    @property
    def is_recording(self) -> bool:
        """Whether it is what a colleague recorded, which cannot be sent as text instead."""
        return self.reply_as == RECORDING


def insert_once(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert unless the key exists already. Returns whether a row was inserted."""
    statement = _insertion(table, is_sqlite=connection.dialect.name == "sqlite")
    return connection.execute(statement, values).rowcount > 0


@cache
def _insertion(table: sa.Table, *, is_sqlite: bool) -> sa.Insert:
    if is_sqlite:
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def open_answer(
    connection: sa.Connection,
    answer_id: str,
    chat_id: str,
    origin: Origin,
    *,
    text: str | None = None,
    language: str | None = None,
    voice: str | None = None,
    reply_as: str | None = None,
    state: State = "waiting",
) -> bool:
    """Note that an answer is to be given. Returns False if it was noted before.

    reply_as: its form, where that is asked for.
    """
    now = time.time()
    row = {
        "answer_id": answer_id,
        "chat_id": chat_id,
        "origin": origin,
        "state": state,
        "reason": "",
        "runs": 0,
        "text": text,
        "language": language,
        "voice": voice,
        "reply_as": reply_as,
        "created_at": now,
        "updated_at": now,
    }
    return insert_once(connection, answers, row)


def withdraw(connection: sa.Connection, answer_id: str, reason: str) -> bool:
    """End an answer that waits, so that it is never begun. Returns whether it still waited."""
    changed = connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id, answers.c.state == "waiting")
        .values(state="silent", reason=reason, text=None, updated_at=time.time())
    )
    return changed.rowcount > 0


def reopen(connection: sa.Connection, answer_id: str) -> AnswerRecord | None:
    """Make a failed or uncertain answer wait again. None if it is neither or its words are gone.

    It starts over: what was composed and uploaded before is done again.
    """
    question = sa.select(messages.c.message_id).where(
        messages.c.answer_id == answer_id, messages.c.payload.is_not(None)
    )
    is_recording = sa.func.coalesce(answers.c.reply_as, "") == RECORDING
    given = sa.and_(answers.c.origin != "inbound", answers.c.text.is_not(None), ~is_recording)
    recording = sa.select(recordings.c.answer_id).where(recordings.c.answer_id == answer_id)
    changed = connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id, answers.c.state.in_(RETRYABLE))
        .where(sa.or_(given, question.exists(), recording.exists()))
        .values(
            state="waiting",
            reason="retry",
            detail=None,
            checkpoint=sa.null(),
            updated_at=time.time(),
        )
    )
    if not changed.rowcount:
        return None
    connection.execute(
        messages.update().where(messages.c.answer_id == answer_id).values(state="answering")
    )
    return show(connection, answer_id)


def show(connection: sa.Connection, answer_id: str) -> AnswerRecord | None:
    row = connection.execute(*_record(answer_id)).first()
    return to_record(row) if row else None


def words_of(connection: sa.Connection, message_id: str) -> str | None:
    """What we said in a memo or text, as it is stored; None where that is not known (any more)."""
    became = sa.or_(
        answers.c.memo_message_id == message_id, answers.c.text_message_id == message_id
    )
    return connection.execute(sa.select(answers.c.text).where(became)).scalar()


def find(connection: sa.Connection, some_id: str) -> AnswerRecord | None:
    """An answer by its own id, by the id of a message it answers, or of a message it became."""
    about = sa.select(messages.c.answer_id).where(messages.c.message_id == some_id)
    row = connection.execute(
        _RECORDS.where(
            sa.or_(
                answers.c.answer_id.in_([some_id, f"answer:{some_id}", f"memo:{some_id}"]),
                answers.c.answer_id.in_(about),
                answers.c.memo_message_id == some_id,
                answers.c.text_message_id == some_id,
            )
        )
        .order_by(answers.c.state == "collected")
        .limit(1)
    ).first()
    return to_record(row) if row else None


def recent(
    connection: sa.Connection,
    *,
    states: Sequence[str] = (),
    chat_id: str | None = None,
    limit: int = 50,
) -> list[AnswerRecord]:
    """The newest answers first."""
    query = _RECORDS.order_by(answers.c.created_at.desc()).limit(limit)
    if states:
        query = query.where(answers.c.state.in_(states))
    if chat_id:
        query = query.where(answers.c.chat_id == chat_id)
    return [to_record(row) for row in connection.execute(query)]


def oldest_waiting(connection: sa.Connection) -> float:
    """Age in seconds of the oldest answer that is not over; 0 if there is none."""
    oldest = connection.execute(
        sa.select(sa.func.min(answers.c.created_at)).where(
            answers.c.state.in_(("waiting", "working"))
        )
    ).scalar()
    return max(0.0, time.time() - oldest) if oldest else 0.0


_RECORDS = sa.select(*(column for column in answers.c if column.name not in ("rest", "checkpoint")))


@prepared
def _record(answer_id: Any) -> sa.Select[Any]:
    return _RECORDS.where(answers.c.answer_id == answer_id)


def to_record(row: sa.Row[Any]) -> AnswerRecord:
    """The record of a row that holds at least its columns."""
    values = {name: row._mapping[name] for name in AnswerRecord.__dataclass_fields__}
    values["timings"] = values["timings"] or {}
    for column in ("created_at", "updated_at"):
        values[column] = datetime.fromtimestamp(values[column], UTC)
    return AnswerRecord(**values)
