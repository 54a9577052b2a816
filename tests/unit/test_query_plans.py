"""How SQLite finds what an answer needs: by index, and never all messages or answers there are."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.answers.claims import claim_answer
from app.answers.outcome import AnswerOutcome, ConversationUpdate, finish_answer
from app.linq.events import DeliveryUpdate, InboundMessage, Part
from app.policy import Reason
from app.store import authorship, chat_context, clips, deliveries, messages, sends
from app.store.database import Database
from app.store.sealing import Sealer

SEALER = Sealer("a key")
CHAT = "a chat"
MEMO = "the memo's message"
SHARED = (
    "SCAN memo_", "memo_answers_state", "memo_answers_updated", "memo_messages_received",
    "memo_messages_sender (sender=?)",
)  # fmt: skip
"""Signs of a plan that goes through the rows of all chats, or all messages of a person."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    database.migrate()
    yield database
    database.close()


def test_no_statement_of_an_answer_goes_through_the_rows_of_all_chats(database: Database) -> None:
    plans: dict[str, str] = {}
    explaining = sqlite3.connect(str(database.engine.url.database))

    def explain(_connection: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            steps = explaining.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            plans[sql] = " | ".join(step[3] for step in steps)

    sa.event.listen(database.engine, "before_cursor_execute", explain)
    answer_a_message(database)
    explaining.close()
    assert len(plans) > 20
    assert not {sql: plan for sql, plan in plans.items() if any(sign in plan for sign in SHARED)}


def answer_a_message(database: Database) -> None:
    """All that is read and written for one, from the webhook to the receipts of its memo."""
    message = InboundMessage("e", "m", CHAT, "+13125550177", (Part("text", text="Open today?"),))
    update = DeliveryUpdate("r", "delivered", MEMO, CHAT, attachment_ids=("the file",))
    answer_id, now = "answer:m", time.time()

    def receive(connection: sa.Connection) -> None:
        messages.accept(connection, message, ignore=None, sealer=SEALER, enqueue=lambda *_: None)

    def work(connection: sa.Connection) -> None:
        claim = claim_answer(
            connection, answer_id, SEALER, collect=False, window_seconds=60, now=now
        )
        assert claim
        assert claim.messages
        messages.open_of(connection, answer_id, CHAT, SEALER)
        chat_context.all_stopped(connection, answer_id)
        clips.find(connection, "a key")
        sends.was_refused(connection, answer_id, "the file", besides=2003)
        attempt = sends.begin(connection, answer_id, CHAT, "the file", now)
        sends.close(connection, attempt.send_id, "accepted", message_id=MEMO)
        deliveries.attach(connection, answer_id, "memo", MEMO, "queued", "iMessage")
        outcome = AnswerOutcome("sent", Reason.ANSWER)
        asked = ConversationUpdate("+13125550177", "Open today?", now, is_turn=True)
        finish_answer(connection, claim.run, CHAT, outcome, asked, now)

    def confirm(connection: sa.Connection) -> None:
        sends.recognise(connection, CHAT, MEMO, ["the file"])
        assert authorship.is_ours(connection, update, (), now)
        deliveries.update_delivery(connection, update)

    for step in (receive, work, confirm):
        database.write_sync(step)
