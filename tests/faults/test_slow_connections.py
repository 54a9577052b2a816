"""Hundreds of connections that send next to nothing, at a small limit of open files."""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from tests.bot import Bot
from tests.faults.delivering import post
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

CONNECTIONS = 300
OPEN_FILES = 160
BEGINNING = b"POST /webhooks/linq HTTP/1.1\r\nHost: x\r\nX-Slow: "


@contextmanager
def few_open_files() -> Iterator[None]:
    """A process that is started here may open OPEN_FILES files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_webhooks_are_taken_beside_three_hundred_slow_connections(
    sandbox: SandboxServer, sqlite_url: str
) -> None:
    bot = Bot(sandbox, sqlite_url, forked=False)
    with few_open_files():
        bot.start(ready=False)
    with bot_stopped_at_the_end(bot), ExitStack() as stack:
        bot.wait_ready()
        began = len(bot.log)
        bodies = events(sandbox, 5)
        for body in bodies:
            for _ in range(CONNECTIONS // len(bodies)):
                stack.enter_context(slow_connection(bot.port))
            assert post(bot.webhook_url, sandbox.secret, body) == 200
        assert len(bot.log) - began < 100_000
        assert len(bot.events("message accepted")) == len(bodies)
        closed = bot.events("connection closed")
        assert {one["reason"] for one in closed} <= {"too_many_connections", "request_too_slow"}
        assert 1 <= len(closed) <= 20


@contextmanager
def bot_stopped_at_the_end(bot: Bot) -> Iterator[None]:
    try:
        yield
    finally:
        bot.stop()


@contextmanager
def slow_connection(port: int) -> Iterator[None]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        with suppress(OSError):
            one.sendall(BEGINNING)
        yield


def events(sandbox: SandboxServer, count: int) -> list[bytes]:
    """Events of somebody writing, which no bot has got."""
    with WebhookReceiver() as receiver:
        sandbox.point_at(receiver.url)
        sandbox.inbound("Hello", chat="one", sender="+13125550101")
        first = json.loads(receiver.wait_for(1)[0].body)
    return [
        json.dumps(
            first | {"event_id": f"event-{number}", "data": first["data"] | {"id": f"m-{number}"}}
        ).encode()
        for number in range(count)
    ]
