"""Audio workers that are killed or hang just when a memo is to be made."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.audio_worker_faults import send, worker_pids
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_memo_is_made_by_another_worker(number: signal.Signals, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    with FaultHarness(f"sqlite:///{tmp_path}/bot.db") as harness:
        bot = harness.start_bot(TEST_STOP_FILE=str(stop))
        said = [harness.say(f"In one: {beeps(1)}")]
        harness.wait_until_over(said)
        stop.write_text("synthesize.begin")
        said.append(harness.say(f"In one: {beeps(2)}"))
        harness.wait(lambda: bot.is_stopped)
        lost = worker_pids(bot)
        assert lost
        for pid in lost:
            send(pid, number)
        assert bot.process is not None
        bot.process.send_signal(signal.SIGCONT)
        answers = harness.wait_until_over(said)
        assert {answer.state for answer in answers} == {"sent"}
        assert_answered_once_in_order(harness.memos("one"), 2)
        assert not set(lost) & set(worker_pids(bot))
