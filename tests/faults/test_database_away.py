"""The database goes away, hangs or is locked under load: 503 at once, then everything once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store.database import Database
from tests import http_calls
from tests.bot import Bot
from tests.faults.delivering import event_of, message_id, post
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps
from tests.postgres import PostgresServer
from tests.prepared_databases import new_sqlite

AWAY = 10.0
CHATS = [f"chat {number}" for number in range(3)]


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_postgres_is_away_for_ten_seconds_under_load(
    own_postgres_server: PostgresServer, how: str
) -> None:
    with FaultHarness(own_postgres_server.new_database()) as harness:
        bot = harness.start_bot()
        harness.start_bot("worker")
        body = event_of(harness, "While it was away", chat="away")
        said = [harness.say(beeps(count), chat=chat) for count in (1, 2, 3) for chat in CHATS]
        harness.wait(lambda: any(harness.memos(chat) for chat in CHATS))
        with own_postgres_server.stopped() if how == "stopped" else own_postgres_server.frozen():
            gone_at = time.monotonic()
            said += [harness.say(beeps(count), chat=chat) for count in (4, 5) for chat in CHATS]
            began = time.monotonic()
            assert post(bot.webhook_url, harness.sandbox.secret, body) == 503
            assert time.monotonic() - began < 10, "Linq takes it for failed after 10 s"
            assert http_calls.get(f"{bot.url}/healthz", timeout=5).status_code == 200
            # What it told a moment ago is told again for some seconds.
            problem = harness.wait(lambda: problem_of(bot), timeout=AWAY)
            assert "database" in problem
            time.sleep(max(0.0, AWAY - (time.monotonic() - gone_at)))
        assert post(bot.webhook_url, harness.sandbox.secret, body) == 200
        harness.wait_until_over([*said, message_id(body)], timeout=240)
        for chat in CHATS:
            assert_answered_once_in_order(harness.memos(chat), 5)
        assert len(harness.memos("away")) == 1
        assert {answer.state for answer in harness.ledger.answers()} == {"sent"}
        assert http_calls.get(f"{bot.url}/readyz", timeout=10).status_code == 200


def test_a_process_that_stands_still_in_a_transaction_is_not_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.postgres.STALLED_SECONDS", 0.3)
    lock = sa.text("SELECT pg_advisory_xact_lock(1)")
    with (
        closing(Database(postgres_url)) as stalled,
        closing(Database(postgres_url)) as other,
        stalled.engine.connect() as connection,
    ):
        connection.execute(lock)
        other.write_sync(lambda c: c.execute(lock))
        with pytest.raises(sa.exc.DBAPIError, match="idle-in-transaction"):
            connection.execute(lock)
        connection.invalidate()
        stalled.write_sync(lambda c: c.execute(lock))  # on a new connection


@pytest.mark.parametrize("owner", [None, "web.9:forgotten"])
def test_an_answer_begun_by_nobody_is_found(database_url: str, owner: str | None) -> None:
    """What is left of a connection that breaks just as an answer is taken from the queue, and of a
    process of which nothing else is known any more."""
    with FaultHarness(database_url) as harness:
        harness.start_bot()
        harness.sandbox.faults([{"endpoint": "voicememo", "kind": "delay", "seconds": 1.0}])
        said = [harness.say(beeps(count)) for count in (1, 2)]
        harness.call_underway("voicememo")
        harness.ledger.begin(said[1], owner)
        harness.wait_until_over(said)
        assert_answered_once_in_order(harness.memos(), 2)


def problem_of(bot: Bot) -> str | None:
    """What `/readyz` says is wrong; None where it is ready."""
    ready = http_calls.get(f"{bot.url}/readyz", timeout=10)
    return ready.json()["problem"] if ready.status_code == 503 else None


def test_sqlite_is_locked_for_some_seconds(tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    with FaultHarness(new_sqlite(file)) as harness:
        harness.start_bot()
        said = [harness.say(beeps(1), chat=chat) for chat in CHATS]
        harness.wait(lambda: any(harness.memos(chat) for chat in CHATS))
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        said += [harness.say(beeps(2), chat=chat) for chat in CHATS]
        time.sleep(AWAY)
        other.execute("ROLLBACK")
        other.close()
        harness.wait_until_over(said)
        for chat in CHATS:
            assert_answered_once_in_order(harness.memos(chat), 2)
        slow = [one for one in harness.sandbox.state()["deliveries"] if one["elapsed_ms"] >= 10_000]
        assert not slow, "a webhook was not answered within Linq's 10 s"
        statuses = {one["status"] for one in harness.sandbox.state()["deliveries"]}
        assert statuses <= {200, 503}
