"""One answer to one message, however often and by whatever way it comes in."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import cycle

from tests.faults.delivering import event_of, message_id, post
from tests.harness import FaultHarness


def test_the_same_event_50_times_at_once_to_two_processes_on_one_database(
    database_url: str,
) -> None:
    with FaultHarness(database_url) as harness:
        bots = [harness.start_bot(), harness.start_bot()]
        body = event_of(harness, "Only once, please")
        urls = cycle(bot.webhook_url for bot in bots)
        with ThreadPoolExecutor(25) as pool:
            posts = [
                pool.submit(post, url, harness.sandbox.secret, body)
                for url, _ in zip(urls, range(50), strict=False)
            ]
            assert {one.result() for one in posts} == {200}
        [answer] = harness.wait_until_over([message_id(body)])
        assert answer.state == "sent"
        assert len(harness.sent()) == 1
        accepted = [one for bot in bots for one in bot.events("message accepted")]
        assert len(accepted) == 1


def test_one_message_under_many_event_ids(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        harness.start_bot()
        harness.wait_until_over([harness.say("Once", duplicate=20, new_event_ids=True)])
        assert len(harness.sent()) == 1


def test_two_subscriptions_to_two_processes(database_url: str) -> None:
    with FaultHarness(database_url) as harness:
        first, second = harness.add_bot(), harness.add_bot()
        created = harness.sandbox.http.post(
            "/api/partner/v3/webhook-subscriptions",
            headers={"Authorization": f"Bearer {harness.sandbox.api_key}"},
            json={"target_url": second.webhook_url, "subscribed_events": ["message.received"]},
        )
        second.environment["LINQ_WEBHOOK_SECRET"] = created.json()["signing_secret"]
        first.start()
        second.start()
        said = [harness.say(f"Number {number}", chat=f"chat {number}") for number in range(6)]
        harness.wait_until_over(said)
        assert [len(harness.sent(f"chat {number}")) for number in range(6)] == [1] * 6
        taken = [len(bot.events("message accepted")) for bot in (first, second)]
        known = [len(bot.events("message ignored")) for bot in (first, second)]
        assert sum(taken) == 6
        assert sum(known) == 6


def test_a_message_comes_again_a_week_later_after_everything_else_was_cleared(
    sqlite_url: str,
) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot(MEMO_RETENTION_DAYS="1")
        body = event_of(harness, "Still the same")
        assert post(bot.webhook_url, harness.sandbox.secret, body) == 200
        harness.wait_until_over([message_id(body)])
        bot.stop()
        week = 7.5 * 24 * 3600
        for table, column in (
            ("memo_messages", "received_at"),
            ("memo_messages", "sent_at"),
            ("memo_answers", "created_at"),
            ("memo_answers", "updated_at"),
        ):
            harness.ledger.execute(f"UPDATE {table} SET {column} = {column} - {week}")
        bot.start()
        harness.wait(lambda: harness.ledger.answer(message_id(body)).text is None)
        again = json.loads(body)
        again["data"]["sent_at"] = datetime.fromtimestamp(time.time(), UTC).isoformat()
        assert post(bot.webhook_url, harness.sandbox.secret, json.dumps(again).encode()) == 200
        assert [one["reason"] for one in bot.events("message ignored")] == ["duplicate"]
        assert len(harness.sent()) == 1
