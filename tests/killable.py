"""The bot with its patience shortened, and able to kill itself where a test says.

TEST_KILL_AT names a point of an answer (`compose.end`, `send.intent`, …); the process then sends
itself SIGKILL there. With TEST_KILL_ONCE, a file, only while that does not exist.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from app.answers.timing import Timing
from app.server import serve, work
from app.service import Service
from app.settings import load_settings
from app.telemetry import configure_logging


def at(point: str) -> None:
    if point != os.environ.get("TEST_KILL_AT"):
        return
    once = os.environ.get("TEST_KILL_ONCE")
    if once:
        if Path(once).exists():
            return
        Path(once).touch()
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def timing() -> Timing:
    return Timing(
        post=float(os.environ["TEST_POST"]),
        grace=float(os.environ["TEST_GRACE"]),
        rescue=float(os.environ["TEST_RESCUE"]),
        drain=int(os.environ["TEST_DRAIN"]),
        give_up=float(os.environ.get("TEST_GIVE_UP", "120")),
        look_up=float(os.environ.get("TEST_LOOK_UP", "120")),
    )


if __name__ == "__main__":
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    run = {"serve": serve, "worker": work}[sys.argv[1]]
    sys.exit(run(settings, Service(settings, timing=timing(), at=at)))
