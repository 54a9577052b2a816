"""Answers of a chat leave in the order of its messages, and no chat waits for another."""

from __future__ import annotations

import uuid

import pytest

from tests.harness import FaultHarness, assert_answered_once_in_order, beeps


def test_webhooks_out_of_order_are_answered_in_order(database_url: str) -> None:
    chat = str(uuid.uuid4())
    with FaultHarness(database_url) as harness:
        harness.start_bot()
        harness.start_bot("worker")
        hold = {"endpoint": "voicememo", "chat_id": chat, "kind": "delay", "seconds": 2.0}
        harness.sandbox.faults([hold])
        said = [harness.say(beeps(1), chat=chat)]
        harness.call_underway("voicememo")
        # The first is on its way out; while it is, the others come in as 3, 2 and 5, 4.
        swapped = {"endpoint": "webhook", "kind": "reorder", "event_type": "message.received"}
        harness.sandbox.faults([{**swapped, "seconds": 30}, {**swapped, "seconds": 30, "skip": 1}])
        said += [harness.say(beeps(count), chat=chat) for count in (2, 3, 4, 5)]
        harness.wait_until_over(said)
        arrived = [
            one["message_id"]
            for one in harness.sandbox.state()["deliveries"]
            if one["event_type"] == "message.received"
        ]
        place = [arrived.index(one) for one in said]
        assert place[2] < place[1]
        assert place[4] < place[3]
        assert_answered_once_in_order(harness.memos(chat), 5)


def test_several_processes_keep_the_order_of_every_chat(postgres_url: str) -> None:
    with FaultHarness(postgres_url) as harness:
        for command in ("serve", "serve", "worker"):
            harness.start_bot(command)
        chats = [f"chat {number}" for number in range(5)]
        said = [harness.say(beeps(count), chat=chat) for count in (1, 2, 3, 4) for chat in chats]
        harness.wait_until_over(said)
        for chat in chats:
            assert_answered_once_in_order(harness.memos(chat), 4)
        at_work = [len(bot.events("answer sent")) for bot in harness.bots]
        assert sum(at_work) == len(said)


@pytest.mark.parametrize("slow", ["linq", "responder"])
def test_hanging_chats_hold_up_no_other(sqlite_url: str, slow: str) -> None:
    hanging = [str(uuid.uuid4()) for _ in range(12)]
    with FaultHarness(sqlite_url) as harness:
        harness.start_bot(
            MEMO_CONCURRENCY="2",
            MEMO_RESPONDER="python:tests.faults.slow_responder:answer",
            TEST_POST_SECONDS="20",
        )
        if slow == "linq":
            harness.sandbox.faults(
                [
                    {"endpoint": "*", "chat_id": chat, "kind": "hang", "count": 100}
                    for chat in hanging
                ]
            )
        for number, chat in enumerate(hanging):
            words = "slow" if slow == "responder" else "Hello"
            harness.say(f"{words} {number}", chat=chat)
        harness.wait(lambda: harness.ledger.at_work() == len(hanging))
        for number in range(3):
            harness.say(f"Quick {number}", chat=f"prompt {number}")
        harness.wait(lambda: all(harness.memos(f"prompt {number}") for number in range(3)))
        assert all(not harness.sent(chat) for chat in hanging)
