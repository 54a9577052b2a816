"""Kills and stops the audio workers of a bot, as no test of the pool alone can."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

from tests.bot import Bot
from tests.forked_workers import NAME


def worker_pids(bot: Bot) -> list[int]:
    """The audio workers that a bot has at the moment."""
    assert bot.process is not None
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if bot_of(pid) == bot.process.pid]


def bot_of(pid: int) -> int | None:
    """The bot that this process is an audio worker of; None for any other and one that is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        command = (folder / "cmdline").read_bytes()
        if b"tests.forked_workers" in command:
            named = re.fullmatch(NAME.format(r"(\d+)"), (folder / "comm").read_text().strip())
            return int(named[1]) if named else None
        if b"app.audio.worker" in command:
            return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        pass
    return None


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal to an audio worker. Returns whether there was one."""
    with suppress(ProcessLookupError):
        if bot_of(pid):
            os.kill(pid, number)
            return True
    return False
