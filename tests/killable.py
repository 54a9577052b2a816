"""The bot with its patience shortened, and able to kill or stop itself where a test says.

TEST_KILL_AT names a point of an answer (`compose.end`, `send.intent`, …): the process sends itself
SIGKILL there. With TEST_KILL_ONCE, a file, only while that does not exist. TEST_STOP_AT is the same
for SIGSTOP, with TEST_KILL_ONCE as well. TEST_KILL_FILE is a file that may come to hold such a
name later: of several processes the first at that point takes the file away and dies.
TEST_STOP_FILE is the same for SIGSTOP.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from app.answers.timing import Timing
from app.audio import spawn_worker
from app.server import serve, work
from app.service import Service
from app.settings import ConfigurationError, load_settings
from app.store.database import Database
from app.store.sqlite import WriteLock
from app.telemetry import configure_logging
from tests.forked_workers import ADDRESS, ForkedWorker


class Points:
    """Told of every point that an answer passes."""

    def __init__(self) -> None:
        self._signals = {
            os.environ.get("TEST_KILL_AT"): signal.SIGKILL,
            os.environ.get("TEST_STOP_AT"): signal.SIGSTOP,
        }
        self._once = os.environ.get("TEST_KILL_ONCE")
        self._files = {
            os.environ.get("TEST_KILL_FILE"): signal.SIGKILL,
            os.environ.get("TEST_STOP_FILE"): signal.SIGSTOP,
        }
        self.database: Database | None = None

    def at(self, point: str) -> None:
        for file, one in self._files.items():
            if file and _is_named_in(Path(file), point):
                with self._outside_of_writes():
                    _send(one)
        number = self._signals.get(point)
        if number and (not self._once or _is_first(Path(self._once))):
            with self._outside_of_writes():
                _send(number)

    @contextmanager
    def _outside_of_writes(self) -> Iterator[None]:
        """While no thread of this process holds SQLite's one lock: a process that stands still
        with it would stop all others, which no test asks for."""
        if self.database is None or not self.database.is_sqlite:
            yield
            return
        with self.database.engine.connect() as connection:
            lock: WriteLock = cast(Any, connection.connection.dbapi_connection).write_lock
        taken = lock.enter()
        try:
            yield
        finally:
            if taken:
                lock.leave()


def _is_named_in(file: Path, point: str) -> bool:
    try:
        if file.read_text() != point:
            return False
        file.unlink()
    except OSError:  # there is none, or this process may open no more files
        return False
    return True


def _is_first(file: Path) -> bool:
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _send(number: signal.Signals) -> None:
    sys.stdout.flush()
    os.kill(os.getpid(), number)


def timing() -> Timing:
    """TEST_{NAME} overrides the timing of that name, e.g. TEST_POST_SECONDS=3."""
    default = Timing()
    told = {
        name: type(value)(os.environ[f"TEST_{name.upper()}"])
        for name, value in vars(default).items()
        if f"TEST_{name.upper()}" in os.environ
    }
    return replace(default, **told)


def main(command: str) -> int:
    """`voicememo serve` or `voicememo worker`. Returns the exit code."""
    try:
        settings = load_settings()
        configure_logging(settings.log_format, settings.log_level)
        points = Points()
        spawn = ForkedWorker if os.environ.get(ADDRESS) else spawn_worker
        service = Service(settings, timing=timing(), at=points.at, spawn=spawn)
        points.database = service.database
        return {"serve": serve, "worker": work}[command](settings, service)
    except ConfigurationError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
