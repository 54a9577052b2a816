"""A sandbox, a database and the bots on it, for tests in which something goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from types import TracebackType
from typing import Any, Self, TypeVar

from app.sandbox import SandboxConfig
from app.store.ledger import AnswerRecord
from tests.bot import Bot
from tests.faults.balancer import Balancer
from tests.faults.ledger import UNDERWAY, Ledger
from tests.sandbox_server import SandboxServer

R = TypeVar("R")

PATIENT = SandboxConfig(retry_delays=(0.1,) * 400)
"""Webhooks that come again until the bot is back, as Linq's do for half an hour."""

UNHEARD: list[dict[str, Any]] = [
    {"endpoint": "webhook", "kind": "missing_headers", "event_type": event_type, "count": 10_000}
    for event_type in ("message.sent", "message.delivered")
]
"""Faults by which no webhook tells what became of a memo: the bot refuses them."""


class FaultHarness:
    """Everything stops with the `with` block. Timeouts are generous: the machine may be busy."""

    def __init__(self, database_url: str, config: SandboxConfig = PATIENT) -> None:
        self.database_url = database_url
        self.ledger = Ledger(database_url)
        self.sandbox = SandboxServer(config)
        self._stack = ExitStack()
        self._doors: list[int] = []
        self.bots: list[Bot] = []

    def __enter__(self) -> Self:
        self._stack.enter_context(self.sandbox)
        router = self._stack.enter_context(Balancer(lambda: self._doors))
        self.webhook_url = f"http://127.0.0.1:{router.port}/webhooks/linq"
        self.sandbox.point_at(self.webhook_url)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(self.report())
        for bot in self.bots:
            if bot.process and bot.process.poll() is None:
                bot.kill()
        self._stack.close()

    def bot(
        self, command: str = "serve", *, start: bool = True, forked: bool = True, **environment: str
    ) -> Bot:
        """One more process on the database; webhooks go to the first of them that listens."""
        bot = Bot(
            self.sandbox,
            self.database_url,
            command=command,
            environment=environment,
            forked=forked,
        )
        if command == "serve":
            self._doors.append(bot.port)
        self.bots.append(bot)
        return bot.start() if start else bot

    def route_to(self, bot: Bot) -> None:
        """New connections of webhooks go to this process first."""
        self._doors.sort(key=lambda port: port != bot.port)

    def say(self, text: str | None, chat: str = "one", **options: Any) -> str:
        """Somebody writes in a chat of this name, each with a person of its own. The message id."""
        options.setdefault("sender", f"+1312556{sum(map(ord, chat)) % 10_000:04}")
        return str(self.sandbox.inbound(text, chat=chat, **options)["message_id"])

    def sent(self, chat: str = "one") -> list[dict[str, Any]]:
        """What the bot sent into a chat: memos and texts, in the order of their acceptance."""
        found = [
            one
            for one in self.sandbox.state()["messages"]
            if one["chat"] == chat and one["accepted_number"]
        ]
        return sorted(found, key=lambda one: int(one["accepted_number"]))

    def memos(self, chat: str = "one") -> list[dict[str, Any]]:
        return [one for one in self.sent(chat) if one["memo"]]

    def texts(self, chat: str = "one") -> list[str]:
        return [one["text"] for one in self.sent(chat) if not one["memo"]]

    def wait(self, what: Callable[[], R | None], timeout: float = 30.0) -> R:
        """The first true value of `what()`."""
        deadline = time.monotonic() + timeout
        while True:
            found = what()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not happen within {timeout} s")
            time.sleep(0.1)

    def wait_until_over(
        self, message_ids: Sequence[str], timeout: float = 60.0
    ) -> list[AnswerRecord]:
        """Waits until these messages are answered and nothing is under way any more."""

        def over() -> list[AnswerRecord] | None:
            if self.sandbox.state()["deliveries_underway"]:
                return None
            answers = {answer.answer_id: answer for answer in self.ledger.answers()}
            wanted = [answers.get(f"answer:{one}") for one in message_ids]
            if None in wanted or any(answer.state in UNDERWAY for answer in answers.values()):
                return None
            return [answer for answer in wanted if answer]

        return self.wait(over, timeout)

    def delete_attachment(self, attachment_id: str) -> None:
        """Linq loses a file."""
        self.sandbox.http.delete(
            f"/api/partner/v3/attachments/{attachment_id}",
            headers={"Authorization": f"Bearer {self.sandbox.api_key}"},
        ).raise_for_status()

    def call_underway(self, endpoint: str, count: int = 1) -> None:
        """Waits until the bot has called an endpoint of the sandbox so many times."""
        self.wait(lambda: self.sandbox.state()["calls"].get(endpoint, 0) >= count)

    def report(self) -> str:
        """What one wants to read when a test fails."""
        lines = [f"{one.answer_id} {one.state} {one.reason}" for one in self.ledger.answers()]
        for bot in self.bots:
            lines += [f"--- {bot.command} on {bot.port}", bot.log[-6000:]]
        return "\n".join(lines)


def durations(memos: Sequence[dict[str, Any]]) -> list[float]:
    return [memo["memo"]["probe"]["duration"] for memo in memos]


def beeps(count: int) -> str:
    """A text whose memo is the longer, the greater `count` is: it shows which memo is whose."""
    return "Please " + "beep " * count


def assert_answered_once_in_order(memos: Sequence[dict[str, Any]], count: int) -> None:
    """That these are the memos to `beeps(1)`, `beeps(2)`, … `beeps(count)`, each once, in order.

    `count` memos, each longer than the one before, can be no others.
    """
    lengths = durations(memos)
    assert len(lengths) == count, f"{len(lengths)} memos for {count} messages: {lengths} s"
    assert all(a < b for a, b in pairwise(lengths)), f"order: {lengths} s"
