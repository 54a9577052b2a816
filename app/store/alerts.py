"""The outbox of alerts: which are due, who is at work on one, how it ended.

Of several processes one posts an alert: to claim it pushes `due_at` ahead by a lease. Who dies with
a claim leaves it to whoever comes after the lease; `attempts` tells a late finisher that another
has it by now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import sqlalchemy as sa

from app.store import conversations, desk
from app.store.tables import alerts

AlertKind = Literal["hand_over", "reminder"]
AlertOutcome = Literal["sent", "dropped", "failed"]

BATCH = 8
"""Alerts claimed at once."""


@dataclass(frozen=True)
class Alert:
    """One claimed alert of a chat that waits for a person. Times in Unix seconds.

    reason: why it waits (`HandOverReason`). summary: one line of what it is about, in the person's
    words; "" where nothing is kept. handle: the person's, where the chat has one.
    """

    alert_id: str
    kind: AlertKind
    chat_id: str
    answer_id: str
    reason: str
    summary: str
    handle: str | None
    since: float
    created_at: float
    attempts: int


@dataclass(frozen=True)
class Claimed:
    """What is to be posted, and how many were dropped because nobody waits any more."""

    alerts: tuple[Alert, ...] = ()
    dropped: int = 0


def next_due(connection: sa.Connection, kinds: Sequence[AlertKind]) -> float | None:
    """When the next alert is due, in Unix seconds; None if there is none."""
    query = sa.select(sa.func.min(alerts.c.due_at)).where(
        alerts.c.ended_at.is_(None), alerts.c.kind.in_(kinds)
    )
    return connection.execute(query).scalar()


def claim(
    connection: sa.Connection, kinds: Sequence[AlertKind], *, now: float, lease_seconds: float
) -> Claimed:
    """Take the alerts that are due, the oldest first, at most BATCH.

    lease_seconds: after which another may take them. Those of a chat that was taken or given back
    meanwhile end here.
    """
    due = connection.scalars(
        sa.select(alerts.c.alert_id)
        .where(alerts.c.ended_at.is_(None), alerts.c.due_at <= now, alerts.c.kind.in_(kinds))
        .order_by(alerts.c.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return Claimed()
    rows = connection.execute(
        alerts.update()
        .where(alerts.c.alert_id.in_(due))
        .values(due_at=now + lease_seconds, attempts=alerts.c.attempts + 1)
        .returning(*alerts.c)
    ).all()
    found = []
    for row in sorted(rows, key=lambda one: one.created_at):
        now_at_desk = desk.of_chat(connection, row.chat_id, now)
        alert = Alert(
            alert_id=row.alert_id,
            kind=cast(AlertKind, row.kind),
            chat_id=row.chat_id,
            answer_id=row.answer_id,
            reason=row.reason,
            summary=now_at_desk.summary,
            handle=conversations.chat(connection, row.chat_id).handle,
            since=now_at_desk.since,
            created_at=row.created_at,
            attempts=row.attempts,
        )
        if now_at_desk.state == "waiting" and now_at_desk.answer_id == row.answer_id:
            found.append(alert)
        else:
            end(connection, alert, "dropped", now=now)
    return Claimed(tuple(found), len(rows) - len(found))


def end(
    connection: sa.Connection,
    alert: Alert,
    outcome: AlertOutcome,
    *,
    now: float,
    detail: str | None = None,
) -> bool:
    """Store how an alert ended. Returns False where another process has it by now."""
    return _change(connection, alert, ended_at=now, outcome=outcome, detail=detail)


def postpone(connection: sa.Connection, alert: Alert, *, due_at: float, detail: str) -> bool:
    """Have it posted again at `due_at`. Returns False where another process has it by now."""
    return _change(connection, alert, due_at=due_at, detail=detail)


def _change(connection: sa.Connection, alert: Alert, **values: object) -> bool:
    changed = connection.execute(
        alerts.update()
        .where(alerts.c.alert_id == alert.alert_id, alerts.c.attempts == alert.attempts)
        .where(alerts.c.ended_at.is_(None))
        .values(**values)
    )
    return changed.rowcount > 0
