"""Voice memos made to kill the bot: it stays up, others are answered, the sender gets one reply."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness import FaultHarness
from tests.hostile_audio import corpus
from tests.integration.chat_server import ChatServer
from tests.prepared_databases import new_sqlite

_ASKING_FOR_MUCH = (
    " at 1 Hz", "700000001", "4294967295", "2147483647", "fragment", "changes", "index of",
    "chunks", "picture", "tag of", "list of", "boxes", "16 million", "without an end", "2**",
)  # fmt: skip
MEMORY = 512 * 2**20
"""Of Heroku's small dyno, in bytes: for the bot and its audio workers together."""
SAMPLE_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultHarness]:
    url = new_sqlite(tmp_path_factory.mktemp("poison") / "bot.db")
    with ChatServer().running() as transcriber, FaultHarness(url) as bot:
        # A forked one would share its memory with the process that it was forked from.
        bot.start_bot(forked=False, MEMO_TRANSCRIBE_BASE_URL=transcriber.url)
        yield bot


def test_hostile_memos_are_replied_to_once_and_nobody_else_waits(bot: FaultHarness) -> None:
    files = {
        name: data for name, data in corpus() if any(kind in name for kind in _ASKING_FOR_MUCH)
    }
    assert bot.bot.process is not None
    pid = bot.bot.process.pid
    with watched(pid) as memory:
        others, sent = [], {}
        for number, (name, data) in enumerate(files.items()):
            sent[name] = bot.record(data, "a.m4a", "audio/x-m4a", f"poison {number}")
            if number % 5 == 0:
                others.append(bot.say(f"Are you open on day {number}?", f"other {number}"))
        bot.wait_until_over([*sent.values(), *others])
        memos = [len(bot.memos(f"other {number}")) for number in range(0, len(files), 5)]
    assert memos == [1] * len(others)
    for name, message_id in sent.items():
        answer = bot.ledger.answer(message_id)
        assert (answer.state, answer.runs) == ("sent", 1), name
    for number, name in enumerate(files):
        assert len(bot.sent(f"poison {number}")) == 1, name
    assert (bot.bot.process.poll(), bot.bot.process.pid) == (None, pid)
    assert memory.samples > 20
    assert memory.processes > 1, "no audio worker was seen"
    assert memory.most_bytes < MEMORY, f"{memory.most_bytes / 2**20:.0f} MB"


@dataclass
class HeldMemory:
    """What a process and its children held together at most, in bytes.

    What they share counts once (PSS) where it would be too much else.
    """

    most_bytes: int = 0
    processes: int = 0
    samples: int = 0


@contextmanager
def watched(pid: int) -> Iterator[HeldMemory]:
    """Looks at the memory of a process and its children again and again."""
    found, over = HeldMemory(), threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_SECONDS):
            tree = [pid, *children(pid)]
            held = sum(map(resident_bytes, tree))
            if held >= MEMORY:  # only then looked at closely: it takes some 5 ms of processor time
                held = sum(map(held_bytes, tree))
            found.most_bytes = max(found.most_bytes, held)
            found.processes = max(found.processes, len(tree))
            found.samples += 1

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread that ended
            found += map(int, (task / "children").read_text().split())
    return found + [deeper for child in found for deeper in children(child)]


def resident_bytes(pid: int) -> int:
    """The memory of a process with all of what it shares: never less than `held_bytes`."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    return 0


def held_bytes(pid: int) -> int:
    """The memory of a process, its part of what it shares with others; 0 when it is over."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        line = next(line for line in lines if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024
    return 0
