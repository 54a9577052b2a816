"""Chats that wait for a person, stored as the end of an answer stores them."""

from __future__ import annotations

import time

import sqlalchemy as sa

from app.store import conversations, desk
from app.store.database import Database
from app.store.desk import HandOverPlan
from app.store.tables import alerts

NUMBER = "+13125550177"


def hand_over(
    database: Database,
    chat_id: str = "chat-1",
    answer_id: str = "answer:m1",
    *,
    summary: str = "Where is my bike?",
    alert: bool = True,
    remind_after: float = 0.0,
    zero_retention: bool = False,
) -> None:
    """The chat waits for a person from now on, because they asked for one."""

    def store(connection: sa.Connection) -> None:
        conversations.update_chat(connection, chat_id, handle=NUMBER, zero_retention=zero_retention)
        assert desk.hand_over(
            connection,
            chat_id,
            answer_id,
            HandOverPlan("asked", summary, 3600.0, alert, remind_after),
            now=time.time(),
        )

    database.write_sync(store)


def outcomes(database: Database) -> dict[str, str | None]:
    """How each alert ended, None for those that have not."""
    return database.read_sync(
        lambda c: {
            row.alert_id: row.outcome
            for row in c.execute(sa.select(alerts.c.alert_id, alerts.c.outcome))
        }
    )
