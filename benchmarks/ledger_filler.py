"""Fills a database as if it had answered for weeks, by writing its rows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from app.answers.dbos_internals import CLASS_NAME, INSTANCE_NAME, QUEUE
from app.answers.queue import APPLICATION, VERSION, AnswerQueue
from app.store.conversations import KEPT_TURNS
from app.store.database import Database
from app.store.tables import answers, chats, messages, sends, turns
from benchmarks.local_events import person_of

DAYS = 29
"""Over which the messages came: less than the retention, so that nothing of it is erased."""
MOST_WORKFLOWS = 20_000
"""DBOS's records are kept for a day."""
_BATCH = 5_000

Row = dict[str, Any]


def fill(database_url: str, chat_ids: Sequence[str], per_chat: int) -> None:
    """Create the tables, and so many answered messages in each chat."""
    database = Database(database_url)
    database.migrate()
    AnswerQueue(database).migrate()
    total = len(chat_ids) * per_chat
    schema = None if database.is_sqlite else "dbos"
    workflows = sa.Table(
        "workflow_status", sa.MetaData(), schema=schema, autoload_with=database.engine
    )
    batch: dict[sa.Table, list[Row]] = {
        table: [] for table in (chats, messages, answers, sends, turns, workflows)
    }
    for number, chat_id in enumerate(chat_ids):
        batch[chats].append(
            {"chat_id": chat_id, "handle": person_of(chat_id), "updated_at": time.time()}
        )
        for place in range(per_chat):
            share = (place * len(chat_ids) + number) / max(1, total)
            at = time.time() - 3600 - DAYS * 86_400 * (1 - share)
            is_recent = (1 - share) * total < MOST_WORKFLOWS
            for table, row in _rows(chat_id, at, is_remembered=per_chat - place <= KEPT_TURNS // 2):
                batch[table].append(row)
            if is_recent:
                batch[workflows].append(_workflow(chat_id, batch[answers][-1]["answer_id"]))
            if len(batch[messages]) >= _BATCH:
                _write(database, batch)
    _write(database, batch)
    if not database.is_sqlite:  # SQLite does so only when it is told, and nobody tells it
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    database.close()


def _write(database: Database, batch: dict[sa.Table, list[Row]]) -> None:
    with database.engine.begin() as connection:
        for table, rows in batch.items():
            if rows:
                connection.execute(table.insert(), rows)
            rows.clear()


def _rows(chat_id: str, at: float, *, is_remembered: bool) -> Iterator[tuple[sa.Table, Row]]:
    message_id, memo_id = str(uuid.uuid4()), str(uuid.uuid4())
    answer_id = f"answer:{message_id}"
    yield (
        messages,
        {
            "message_id": message_id,
            "event_id": str(uuid.uuid4()),
            "chat_id": chat_id,
            "sender": person_of(chat_id),
            "service": "iMessage",
            "is_group": False,
            "sent_at": at,
            "received_at": at,
            "state": "done",
            "reason": "answer",
            "answer_id": answer_id,
        },
    )
    yield (
        answers,
        {
            "answer_id": answer_id,
            "chat_id": chat_id,
            "origin": "inbound",
            "state": "sent",
            "runs": 1,
            "text": "You said: Are you open on Saturday from nine to six?",
            "language": "en",
            "engine": "espeak",
            "seconds": 4.0,
            "bytes": 24_000,
            "memo_message_id": memo_id,
            "memo_status": "read",
            "timings": {"compose": 0.01, "synthesize": 0.1, "send": 0.01},
            "created_at": at,
            "updated_at": at + 1,
        },
    )
    yield (
        sends,
        {
            "answer_id": answer_id,
            "chat_id": chat_id,
            "media_key": str(uuid.uuid4()),
            "begun_at": at,
            "outcome": "accepted",
            "message_id": memo_id,
            "closed_at": at + 1,
        },
    )
    if is_remembered:
        for role in ("user", "assistant"):
            turn = {"chat_id": chat_id, "answer_id": answer_id, "role": role, "at": at}
            yield turns, turn | {"text": "Are you open on Saturday from nine to six?"}


def _workflow(chat_id: str, answer_id: str) -> Row:
    at = round(time.time() * 1000) - 3_600_000
    return {
        "workflow_uuid": answer_id,
        "status": "SUCCESS",
        "name": f"{CLASS_NAME}.answer",
        "class_name": CLASS_NAME,
        "config_name": INSTANCE_NAME,
        "queue_name": QUEUE,
        "queue_partition_key": chat_id,
        "executor_id": "an earlier process",
        "application_version": VERSION,
        "application_name": APPLICATION,
        "recovery_attempts": 1,
        "priority": 0,
        "was_forked_from": False,
        "rate_limited": False,
        "is_debounced": False,
        "created_at": at,
        "updated_at": at,
        "completed_at": at,
    }
