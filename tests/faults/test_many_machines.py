"""Several processes on one database: one dies for good, one stands still and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.bot import Bot
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps

LOST = "answer taken over by another process"
"""What is logged when a process finds that another has taken over its answer."""


def test_a_killed_process_never_comes_back_and_the_others_answer(postgres_url: str) -> None:
    with FaultHarness(postgres_url) as harness:
        bots = [harness.start_bot(), harness.start_bot(), harness.start_bot("worker")]
        hold = {"endpoint": "voicememo", "kind": "delay", "seconds": 1.5, "count": 6}
        harness.sandbox.faults([hold])
        chats = [f"chat {number}" for number in range(6)]
        said = [harness.say(beeps(count), chat=chat) for count in (1, 2) for chat in chats]
        harness.call_underway("voicememo", 6)
        victim = next(bot for bot in bots[::-1] if harness.ledger.at_work_of(pid(bot)))
        victim.kill()
        harness.wait_until_over(said)
        for chat in chats:
            assert_answered_once_in_order(harness.memos(chat), 2)
        assert any(bot.events("answers taken over") for bot in bots)


@pytest.mark.parametrize(
    ("kind", "point"),
    [
        ("postgres", "answer.begin"),
        ("postgres", "compose.end"),
        ("postgres", "synthesize.end"),
        ("postgres", "compose.kept"),
        ("postgres", "send.intent"),
        ("postgres", "send.posted"),
        ("postgres", "send.kept"),
        ("sqlite", "synthesize.end"),
        ("sqlite", "send.intent"),
    ],
)
def test_a_process_that_stands_still_and_is_taken_over_does_not_send_again(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, point: str
) -> None:
    with FaultHarness(request.getfixturevalue(f"{kind}_url")) as harness:
        for command in ("serve", "worker"):
            harness.start_bot(
                command,
                TEST_STOP_AT=point,
                TEST_KILL_ONCE=str(tmp_path / "once"),
                TEST_STALLED_PROCESS_SECONDS="1",
            )
        # One alone: a second could come to a process that stands still already.
        said = [harness.say(beeps(1))]
        harness.wait(lambda: harness.ledger.states(said) == ["sent"])
        [still] = [bot for bot in harness.bots if is_stopped(bot)]
        os.kill(pid(still), signal.SIGCONT)
        if point not in ("answer.begin", "send.kept"):  # there it has nothing more to store
            harness.wait(lambda: LOST in still.log)
        # It works on with the other.
        said += [harness.say(beeps(count)) for count in (2, 3)]
        harness.wait_until_over(said)
        assert harness.ledger.states(said) == ["sent"] * 3
        assert_answered_once_in_order(harness.memos(), 3)
        assert not harness.texts()


def test_a_process_stands_still_while_linq_takes_the_memo(postgres_url: str) -> None:
    with FaultHarness(postgres_url) as harness:
        bots = [
            harness.start_bot(TEST_STALLED_PROCESS_SECONDS="1"),
            harness.start_bot("worker", TEST_STALLED_PROCESS_SECONDS="1"),
        ]
        harness.sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_hang"}])
        said = [harness.say(beeps(1))]
        harness.call_underway("voicememo")
        [still] = [bot for bot in bots if harness.ledger.at_work_of(pid(bot))]
        os.kill(pid(still), signal.SIGSTOP)
        other = next(bot for bot in bots if bot is not still)
        harness.wait(lambda: other.events("answer sent"))
        os.kill(pid(still), signal.SIGCONT)
        said.append(harness.say(beeps(2)))
        assert [answer.state for answer in harness.wait_until_over(said)] == ["sent", "sent"]
        assert_answered_once_in_order(harness.memos(), 2)


def pid(bot: Bot) -> int:
    assert bot.process is not None
    return bot.process.pid


def is_stopped(bot: Bot) -> bool:
    state = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid(bot))], capture_output=True, text=True, check=False
    )
    return state.stdout.startswith("T")
