"""The whole path, side by side with the naive pipeline: `python -m benchmarks.pipeline`.

Prints acknowledgement, turnaround, throughput and memory, and exits non-zero under the aims.
Machines are noisy: it is the ratios of one run that count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from app.sandbox import SandboxConfig
from tests.bot import Bot, free_port
from tests.sandbox_server import SandboxServer

# Some six seconds when spoken.
TEXT = "Thanks for your message. We are open from nine to six, and on Saturday from ten to {}."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="exchanges for the turnaround")
    parser.add_argument("--messages", type=int, default=60, help="messages for the throughput")
    parser.add_argument("--webhooks", type=int, default=500, help="webhooks to acknowledge")
    options = parser.parse_args()
    with SandboxServer(SandboxConfig(rate_limit=100_000)) as sandbox:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'bench.db'}"
            with Bot(sandbox, url, environment={"MEMO_LOG_LEVEL": "warning"}) as bot:
                assert bot.process is not None
                pid = bot.process.pid
                rest = _memory(pid)
                sandbox.point_at(bot.webhook_url)
                ours = _turnaround(sandbox, options.rounds, "ours")
                fast, busy = _throughput(sandbox, options.messages, "ours", lambda: _memory(pid))
                acknowledged = _acknowledge(sandbox, options.webhooks)
        with _naive(sandbox) as address:
            sandbox.point_at(address)
            theirs = _turnaround(sandbox, options.rounds, "naive")
            slow, _ = _throughput(sandbox, options.messages, "naive", lambda: 0.0)
    checks = [
        ("acknowledge a webhook, p99 at 50/s", f"{acknowledged:.0f} ms", acknowledged <= 50),
        _ratio("turnaround, idle, 6 s memo", ours, theirs, "s", at_most=0.5),
        _ratio("throughput, saturated", fast, slow, "memos/s", at_least=4.0),
        ("memory at rest", f"{rest:.0f} MB", rest <= 160),
        ("memory at work", f"{busy:.0f} MB", busy <= 256),
    ]
    for name, figure, met in checks:
        print(f"{'ok  ' if met else 'MISS'}  {name:36} {figure}")
    return 0 if all(met for _, _, met in checks) else 1


def _ratio(
    name: str,
    ours: float,
    theirs: float,
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> tuple[str, str, bool]:
    ratio = ours / theirs
    met = ratio <= at_most if at_most is not None else ratio >= (at_least or 0)
    return name, f"{ours:.3g} {unit} to the naive {theirs:.3g} {unit}: × {ratio:.2f}", met


def _turnaround(sandbox: SandboxServer, rounds: int, who: str) -> float:
    """Median seconds from a webhook to the memo posted, one at a time."""
    taken = []
    for number in range(rounds + 2):
        started = time.perf_counter()
        sent = sandbox.inbound(TEXT.format(f"{who} {number}"), sender="+13125550177")
        _wait(sandbox, {sent["chat_id"]: number + 1}, sent["chat_id"])
        if number >= 2:  # the first warm everything up
            taken.append(time.perf_counter() - started)
    sandbox.reset()
    return statistics.median(taken)


def _throughput(
    sandbox: SandboxServer, messages: int, who: str, memory: Callable[[], float]
) -> tuple[float, float]:
    """Memos per second when all messages come at once, in chats of three; and memory's peak."""
    started = time.perf_counter()
    wanted: dict[str, int] = {}
    for number in range(messages):
        sent = sandbox.inbound(
            TEXT.format(f"{who} number {number}"), sender=f"+1312555{number // 3:04}"
        )
        wanted[sent["chat_id"]] = wanted.get(sent["chat_id"], 0) + 1
    peak = _wait(sandbox, wanted, None, memory)
    taken = time.perf_counter() - started
    sandbox.reset()
    return messages / taken, peak


def _acknowledge(sandbox: SandboxServer, webhooks: int) -> float:
    """99th percentile in ms of acknowledging webhooks that come at 50 per second."""
    start = time.perf_counter()
    for number in range(webhooks):
        time.sleep(max(0.0, start + number / 50 - time.perf_counter()))
        # Messages of the line itself: stored, not answered, so that this is what is measured.
        sandbox.inbound(f"ack {number}", sender=f"+1312556{number % 50:04}", outbound=True)
    state = sandbox.wait_for(
        lambda state: state if len(_received(state)) >= webhooks else None, timeout=30
    )
    times = sorted(one["elapsed_ms"] for one in _received(state))
    sandbox.reset()
    return float(times[int(len(times) * 0.99) - 1])


def _received(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        one
        for one in state["deliveries"]
        if one["event_type"] == "message.received" and one["status"]
    ]


def _wait(
    sandbox: SandboxServer,
    wanted: dict[str, int],
    chat: str | None,
    memory: Callable[[], float] = lambda: 0.0,
) -> float:
    """Wait until every chat has its memos. Returns the peak of `memory` meanwhile."""
    peak = 0.0
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        peak = max(peak, memory())
        chats = sandbox.state(chat=chat)["chats"]
        if all(one["outbound"] >= wanted.get(one["id"], 0) for one in chats):
            return peak
        time.sleep(0.005 if chat else 0.1)
    raise SystemExit("the memos did not all come")


def _memory(pid: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def _naive(sandbox: SandboxServer) -> Iterator[str]:
    port = free_port()
    environment = os.environ | {
        "LINQ_API_V3_BASE_URL": sandbox.api_base,
        "LINQ_API_V3_API_KEY": sandbox.api_key,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.naive", str(port)], env=environment
    )
    try:
        address = f"http://127.0.0.1:{port}/webhooks/linq"
        while process.poll() is None:
            try:
                httpx.get(address)
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
