"""Voice memos made to kill the bot: it stays up, others are answered, the sender gets one reply."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness
from tests.hostile_audio import corpus
from tests.integration.chat_server import ChatServer

WORST = [
    name
    for name, _ in corpus()
    if any(kind in name for kind in (" at 1 Hz", "700000001", "fragment", "changes"))
][:16]
MEMORY = 512 * 2**20
"""Of Heroku's small dyno, in bytes."""


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    with (
        ChatServer().running() as transcriber,
        BotHarness(
            tmp_path_factory.mktemp("poison"), MEMO_TRANSCRIBE_BASE_URL=transcriber.url
        ) as bot,
    ):
        yield bot


def test_hostile_memos_are_replied_to_once_and_nobody_else_waits(bot: BotHarness) -> None:
    files = dict(corpus())
    assert bot.bot.process is not None
    pid = bot.bot.process.pid
    sent = {
        name: bot.record(files[name], "a.m4a", "audio/x-m4a", f"poison {number}")
        for number, name in enumerate(WORST)
    }
    others = [bot.say("Are you open?", f"other {number}") for number in range(4)]
    for name, message_id in sent.items():
        answer = bot.over(message_id)
        assert answer.state == "sent", name
        assert answer.runs == 1, name
    for message_id in others:
        assert bot.over(message_id).state == "sent"
    for number in range(len(WORST)):
        assert len(bot.sent(f"poison {number}")) == 1
    assert (bot.bot.process.poll(), bot.bot.process.pid) == (None, pid)
    assert peak_memory(pid) < MEMORY


def peak_memory(pid: int) -> int:
    """The most memory that a process has held, in bytes."""
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
