"""People who write to the real bot over the sandbox, and what they get for it.

`BotHarness` has one bot; `FaultHarness` has as many processes as a test starts, behind a router.
"""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from app.responders.protocol import Turn
from app.sandbox import SandboxConfig
from app.store import conversations
from app.store.database import Database
from app.store.ledger import AnswerRecord
from tests.balancer import Balancer
from tests.bot import Bot
from tests.ledger import UNDERWAY, Ledger
from tests.prepared_databases import new_sqlite
from tests.sandbox_server import SandboxServer

R = TypeVar("R")
Json = dict[str, Any]

DEADLINE = 120.0
"""Seconds after which a wait has failed. Long, because the machine may be busy; what is met sooner
is not waited for."""

PATIENT = SandboxConfig(retry_delays=(*(0.1,) * 5, *(0.3,) * 300), rate_limit=None)
"""Webhooks that come again until the bot is back, as Linq's do for half an hour."""

QUICKLY_AGAIN = replace(PATIENT, webhook_timeout=1.5)
"""A webhook that went to a process that stands still soon goes to another one."""

UNHEARD: list[Json] = [
    {"endpoint": "webhook", "kind": "missing_headers", "event_type": event_type, "count": 10_000}
    for event_type in ("message.sent", "message.delivered")
]
"""Faults by which no webhook tells what became of a memo: the bot refuses them."""


class NotInTime(AssertionError):
    """What was waited for did not happen; the message holds the harness's report."""


class BotHarness:
    """A sandbox, a database and one bot on them; all stop with the `with` block.

    Each chat is named and has a person of its own.
    """

    def __init__(
        self, database: Path | str, config: SandboxConfig = PATIENT, /, **environment: str
    ) -> None:
        """database: a folder for a SQLite file, or an address. environment: of all bots."""
        self.database_url = (
            database if isinstance(database, str) else new_sqlite(database / "bot.db")
        )
        self.environment = environment
        self.sandbox = SandboxServer(config)
        self.ledger = Ledger(self.database_url)
        self.database = Database(self.database_url)
        self.bots: list[Bot] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack as stack:
            stack.callback(self.database.close)
            stack.callback(self.ledger.close)
            stack.enter_context(self.sandbox)
            self._begin()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, NotInTime):
            error.add_note(self.report())
        self._stack.close()

    def _begin(self) -> None:
        """Start what the sandbox's webhooks go to."""
        bot = self._new_bot("serve")
        self.sandbox.point_at(bot.webhook_url)
        self._stack.enter_context(bot)

    def _new_bot(self, command: str, *, forked: bool = True, **environment: str) -> Bot:
        bot = Bot(
            self.sandbox,
            self.database_url,
            command=command,
            environment=self.environment | environment,
            forked=forked,
        )
        self.bots.append(bot)
        return bot

    @property
    def bot(self) -> Bot:
        """The process that was started first."""
        return self.bots[0]

    def restart(self, **environment: str) -> None:
        """The bot stops and begins anew, with further settings and the same database."""
        self.bot.stop()
        self.bot.environment |= environment
        self.bot.start()

    # What people do -------------------------------------------------------------------------

    def say(self, text: str | None, chat: str = "one", **options: Any) -> str:
        """Somebody writes in a chat. Returns the id of the message."""
        options.setdefault("sender", person(chat))
        return str(self.sandbox.inbound(text, chat=chat, **options)["message_id"])

    def record(self, data: bytes, filename: str, mime_type: str, chat: str, **more: Any) -> str:
        """Somebody sends a recording or another file. Returns the id of the message."""
        encoded = base64.b64encode(data).decode()
        file = {"audio_base64": encoded, "filename": filename, "mime_type": mime_type}
        return self.say(more.pop("text", None), chat, **file, **more)

    def ask(self, text: str | None, chat: str, **options: Any) -> AnswerRecord:
        """Somebody writes, and the answer is waited for."""
        return self.over(self.say(text, chat, **options))

    # What they get --------------------------------------------------------------------------

    def sent(self, chat: str = "one") -> list[Json]:
        """What the bot sent into a chat, memos and texts, in the order of their acceptance."""
        found = [one for one in self.sandbox.messages(chat) if one["accepted_number"]]
        return sorted(found, key=lambda one: int(one["accepted_number"]))

    def memos(self, chat: str = "one") -> list[Json]:
        return [one for one in self.sent(chat) if one["memo"]]

    def texts(self, chat: str = "one") -> list[str]:
        return [one["text"] for one in self.sent(chat) if not one["memo"]]

    def chat(self, chat: str) -> Json:
        """The sandbox's chat of that name."""
        return next(one for one in self.sandbox.counts()["chats"] if one["name"] == chat)

    def calls(self) -> dict[str, int]:
        """How often the bot has called each endpoint."""
        calls: dict[str, int] = self.sandbox.counts()["calls"]
        return calls

    def turns(self, chat: str) -> list[tuple[str, str]]:
        """What the bot remembers of a chat: who said what, the oldest first."""
        history: tuple[Turn, ...] = self.database.read_sync(
            lambda c: conversations.history(c, self.chat(chat)["id"])
        )
        return [(turn.role, turn.text) for turn in history]

    def ended(self, message_id: str) -> Json:
        """The log's line about the end of the answer to a message."""
        answer_id = self.over(message_id).answer_id

        def line() -> Json | None:
            lines = self.bot.events()
            ends = [one for one in lines if one["event"].startswith("answer ")]
            return next((one for one in ends if one.get("answer") == answer_id), None)

        return self.wait(line)

    # Waiting --------------------------------------------------------------------------------

    def over(self, message_id: str, timeout: float = DEADLINE) -> AnswerRecord:
        """What has become of the answer to a message, once it is over."""

        def ended() -> AnswerRecord | None:
            found = self.ledger.find(message_id)
            return found if found and found.is_over else None

        return self.wait(ended, timeout)

    def wait_until_over(
        self, message_ids: Sequence[str], timeout: float = DEADLINE
    ) -> list[AnswerRecord]:
        """Waits until these messages are answered and nothing is under way any more."""

        def over() -> list[AnswerRecord] | None:
            if not ended() or self.sandbox.counts()["deliveries_underway"]:
                return None
            return ended()  # what was under way may have been one more message

        def ended() -> list[AnswerRecord] | None:
            if self.ledger.underway():
                return None
            answers = {answer.answer_id: answer for answer in self.ledger.answers()}
            wanted = [answers.get(f"answer:{one}") for one in message_ids]
            if None in wanted or any(answer.state in UNDERWAY for answer in answers.values()):
                return None
            return [answer for answer in wanted if answer]

        return self.wait(over, timeout)

    def call_underway(self, endpoint: str, count: int = 1) -> None:
        """Waits until the bot has called an endpoint of the sandbox so many times."""
        self.wait(lambda: self.calls().get(endpoint, 0) >= count)

    def wait(self, what: Callable[[], R | None], timeout: float = DEADLINE) -> R:
        """The first true value of `what()`. Raises: NotInTime."""
        deadline = time.monotonic() + timeout
        pause = 0.04
        while True:
            found = what()
            if found:
                return found
            if time.monotonic() > deadline:
                raise NotInTime(f"it did not happen within {timeout} s\n{self.report()}")
            time.sleep(pause)
            pause = min(0.3, pause * 1.2)  # what takes long is not asked for all the time

    def report(self) -> str:
        """What one wants to read when a test fails."""
        try:
            lines = [f"{one.answer_id} {one.state} {one.reason}" for one in self.ledger.answers()]
        except sa.exc.SQLAlchemyError as error:
            lines = [f"the ledger cannot be read: {error}"]
        for bot in self.bots:
            lines += [f"--- {bot.command} on {bot.port}", bot.log[-6000:]]
        return "\n".join(lines)


class FaultHarness(BotHarness):
    """A harness without a bot at first, for several that start and die as the test says.

    A router passes webhooks to the first process that listens. What still runs at the end is
    killed.
    """

    def __init__(self, database_url: str, config: SandboxConfig = PATIENT) -> None:
        super().__init__(database_url, config, TEST_STALLED_PROCESS_SECONDS="3")
        self._doors: list[int] = []

    def _begin(self) -> None:
        router = self._stack.enter_context(Balancer(lambda: self._doors))
        self.webhook_url = f"http://127.0.0.1:{router.port}/webhooks/linq"
        self.sandbox.point_at(self.webhook_url)
        self._stack.callback(self._kill_all)

    def start_bot(self, command: str = "serve", *, forked: bool = True, **environment: str) -> Bot:
        """One more process on the database."""
        return self.add_bot(command, forked=forked, **environment).start()

    def add_bot(self, command: str = "serve", *, forked: bool = True, **environment: str) -> Bot:
        """`start_bot` for a process that the test starts itself."""
        bot = self._new_bot(command, forked=forked, **environment)
        if command == "serve":
            self._doors.append(bot.port)
        return bot

    def route_to(self, bot: Bot) -> None:
        """New connections of webhooks go to this process first."""
        self._doors.sort(key=lambda port: port != bot.port)

    def delete_attachment(self, attachment_id: str) -> None:
        """Linq loses a file."""
        self.sandbox.api("DELETE", f"/attachments/{attachment_id}").raise_for_status()

    def _kill_all(self) -> None:
        for bot in self.bots:
            if bot.process and bot.process.poll() is None:
                bot.kill()


def person(chat: str) -> str:
    """The number of the person in the chat of that name."""
    return f"+1312{zlib.crc32(chat.encode()) % 10_000_000:07}"


def audible(memos: Sequence[Json]) -> bool:
    """Whether each of these is a memo that plays and is not silent."""
    probes = [memo["memo"]["probe"] for memo in memos]
    return bool(probes) and all(one["duration"] > 0.5 and not one["silent"] for one in probes)


def durations(memos: Sequence[Json]) -> list[float]:
    return [memo["memo"]["probe"]["duration"] for memo in memos]


def beeps(count: int) -> str:
    """A text whose memo is the longer, the greater `count` is: it shows which memo is whose."""
    return "Please " + "beep " * count


def assert_answered_once_in_order(memos: Sequence[Json], count: int) -> None:
    """That these are the memos to `beeps(1)`, `beeps(2)`, … `beeps(count)`, each once, in order.

    `count` memos, each longer than the one before, can be no others.
    """
    lengths = durations(memos)
    assert len(lengths) == count, f"{len(lengths)} memos for {count} messages: {lengths} s"
    assert all(a < b for a, b in pairwise(lengths)), f"order: {lengths} s"
