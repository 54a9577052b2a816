"""Commands for tests, run as a person runs them: in a process of their own.

`run` forks that process in the fork_server; `start` starts one from its very beginning.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.bot import ROOT
from tests.fork_server import fork_server


def environment_of(environment: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of this process without settings of the bot, and with these."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MEMO_", "LINQ_", "DATABASE_", "PORT"))
    }
    # The project is not installed in a folder of the test's.
    return clean | {"PYTHONPATH": str(ROOT), "MEMO_VOICES": "espeak"} | (environment or {})


def run(
    *arguments: str, environment: dict[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, in `folder`."""
    with _output() as told, _output() as complained:
        running = fork_server().spawn(
            "app",
            arguments,
            environment_of(environment),
            (told.fileno(), complained.fileno()),
            folder,
        )
        try:
            code = running.wait(90)
        finally:
            running.send_signal(signal.SIGKILL)
        told.seek(0)
        complained.seek(0)
        return subprocess.CompletedProcess(
            arguments, code, stdout=told.read(), stderr=complained.read()
        )


def start(
    *arguments: str, environment: dict[str, str] | None = None, folder: Path = ROOT
) -> subprocess.Popen[str]:
    """Starts a command; its two outputs are pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=folder,
        env=environment_of(environment) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _output() -> IO[str]:
    return TemporaryFile("w+", encoding="utf-8")
