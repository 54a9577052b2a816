"""Several processes on one database: one dies for good, one stands still and comes back."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.harness import QUICKLY_AGAIN, FaultHarness, assert_answered_once_in_order, beeps

POINTS = {
    "postgres": (
        "answer.begin",
        "compose.end",
        "synthesize.end",
        "compose.kept",
        "send.intent",
        "send.posted",
        "send.kept",
    ),
    "sqlite": ("synthesize.end", "send.intent"),
}

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
        victim = next(bot for bot in bots[::-1] if harness.ledger.at_work_of(bot.pid))
        victim.kill()
        harness.wait_until_over(said)
        for chat in chats:
            assert_answered_once_in_order(harness.memos(chat), 2)
        assert any(bot.events("answers taken over") for bot in bots)


@pytest.mark.parametrize(("kind", "points"), POINTS.items(), ids=POINTS)
def test_a_process_that_stands_still_and_is_taken_over_does_not_send_again(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, points: Sequence[str]
) -> None:
    stop = tmp_path / "stop"
    with FaultHarness(request.getfixturevalue(f"{kind}_url"), QUICKLY_AGAIN) as harness:
        for command in ("serve", "worker"):
            harness.start_bot(command, TEST_STOP_FILE=str(stop), TEST_STALLED_PROCESS_SECONDS="1")
        for point in points:
            harness.wait(lambda: not harness.ledger.queued())
            stop.write_text(point)
            _taken_over_at(harness, point)


def _taken_over_at(harness: FaultHarness, point: str) -> None:
    chat = f"at {point}"
    # One alone: a second could come to a process that stands still already. Words of its own: those
    # of a kept clip are not synthesized.
    said = [harness.say(f"In {chat}: {beeps(1)}", chat)]
    harness.wait(lambda: harness.ledger.states(said) == ["sent"])
    [still] = [bot for bot in harness.bots if bot.is_stopped]
    before = len(still.events(LOST))
    os.kill(still.pid, signal.SIGCONT)
    if point not in ("answer.begin", "send.kept"):  # there it has nothing more to store
        harness.wait(lambda: len(still.events(LOST)) > before)
    # It works on with the other.
    said += [harness.say(f"In {chat}: {beeps(count)}", chat) for count in (2, 3)]
    harness.wait_until_over(said)
    assert harness.ledger.states(said) == ["sent"] * 3, point
    assert_answered_once_in_order(harness.memos(chat), 3)
    assert not harness.texts(chat)


def test_a_process_stands_still_while_linq_takes_the_memo(postgres_url: str) -> None:
    with FaultHarness(postgres_url, QUICKLY_AGAIN) as harness:
        bots = [
            harness.start_bot(TEST_STALLED_PROCESS_SECONDS="1"),
            harness.start_bot("worker", TEST_STALLED_PROCESS_SECONDS="1"),
        ]
        harness.sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_hang"}])
        said = [harness.say(beeps(1))]
        harness.call_underway("voicememo")
        [still] = [bot for bot in bots if harness.ledger.at_work_of(bot.pid)]
        os.kill(still.pid, signal.SIGSTOP)
        other = next(bot for bot in bots if bot is not still)
        harness.wait(lambda: other.events("answer sent"))
        os.kill(still.pid, signal.SIGCONT)
        said.append(harness.say(beeps(2)))
        assert [answer.state for answer in harness.wait_until_over(said)] == ["sent", "sent"]
        assert_answered_once_in_order(harness.memos(), 2)
