"""The load, in a process of its own: `python -m benchmarks.load`, a plan of `Message`s on stdin.

Sends each message's webhook at its moment, whatever became of those before, and prints when each
was sent and how long its acknowledgement took.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import httpx

from benchmarks.local_events import headers, received


@dataclass(frozen=True)
class Message:
    """at: seconds from the beginning of the load. chat_id: a new chat unless it is told."""

    at: float
    url: str
    text: str
    chat_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Sent:
    """sent_at: of `time.monotonic`, the same in all processes. acknowledged: seconds."""

    sent_at: float
    acknowledged: float


def send(messages: Sequence[Message]) -> list[Sent]:
    """Run a plan in a process of its own. Raises: RuntimeError where a webhook was refused."""
    plan = json.dumps([asdict(message) for message in messages])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=plan,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError("a webhook was not acknowledged")
    return [Sent(*one) for one in json.loads(done.stdout)]


async def _send_all(messages: Sequence[Message]) -> list[Sent]:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:
        began = time.monotonic() + 0.1
        return list(await asyncio.gather(*(_send(client, began, one) for one in messages)))


async def _send(client: httpx.AsyncClient, began: float, message: Message) -> Sent:
    await asyncio.sleep(began + message.at - time.monotonic())
    body = received(message.chat_id, message.text, str(uuid.uuid4()))
    signed = headers(body)
    sent_at = time.monotonic()
    response = await client.post(message.url, content=body, headers=signed)
    acknowledged = time.monotonic() - sent_at
    response.raise_for_status()
    return Sent(sent_at, acknowledged)


if __name__ == "__main__":
    plan = [Message(**one) for one in json.load(sys.stdin)]
    results = asyncio.run(_send_all(plan))
    json.dump([(one.sent_at, one.acknowledged) for one in results], sys.stdout)
