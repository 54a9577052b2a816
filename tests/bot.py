"""The bot for tests: the real command in a process of its own, over real HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests import http_calls
from tests.fork_server import Running, fork_server
from tests.forked_workers import ADDRESS, worker_server
from tests.sandbox_server import SandboxServer

ROOT = Path(__file__).parent.parent

QUICK = {
    # A voice that needs nothing, and patience cut short: what takes minutes takes seconds here.
    "MEMO_VOICES": "espeak",
    "MEMO_LOG_FORMAT": "json",
    "MEMO_SENDER_LIMIT": "1000",
    "TEST_POST_SECONDS": "3",
    "TEST_HISTORY_LAG_SECONDS": "1",
    "TEST_UNEXPECTED_PAUSE_SECONDS": "0.1",
    "TEST_DRAIN_SECONDS": "5",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Bot:
    """`python -m tests.killable serve`, which is `voicememo serve` with shorter patience.

    After a `with` block it is killed: to `stop` takes most of a second and has tests of its own.

    `database_url` may be shared by several. `environment` wins over everything.
    `quick`: False for the real command with its real patience. `forked`: whether the process may
    begin in the fork_server, where everything is imported; False for one from its very beginning to
    its very end.
    """

    def __init__(
        self,
        sandbox: SandboxServer | None,
        database_url: str,
        *,
        command: str = "serve",
        environment: dict[str, str] | None = None,
        quick: bool = True,
        forked: bool = True,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.webhook_url = f"{self.url}/webhooks/linq"
        self.command = command
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("MEMO_", "LINQ_", "DYNO", "DATABASE_"))
        }
        self.environment |= {"PORT": str(self.port), "DATABASE_URL": database_url}
        if quick:
            self.environment |= QUICK
        if quick and forked:
            self.environment[ADDRESS] = worker_server()
        if sandbox is not None:
            self.environment |= {
                "LINQ_API_V3_API_KEY": sandbox.api_key,
                "LINQ_API_V3_BASE_URL": sandbox.api_base,
                "LINQ_WEBHOOK_SECRET": sandbox.secret,
            }
        self.environment |= environment or {}
        self.module = "tests.killable" if quick else "app"
        self.forked = forked
        self.process: Running | None = None
        self._output, name = tempfile.mkstemp()
        os.unlink(name)
        weakref.finalize(self, os.close, self._output)
        self._began = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self, *, ready: bool = True) -> Self:
        """Starts the process and waits until it is ready, unless told not to."""
        self._began = os.fstat(self._output).st_size
        if self.forked:
            self.process = fork_server().spawn(
                self.module, [self.command], self.environment, (self._output, self._output)
            )
        else:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, self.command],
                cwd=ROOT,
                env=self.environment,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, timeout: float = 120.0) -> None:
        deadline = time.monotonic() + timeout
        asked = time.monotonic()
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the bot ended with {self.process.returncode}:\n{self.log}")
            answering = '"event": "answering"' in self._log_from(self._began)
            if self.command == "worker":
                if answering:
                    return
            # Each request takes as much as a tenth of a start; the log may be of another format.
            elif answering or time.monotonic() - asked > 0.2:
                asked = time.monotonic()
                try:
                    if http_calls.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
            time.sleep(0.02)
        raise AssertionError(f"the bot was not ready within {timeout} s:\n{self.log}")

    def kill(self) -> None:
        """SIGKILL, as a host does it."""
        if self.process:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGKILL)
            self.wait()

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout: float = 90.0) -> int:
        """Waits for the end. Returns the exit code."""
        assert self.process is not None
        return self.process.wait(timeout)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.terminate()
            try:
                self.process.wait(90)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"the bot did not stop:\n{self.log}") from None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def is_stopped(self) -> bool:
        """Whether the process stands still after a SIGSTOP."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] in ("T", "t")

    @property
    def log(self) -> str:
        """Everything written so far, by all its processes one after the other."""
        return self._log_from(0)

    def _log_from(self, began: int) -> str:
        length = os.fstat(self._output).st_size - began
        return os.pread(self._output, length, began).decode(errors="replace")

    def events(self, event: str | None = None) -> list[dict[str, Any]]:
        """The log's lines as objects, all or those of one event."""
        found = []
        for line in self.log.split("\n")[:-1]:
            if line.startswith("{"):
                entry = json.loads(line)
                if event is None or entry["event"] == event:
                    found.append(entry)
        return found

    def metric(self, pattern: str) -> float:
        """The sum of all metrics whose line matches."""
        token = self.environment.get("MEMO_ADMIN_TOKEN", "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        text = http_calls.get(f"{self.url}/metrics", headers=headers, timeout=5).text
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(pattern, line)
        )
