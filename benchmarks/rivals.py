"""The bot and the naive pipeline, each with a local Linq of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.load import Message, send
from benchmarks.local_events import SECRET
from benchmarks.process_tree import ProcessTree
from tests import http_calls
from tests.bot import free_port

API_KEY = "benchmark"
SETTLED_SECONDS = 120.0


@dataclass(frozen=True, eq=False)
class Rival:
    """webhook_urls: of its processes. linq_url: its local Linq. processes: without that."""

    name: str
    webhook_urls: Sequence[str]
    linq_url: str
    processes: Sequence[ProcessTree]

    @property
    def webhook_url(self) -> str:
        return self.webhook_urls[0]

    def memos(self) -> dict[str, list[float]]:
        """When the memos of each chat were accepted (`time.monotonic`), in order."""
        found: dict[str, list[float]] = {}
        for chat_id, at in http_calls.get(f"{self.linq_url}/memos", timeout=30).json():
            found.setdefault(chat_id, []).append(at)
        return found

    def last_memo(self) -> bytes:
        """The memo that was uploaded last."""
        return http_calls.get(f"{self.linq_url}/last", timeout=30).content

    def wait_for(self, count: int) -> None:
        """Wait until so many memos were accepted in all. Raises: TimeoutError."""
        deadline = time.monotonic() + SETTLED_SECONDS
        while self.count() < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: the memos did not all come")
            time.sleep(0.1)

    def count(self) -> int:
        """How many memos were accepted."""
        return int(http_calls.get(f"{self.linq_url}/count", timeout=30).text)

    def cpu_seconds(self) -> float:
        return sum(tree.cpu_seconds() for tree in self.processes)

    def memory_mb(self) -> float:
        return sum(tree.memory_mb() for tree in self.processes)

    def warm_up(self, messages: int = 8) -> None:
        """Have everything imported and every audio worker started."""
        before = self.count()
        plan = [
            Message(0, url, f"Warming up, {number} of many.")
            for number in range(messages)
            for url in self.webhook_urls
        ]
        send(plan)
        self.wait_for(before + len(plan))


@contextmanager
def bot(
    environment: dict[str, str],
    *,
    database_url: str = "",
    processes: int = 1,
    module: str = "app",
) -> Iterator[Rival]:
    """The real command, with its real patience; `processes` of them on one database.

    module: what is run, as in `python -m app`.
    """
    ports = [free_port() for _ in range(processes)]
    webhook_urls = [f"http://127.0.0.1:{port}/webhooks/linq" for port in ports]
    with tempfile.TemporaryDirectory() as folder, _linq(webhook_urls[0]) as linq_url:
        own = {
            "DATABASE_URL": database_url or f"sqlite:///{Path(folder) / 'bench.db'}",
            "LINQ_API_V3_BASE_URL": f"{linq_url}/api/partner",
            "LINQ_API_V3_API_KEY": API_KEY,
            "LINQ_WEBHOOK_SECRET": SECRET,
            "MEMO_SENDER_LIMIT": "100000",
        }
        started: list[subprocess.Popen[bytes]] = []
        try:
            with (Path(folder) / "log").open("wb") as log:
                for port in ports:
                    command = [module, "serve"]
                    started.append(
                        _start(command, own | {"PORT": str(port)} | environment, log.fileno())
                    )
                    _wait_until_answering(f"http://127.0.0.1:{port}/readyz", started[-1])
            yield Rival(
                "ours", webhook_urls, linq_url, [ProcessTree(process.pid) for process in started]
            )
        finally:
            for process in started:
                _end(process)


@contextmanager
def naive(environment: dict[str, str]) -> Iterator[Rival]:
    port = free_port()
    webhook_url = f"http://127.0.0.1:{port}/webhooks/linq"
    with _linq(webhook_url) as linq_url:
        own = {
            "LINQ_API_V3_BASE_URL": f"{linq_url}/api/partner",
            "LINQ_API_V3_API_KEY": API_KEY,
        }
        with _process(["benchmarks.naive", str(port)], own | environment) as process:
            _wait_until_answering(webhook_url, process)
            yield Rival("naive", [webhook_url], linq_url, [ProcessTree(process.pid)])


@contextmanager
def slow_models() -> Iterator[str]:
    """The address of a slow speech server and language model."""
    port = free_port()
    with _process(["benchmarks.local_models", str(port)], {}) as process:
        _wait_until_answering(f"http://127.0.0.1:{port}/ends", process)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _linq(webhook_url: str) -> Iterator[str]:
    port = free_port()
    with _process(["benchmarks.local_linq", str(port), webhook_url], {}) as process:
        _wait_until_answering(f"http://127.0.0.1:{port}/memos", process)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = _start(command, environment, None)
    try:
        yield process
    finally:
        _end(process)


def _start(
    command: list[str], environment: dict[str, str], output: int | None
) -> subprocess.Popen[bytes]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MEMO_", "LINQ_", "DYNO", "DATABASE_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", *command], env=inherited | environment, stdout=output, stderr=output
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_answering(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if http_calls.get(url, timeout=5).status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not answer at {url}")
