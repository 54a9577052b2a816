"""Commands for tests, run as a person runs them: in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bot import ROOT


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
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=folder,
        env=environment_of(environment),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
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
