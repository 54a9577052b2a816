"""Kills and stops the audio workers of a bot, as no test of the pool alone can."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.bot import Bot


def worker_pids(bot: Bot) -> list[int]:
    """The audio workers that a bot has at the moment."""
    assert bot.process is not None
    children = Path(f"/proc/{bot.process.pid}/task").glob("*/children")
    found = []
    for file in children:
        with suppress(OSError):  # it has ended
            found += [int(pid) for pid in file.read_text().split() if is_worker(int(pid))]
    return found


def is_worker(pid: int) -> bool:
    """Whether this process is an audio worker, and not gone."""
    try:
        return b"app.audio.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal to an audio worker. Returns whether there was one."""
    with suppress(ProcessLookupError):
        if is_worker(pid):
            os.kill(pid, number)
            return True
    return False
