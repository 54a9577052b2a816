"""Alerts of real bots at a real receiver: killed around the post, several on one database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot import Bot
from tests.desk import hand_over, outcomes
from tests.harness import FaultHarness
from tests.integration.local_server import Reply, Server, running

TOKEN = "a token of sixteen characters"


@pytest.fixture
def receiver() -> Iterator[Server]:
    with running() as server:
        yield server


class AlertingHarness(FaultHarness):
    """Bots that tell the receiver of every hand-over."""

    def __init__(self, database_url: str, receiver: Server, **environment: str) -> None:
        super().__init__(database_url)
        self.receiver = receiver
        self.environment = {
            "MEMO_ALERT_URL": receiver.reply("/hooks/hook-token", Reply()),
            "MEMO_ADMIN_TOKEN": TOKEN,
            "MEMO_PUBLIC_URL": "https://bot.example.org",
            "TEST_ALERT_POLL_SECONDS": "0.1",
            "TEST_ALERT_LEASE_SECONDS": "1",
        } | environment

    def posted(self) -> list[str]:
        """The ids of alerts as they came."""
        return [one.headers["webhook-id"] for one in self.receiver.requests]

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(one.body) for one in self.receiver.requests]

    def wait_for_end(self, count: int = 1) -> None:
        """Until so many alerts are stored as sent, and no other is left."""
        self.wait(lambda: list(outcomes(self.database).values()) == ["sent"] * count)


def ended(bot: Bot) -> bool:
    return bot.process is not None and bot.process.poll() is not None


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize(("point", "times"), [("alert.claimed", 1), ("alert.posted", 2)])
def test_killed_around_the_post_it_is_told_at_least_once_under_one_id(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    receiver: Server,
    kind: str,
    point: str,
    times: int,
) -> None:
    with AlertingHarness(request.getfixturevalue(f"{kind}_url"), receiver) as harness:
        once = str(tmp_path / "once")
        bot = harness.start_bot(TEST_KILL_AT=point, TEST_KILL_ONCE=once)
        hand_over(harness.database)
        harness.wait(lambda: ended(bot))
        assert len(harness.posted()) == times - 1
        bot.start()
        harness.wait_for_end()
        assert harness.posted() == ["hand_over:answer:m1"] * times


def test_what_a_dead_process_had_claimed_another_posts(
    postgres_url: str, tmp_path: Path, receiver: Server
) -> None:
    with AlertingHarness(postgres_url, receiver) as harness:
        once = str(tmp_path / "once")
        bots = [
            harness.start_bot(command, TEST_KILL_AT="alert.claimed", TEST_KILL_ONCE=once)
            for command in ("serve", "worker")
        ]
        hand_over(harness.database)
        harness.wait_for_end()
        assert harness.posted() == ["hand_over:answer:m1"]
        assert sum(ended(bot) for bot in bots) == 1


def test_of_two_processes_one_posts_each_alert(postgres_url: str, receiver: Server) -> None:
    with AlertingHarness(postgres_url, receiver, TEST_ALERT_LEASE_SECONDS="60") as harness:
        harness.start_bot()
        harness.start_bot("worker")
        for number in range(30):
            hand_over(harness.database, f"chat-{number}", f"answer:m{number}")
        harness.wait_for_end(30)
        assert sorted(harness.posted()) == sorted(f"hand_over:answer:m{n}" for n in range(30))


def test_somebody_who_asks_for_a_person_is_told_of_and_both_sides_are_reminded_once(
    sqlite_url: str, receiver: Server
) -> None:
    with AlertingHarness(
        sqlite_url,
        receiver,
        MEMO_HANDOVER_REMIND_SECONDS="2",
        TEST_ALERT_POLL_SECONDS="60",  # the end of the answer wakes it
    ) as harness:
        bot = harness.start_bot()
        harness.ask("Can I talk to a person please", "one")
        assert len(harness.memos("one")) == 1
        harness.wait(lambda: len(harness.posted()) == 1)
        (told,) = harness.told()
        chat_id = harness.chat("one")["id"]
        assert told["alert"]["event"] == "chat.hand_over"
        assert f"<https://bot.example.org/console/chats/{chat_id}>" in told["text"]
        assert bot.metric(r'voicememo_hand_overs_total\{reason="asked"\}') == 1
        harness.wait(lambda: bot.metric(r'voicememo_chats\{desk="waiting"\}') == 1)

        assert harness.ask("Hello??", "one").state == "silent"
        # The chat waits, and yet the reminder goes out in it.
        harness.wait(lambda: len(harness.memos("one")) == 2)
        harness.wait_for_end(2)
        assert [one["alert"]["event"] for one in harness.told()] == [
            "chat.hand_over", "chat.reminder",
        ]  # fmt: skip
        harness.wait(lambda: bot.metric("voicememo_longest_wait_for_person_seconds") > 1)
        assert bot.metric(r'voicememo_alerts_total\{outcome="sent"\}') == 2
        for secret in ("hook-token", TOKEN, "talk to a person"):
            assert secret not in bot.log


def test_a_tapback_on_a_memo_is_its_rating(sqlite_url: str, receiver: Server) -> None:
    with AlertingHarness(sqlite_url, receiver) as harness:
        bot = harness.start_bot()
        answer = harness.ask("How long is the warranty?", "one")

        def react(event_type: str, kind: str, **more: Any) -> None:
            harness.sandbox.inbound(
                event_type=event_type,
                target=answer.memo_message_id,
                reaction_type=kind,
                chat="one",
                **more,
            )

        def is_rated(expected: int | None) -> bool:
            found = harness.ledger.find(answer.answer_id)
            return found is not None and found.rating == expected

        react("reaction.added", "dislike")
        harness.wait(lambda: is_rated(-1))
        react("reaction.removed", "dislike")
        harness.wait(lambda: is_rated(None))
        react("reaction.added", "love")
        harness.wait(lambda: is_rated(1))
        assert bot.metric(r'voicememo_ratings_total\{rating="down"\}') == 1
        assert bot.metric(r'voicememo_ratings_total\{rating="up"\}') == 1
