"""SIGTERM, drained and replaced: what is in progress goes on, here or in the next process."""

from __future__ import annotations

import time

import pytest

from tests.forked_workers import ADDRESS, worker_server
from tests.harness import UNHEARD, FaultHarness, assert_answered_once_in_order, beeps


def test_answers_in_progress_are_finished_before_the_end(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot()
        harness.sandbox.faults([{"endpoint": "voicememo", "kind": "delay", "seconds": 2.0}])
        said = [harness.say(beeps(1)), harness.say(beeps(2))]
        harness.call_underway("voicememo")
        bot.terminate()
        assert bot.wait() == 0
        assert harness.ledger.states(said) == ["sent", "waiting"]
        bot.start()
        harness.wait_until_over(said)
        assert_answered_once_in_order(harness.memos(), 2)


@pytest.mark.parametrize("kind", ["hang", "accept_then_hang"])
def test_what_takes_longer_than_the_drain_is_answered_by_the_next_process(
    database_url: str, kind: str
) -> None:
    with FaultHarness(database_url) as harness:
        bot = harness.start_bot(TEST_DRAIN_SECONDS="1", TEST_POST_SECONDS="20")
        harness.sandbox.faults([{"endpoint": "voicememo", "kind": kind}, *UNHEARD])
        said = [harness.say(beeps(1)), harness.say(beeps(2))]
        harness.call_underway("voicememo")
        bot.terminate()
        assert bot.wait() == 0
        assert harness.ledger.states(said) == ["working", "waiting"]
        bot.environment["TEST_POST_SECONDS"] = "3"
        bot.start()
        harness.wait_until_over(said)
        assert harness.ledger.states(said) == ["sent", "sent"]
        assert_answered_once_in_order(harness.memos(), 2)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_more_sigterms_are_harmless(sqlite_url: str, command: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot(command, forked=False, **{ADDRESS: worker_server()})
        while bot.process and bot.process.poll() is None:
            bot.terminate()
            time.sleep(0.005)
        assert bot.wait() == 0, bot.log
        assert "Traceback" not in bot.log


def test_it_is_gone_before_a_host_kills_it_whatever_hangs(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        # With the drain of a deployment.
        bot = harness.add_bot(forked=False, TEST_POST_SECONDS="60")
        del bot.environment["TEST_DRAIN_SECONDS"]
        bot.start()
        harness.sandbox.faults([{"endpoint": "*", "kind": "hang", "count": 1000}])
        said = [harness.say(beeps(1), chat=f"chat {number}") for number in range(4)]
        harness.call_underway("attachment_create")
        began = time.monotonic()
        bot.terminate()
        assert bot.wait() == 0
        # 24 s by its own deadlines; the rest is for a busy machine.
        assert time.monotonic() - began < 30
        assert harness.ledger.states(said) == ["working"] * 4
        harness.sandbox.clear_faults()
        bot.forked = True
        bot.start()
        assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}


def test_the_new_version_starts_while_the_old_one_drains(database_url: str) -> None:
    with FaultHarness(database_url) as harness:
        old = harness.start_bot()
        slow = {"endpoint": "voicememo", "kind": "delay", "seconds": 1.0, "probability": 0.3}
        harness.sandbox.faults([slow])
        said: list[str] = []
        for count in range(1, 7):
            if count == 3:
                harness.wait(lambda: old.events("answer sent"))
                new = harness.start_bot()
            if count == 4:
                # The host's router turns to the new one before the host ends the old one.
                harness.route_to(new)
            if count == 5:
                old.terminate()
            said.extend(harness.say(beeps(count), chat=f"chat {n}") for n in range(3))
        assert old.wait() == 0
        harness.wait_until_over(said)
        for number in range(3):
            assert_answered_once_in_order(harness.memos(f"chat {number}"), 6)
        assert old.events("answer sent")
        assert new.events("answer sent")
