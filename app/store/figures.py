"""Counts and durations of the ledger, for the console's charts and its state of the queue."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from app.store.gaps import handed_over
from app.store.ledger import TERMINAL_STATES
from app.store.tables import answers, chats, sends

DAY_SECONDS = 86_400
MOST_TURNAROUNDS = 2_000
"""Memos whose durations are looked at, the newest ones."""
_COUNTED = tuple(state for state in TERMINAL_STATES if state != "collected")


@dataclass(frozen=True)
class QueueFigures:
    """What waits and is worked on. oldest_seconds: age of the oldest answer that is not over."""

    waiting: int
    working: int
    oldest_seconds: float
    failed_today: int
    """Failed or uncertain in the last 24 hours."""


@dataclass(frozen=True)
class DayCount:
    """Answers of one day that ended alike. `day`: days since 1970-01-01, UTC."""

    day: int
    state: str
    reason: str
    engine: str | None
    count: int
    handed_over: int
    """After so many of them the chat was to wait for a person."""


@dataclass(frozen=True)
class Turnaround:
    """One memo that was posted. Times in Unix seconds, durations in seconds."""

    asked_at: float
    posted_at: float
    stages: dict[str, float]


@dataclass(frozen=True)
class DeskFigures:
    """Chats that wait for a person, for how long the first of them does, and that a person has."""

    waiting: int = 0
    person: int = 0
    longest_wait_seconds: float = 0.0


NOBODY = DeskFigures()


def at_desk(connection: sa.Connection) -> DeskFigures:
    now = time.time()
    rows = connection.execute(
        sa.select(
            chats.c.desk_state,
            sa.func.count().label("number"),
            sa.func.min(chats.c.desk_since).label("first"),
        )
        .where(chats.c.desk_state.in_(("waiting", "person")), chats.c.silent_until > now)
        .group_by(chats.c.desk_state)
    ).all()
    of_state = {row.desk_state: row for row in rows}
    waiting, person = of_state.get("waiting"), of_state.get("person")
    return DeskFigures(
        waiting=waiting.number if waiting else 0,
        person=person.number if person else 0,
        longest_wait_seconds=max(0.0, now - (waiting.first or now)) if waiting else 0.0,
    )


def queue(connection: sa.Connection) -> QueueFigures:
    now = time.time()
    rows = connection.execute(
        sa.select(
            answers.c.state,
            sa.func.count().label("number"),
            sa.func.min(answers.c.created_at).label("oldest"),
        )
        .where(
            answers.c.state.in_(("waiting", "working"))
            | (
                answers.c.state.in_(("failed", "uncertain"))
                & (answers.c.created_at >= now - DAY_SECONDS)
            )
        )
        .group_by(answers.c.state)
    ).all()
    counts = {row.state: row.number for row in rows}
    oldest = [row.oldest for row in rows if row.state in ("waiting", "working")]
    return QueueFigures(
        waiting=counts.get("waiting", 0),
        working=counts.get("working", 0),
        oldest_seconds=max(0.0, now - min(oldest)) if oldest else 0.0,
        failed_today=counts.get("failed", 0) + counts.get("uncertain", 0),
    )


def by_day(connection: sa.Connection, *, since: float) -> list[DayCount]:
    """How answers ended, by the day they were asked for, since a moment in Unix seconds."""
    day = (sa.cast(answers.c.created_at, sa.BigInteger) // DAY_SECONDS).label("day")
    rows = connection.execute(
        sa.select(
            day,
            answers.c.state,
            answers.c.reason,
            answers.c.engine,
            sa.func.count().label("number"),
            sa.func.count(sa.case((handed_over(), 1))).label("handed_over"),
        )
        .where(answers.c.state.in_(_COUNTED), answers.c.created_at >= since)
        .group_by(day, answers.c.state, answers.c.reason, answers.c.engine)
        .order_by(day)
    )
    return [
        DayCount(row.day, row.state, row.reason, row.engine, row.number, row.handed_over)
        for row in rows
    ]


def turnarounds(connection: sa.Connection, *, since: float) -> list[Turnaround]:
    """The newest memos that were posted since a moment in Unix seconds, at most 2 000."""
    rows = connection.execute(
        sa.select(answers.c.created_at, sends.c.closed_at, answers.c.timings)
        .join(answers, answers.c.answer_id == sends.c.answer_id)
        .where(sends.c.outcome == "accepted", sends.c.closed_at >= since)
        .where(answers.c.created_at >= since)
        .order_by(sends.c.send_id.desc())
        .limit(MOST_TURNAROUNDS)
    )
    return [Turnaround(row.created_at, row.closed_at, row.timings or {}) for row in rows]
