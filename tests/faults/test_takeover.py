"""A colleague writes while a process works on the answer, and it dies or stands still there."""

from __future__ import annotations

import os
import signal

import pytest

from tests.bot import Bot
from tests.harness import QUICKLY_AGAIN, FaultHarness, audible, beeps

WORDS = "I'll take this one."


@pytest.mark.parametrize(
    ("kind", "point", "then"),
    [
        ("postgres", "compose.begin", signal.SIGCONT),
        ("postgres", "compose.kept", signal.SIGKILL),
        ("postgres", "synthesize.end", signal.SIGCONT),
        ("postgres", "send.intent", signal.SIGKILL),
        ("sqlite", "compose.end", signal.SIGKILL),
        ("sqlite", "synthesize.begin", signal.SIGCONT),
    ],
)
def test_what_is_not_sent_yet_is_dropped(
    request: pytest.FixtureRequest, kind: str, point: str, then: signal.Signals
) -> None:
    with FaultHarness(request.getfixturevalue(f"{kind}_url"), QUICKLY_AGAIN) as harness:
        message, process = _taken_over_at(harness, point)
        os.kill(process.pid, then)
        dropped = harness.over(message)
        assert dropped.state == "silent"
        # Where nothing was composed, the answer is not begun again.
        assert dropped.reason == ("hand_over" if point == "compose.end" else "taken_over")
        assert dropped.text is None, "what was not said is not kept as if it had been"
        assert harness.sent() == []
        assert harness.turns("one") == [("assistant", WORDS), ("user", beeps(1).strip())]
        # Whoever writes again meanwhile is not answered; their words are kept.
        quiet = harness.ask("Thank you!", "one")
        assert (quiet.state, quiet.reason) == ("silent", "hand_over")
        assert harness.turns("one")[-1] == ("user", "Thank you!")
        assert harness.sent() == []
        assert harness.ask("Is anybody there?", "another").state == "sent"


@pytest.mark.parametrize("point", ["send.posted", "send.kept"])
def test_what_was_posted_stands_and_so_do_the_words_of_the_colleague(
    postgres_url: str, point: str
) -> None:
    with FaultHarness(postgres_url, QUICKLY_AGAIN) as harness:
        message, process = _taken_over_at(harness, point)
        os.kill(process.pid, signal.SIGKILL)
        assert harness.over(message).state == "sent"
        assert len(harness.memos()) == 1
        assert audible(harness.memos())
        said = {words for _, words in harness.turns("one")}
        assert said == {WORDS, beeps(1).strip(), f"You said: {beeps(1).strip()}"}


def _taken_over_at(harness: FaultHarness, point: str) -> tuple[str, Bot]:
    """A message whose process stands still at a point, while a colleague writes.

    Another process takes the webhooks. Returns the message and the process that stands still.
    """
    first = harness.start_bot(TEST_STOP_AT=point)
    message = harness.say(beeps(1))
    harness.wait(lambda: first.is_stopped)
    # Looks every four seconds whether the first is dead.
    second = harness.start_bot(TEST_STALLED_PROCESS_SECONDS="24")
    harness.route_to(second)
    harness.sandbox.outbound("one", WORDS)
    harness.wait(lambda: ("assistant", WORDS) in harness.turns("one"))
    return message, first
