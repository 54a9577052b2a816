"""The ledger: what came in, what became of it, and why. One row per message and per answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite

from app.linq.events import InboundMessage
from app.store.tables import answers, messages

State = Literal[
    "waiting", "working", "sent", "silent", "collected", "refused", "failed", "uncertain"
]
TERMINAL_STATES: tuple[State, ...] = (
    "sent",
    "silent",
    "collected",
    "refused",
    "failed",
    "uncertain",
)
RETRYABLE: tuple[State, ...] = ("failed", "uncertain")

_payload = TypeAdapter(InboundMessage)


@dataclass(frozen=True)
class AnswerRecord:
    """One answer as the ledger knows it. Times are aware UTC, durations in seconds."""

    answer_id: str
    chat_id: str
    origin: str
    state: State
    reason: str
    detail: str | None
    runs: int
    text: str | None
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
    timings: dict[str, float]
    created_at: datetime
    updated_at: datetime


def insert_once(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert unless the key exists already. Returns whether a row was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()
    return connection.execute(statement).rowcount > 0


def accept(
    connection: sa.Connection,
    message: InboundMessage,
    *,
    ignore: str | None,
    enqueue: Callable[[sa.Connection, str, str], None],
) -> bool:
    """Store a received message and, unless there is a reason to ignore it, enqueue its answer.

    All in the one transaction of `connection`, so that a message is either stored with its
    workflow or not at all. Returns whether the message is new.
    """
    now = time.time()
    answer_id = None if ignore else f"answer:{message.message_id}"
    new = insert_once(
        connection,
        messages,
        {
            "message_id": message.message_id,
            "event_id": message.event_id,
            "chat_id": message.chat_id,
            "sender": message.sender,
            "service": message.service,
            "is_group": message.is_group,
            "sent_at": message.sent_at.timestamp() if message.sent_at else now,
            "received_at": now,
            "state": "ignored" if ignore else "waiting",
            "reason": ignore or "answer",
            "payload": None if ignore else _payload.dump_python(message, mode="json"),
        },
    )
    if new and answer_id:
        open_answer(connection, answer_id, message.chat_id, "inbound")
        enqueue(connection, answer_id, message.chat_id)
    return new


def open_answer(
    connection: sa.Connection, /, answer_id: str, chat_id: str, origin: str, **values: Any
) -> bool:
    """Note that an answer is to be given. Returns False if it was noted before."""
    now = time.time()
    row = {
        "answer_id": answer_id,
        "chat_id": chat_id,
        "origin": origin,
        "state": "waiting",
        "reason": "",
        "runs": 0,
        "created_at": now,
        "updated_at": now,
        **values,
    }
    return insert_once(connection, answers, row)


def begin(connection: sa.Connection, answer_id: str) -> None:
    """Count one more run of an answer."""
    connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id, answers.c.state.not_in(TERMINAL_STATES))
        .values(state="working", runs=answers.c.runs + 1, updated_at=time.time())
    )


def take(
    connection: sa.Connection, answer_id: str, chat_id: str, *, collect: bool
) -> list[InboundMessage]:
    """Begin an answer and claim the messages it is about."""
    begin(connection, answer_id)
    return claim(connection, answer_id, chat_id, collect=collect)


def claim(
    connection: sa.Connection, answer_id: str, chat_id: str, *, collect: bool
) -> list[InboundMessage]:
    """The messages this answer is about, in the order they were sent; the same on every call.

    An answer takes the oldest waiting message of its chat – or, with `collect`, all that wait –
    so that webhooks which arrive out of order are still answered in order. Empty if another
    answer of the chat took them.
    """
    mine = messages.c.answer_id == answer_id
    if not connection.execute(sa.select(messages.c.message_id).where(mine).limit(1)).first():
        waiting = (
            sa.select(messages.c.message_id)
            .where(messages.c.chat_id == chat_id, messages.c.state == "waiting")
            .order_by(messages.c.sent_at, messages.c.received_at)
            .limit(50 if collect else 1)
        )
        connection.execute(
            messages.update()
            .where(messages.c.message_id.in_(waiting))
            .values(answer_id=answer_id, state="answering")
        )
    rows = connection.execute(
        sa.select(messages.c.payload)
        .where(mine)
        .order_by(messages.c.sent_at, messages.c.received_at)
    )
    return [_payload.validate_python(row.payload) for row in rows if row.payload]


def note_heard(connection: sa.Connection, message: InboundMessage) -> None:
    """Keep what was heard in voice memos with the message they came in, and no longer than it."""
    connection.execute(
        messages.update()
        .where(messages.c.message_id == message.message_id, messages.c.payload.is_not(None))
        .values(payload=_payload.dump_python(message, mode="json"))
    )


def newest_waiting(connection: sa.Connection, chat_id: str) -> float | None:
    """When the newest message of the chat that still waits was received, in Unix seconds."""
    return connection.execute(
        sa.select(sa.func.max(messages.c.received_at)).where(
            messages.c.chat_id == chat_id, messages.c.state == "waiting"
        )
    ).scalar()


def note(connection: sa.Connection, /, answer_id: str, **values: Any) -> None:
    """Set columns of an answer."""
    connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id)
        .values(updated_at=time.time(), **values)
    )


def finish(
    connection: sa.Connection,
    /,
    answer_id: str,
    state: State,
    reason: str,
    *,
    keep: bool = True,
    **values: Any,
) -> AnswerRecord:
    """End an answer. What it was about is emptied once it is over for good.

    keep: whether the words may stay until the retention ends. Without them nobody can repeat the
    answer.
    """
    if not keep:
        values["text"] = None
    note(connection, answer_id, state=state, reason=reason, rest=None, **values)
    done: dict[str, Any] = {"state": "done"}
    if state not in RETRYABLE or not keep:
        done["payload"] = sa.null()
    connection.execute(messages.update().where(messages.c.answer_id == answer_id).values(**done))
    record = show(connection, answer_id)
    assert record is not None
    return record


def withdraw(connection: sa.Connection, answer_id: str, reason: str) -> bool:
    """End an answer that waits, so that it is never begun. Returns whether it still waited."""
    changed = connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id, answers.c.state == "waiting")
        .values(state="silent", reason=reason, text=None, updated_at=time.time())
    )
    return changed.rowcount > 0


def reopen(connection: sa.Connection, answer_id: str) -> AnswerRecord | None:
    """Make a failed or uncertain answer wait again. None if it is neither or its words are gone."""
    asked = sa.select(messages.c.message_id).where(
        messages.c.answer_id == answer_id, messages.c.payload.is_not(None)
    )
    told = sa.and_(answers.c.origin == "api", answers.c.text.is_not(None))
    changed = connection.execute(
        answers.update()
        .where(answers.c.answer_id == answer_id, answers.c.state.in_(RETRYABLE))
        .where(sa.or_(told, asked.exists()))
        .values(state="waiting", reason="retry", detail=None, updated_at=time.time())
    )
    if not changed.rowcount:
        return None
    connection.execute(
        messages.update().where(messages.c.answer_id == answer_id).values(state="answering")
    )
    return show(connection, answer_id)


def show(connection: sa.Connection, answer_id: str) -> AnswerRecord | None:
    row = connection.execute(sa.select(answers).where(answers.c.answer_id == answer_id)).first()
    return _record(row) if row else None


def find(connection: sa.Connection, some_id: str) -> AnswerRecord | None:
    """An answer by its own id, by the id of a message it answers, or of a message it became."""
    about = sa.select(messages.c.answer_id).where(messages.c.message_id == some_id)
    row = connection.execute(
        sa.select(answers)
        .where(
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
    return _record(row) if row else None


def why_ignored(connection: sa.Connection, message_id: str) -> str | None:
    """The reason code of a message that was not ours to answer, else None."""
    return connection.execute(
        sa.select(messages.c.reason).where(
            messages.c.message_id == message_id, messages.c.state == "ignored"
        )
    ).scalar()


def recent(
    connection: sa.Connection,
    *,
    states: Sequence[str] = (),
    chat_id: str | None = None,
    limit: int = 50,
) -> list[AnswerRecord]:
    """The newest answers first."""
    query = sa.select(answers).order_by(answers.c.created_at.desc()).limit(limit)
    if states:
        query = query.where(answers.c.state.in_(states))
    if chat_id:
        query = query.where(answers.c.chat_id == chat_id)
    return [_record(row) for row in connection.execute(query)]


def oldest_waiting(connection: sa.Connection) -> float:
    """Age in seconds of the oldest answer that is not over; 0 if there is none."""
    oldest = connection.execute(
        sa.select(sa.func.min(answers.c.created_at)).where(
            answers.c.state.in_(("waiting", "working"))
        )
    ).scalar()
    return max(0.0, time.time() - oldest) if oldest else 0.0


def rest_of(connection: sa.Connection, answer_id: str) -> str:
    """The words of an answer in progress that did not fit into its memo."""
    query = sa.select(answers.c.rest).where(answers.c.answer_id == answer_id)
    return connection.execute(query).scalar() or ""


def _record(row: sa.Row[Any]) -> AnswerRecord:
    values = dict(row._mapping)
    del values["rest"]
    values["timings"] = values["timings"] or {}
    for column in ("created_at", "updated_at"):
        values[column] = datetime.fromtimestamp(values[column], UTC)
    return AnswerRecord(**values)
