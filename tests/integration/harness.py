"""People who write to the real bot over the sandbox, and what they get for it."""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from app.responders.protocol import Turn
from app.sandbox import SandboxConfig
from app.store import conversations, ledger
from app.store.database import Database
from app.store.ledger import AnswerRecord
from tests.bot import Bot
from tests.sandbox_server import SandboxServer

R = TypeVar("R")
Json = dict[str, Any]


class BotHarness:
    """A sandbox, a database and one bot on them; all stop with the `with` block.

    Each chat is named and has a person of its own. Timeouts are generous: the machine may be busy.
    """

    def __init__(
        self, folder: Path, config: SandboxConfig | None = None, /, **environment: str
    ) -> None:
        self.database_url = f"sqlite:///{folder / 'bot.db'}"
        self.sandbox = SandboxServer(
            config or SandboxConfig(retry_delays=(0.1,) * 50, rate_limit=None)
        )
        self.bot = Bot(self.sandbox, self.database_url, environment=environment)
        self.database = Database(self.database_url)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self.database.close)
            stack.enter_context(self.sandbox)
            self.sandbox.point_at(self.bot.webhook_url)
            stack.enter_context(self.bot)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def restart(self, **environment: str) -> None:
        """The bot stops and begins anew, with further settings and the same database."""
        self.bot.stop()
        self.bot.environment |= environment
        self.bot.start()

    def say(self, text: str | None, chat: str, **options: Any) -> str:
        """Somebody writes in a chat. Returns the id of the message."""
        options.setdefault("sender", person(chat))
        sent = self.sandbox.inbound(text, chat=chat, **options)
        return str(sent["message_id"])

    def record(self, data: bytes, filename: str, mime_type: str, chat: str, **more: Any) -> str:
        """Somebody sends a recording or another file. Returns the id of the message."""
        encoded = base64.b64encode(data).decode()
        file = {"audio_base64": encoded, "filename": filename, "mime_type": mime_type}
        return self.say(more.pop("text", None), chat, **file, **more)

    def over(self, message_id: str, timeout: float = 60.0) -> AnswerRecord:
        """What has become of the answer to a message, once it is over."""

        def ended() -> AnswerRecord | None:
            found = self.database.read_sync(lambda c: ledger.find(c, message_id))
            return found if found and found.state in ledger.TERMINAL_STATES else None

        return self.wait(ended, timeout)

    def ask(self, text: str | None, chat: str, **options: Any) -> AnswerRecord:
        """Somebody writes, and the answer is waited for."""
        return self.over(self.say(text, chat, **options))

    def sent(self, chat: str) -> list[Json]:
        """What the bot sent into a chat, memos and texts, in the order of their acceptance."""
        found = [
            one
            for one in self.sandbox.state()["messages"]
            if one["chat"] == chat and one["accepted_number"]
        ]
        return sorted(found, key=lambda one: int(one["accepted_number"]))

    def memos(self, chat: str) -> list[Json]:
        return [one for one in self.sent(chat) if one["memo"]]

    def texts(self, chat: str) -> list[str]:
        return [one["text"] for one in self.sent(chat) if not one["memo"]]

    def chat(self, chat: str) -> Json:
        """The sandbox's chat of that name."""
        return next(one for one in self.sandbox.state()["chats"] if one["name"] == chat)

    def calls(self) -> dict[str, int]:
        """How often the bot has called each endpoint."""
        calls: dict[str, int] = self.sandbox.state()["calls"]
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

    def wait(self, what: Callable[[], R | None], timeout: float = 60.0) -> R:
        """The first true value of `what()`."""
        deadline = time.monotonic() + timeout
        while True:
            found = what()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"it did not happen within {timeout} s\n{self.bot.log[-6000:]}"
                )
            time.sleep(0.03)


def person(chat: str) -> str:
    """The number of the person in the chat of that name."""
    return f"+1312{zlib.crc32(chat.encode()) % 10_000_000:07}"


def audible(memos: Sequence[Json]) -> bool:
    """Whether each of these is a memo that plays and is not silent."""
    probes = [memo["memo"]["probe"] for memo in memos]
    return bool(probes) and all(one["duration"] > 0.5 and not one["silent"] for one in probes)
