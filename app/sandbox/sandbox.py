"""One sandbox: its memory, its faults, its webhooks and its feed, put together."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections.abc import Coroutine
from typing import Any

import structlog

from app.sandbox.clock import format_time, now
from app.sandbox.config import SandboxConfig
from app.sandbox.faults import FaultRegistry
from app.sandbox.page.feed import Feed
from app.sandbox.page.views import message_view, status_view, typing_view
from app.sandbox.records import Chat, Message, Subscription
from app.sandbox.state import State
from app.sandbox.webhooks.courier import Courier
from app.sandbox.webhooks.deliveries import Attempt
from app.sandbox.webhooks.event_types import EVENT_TYPES
from app.sandbox.webhooks.signing import standard_signature

log = structlog.get_logger()


class Sandbox:
    """Holds what the endpoints share. `base_url` is the own address, without a slash at the end."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.state = State(config)
        self.faults = FaultRegistry()
        self.feed = Feed()
        self.courier = Courier(config, self.faults, self.spawn, self._on_attempt)
        self.upload_secret = secrets.token_bytes(32)
        self.endpoint_names: frozenset[str] = frozenset()
        self.base_url = (config.public_url or "").rstrip("/")
        self.closing = asyncio.Event()
        self.started_at = now()
        self._tasks: set[asyncio.Task[None]] = set()
        if config.bot_url:
            self.point_at(config.bot_url)

    def point_at(self, url: str | None, secret: str | None = None) -> Subscription | None:
        """Sends every event to the bot at `url`, in place of the one before; None: to nobody.

        Raises ValueError when `secret` is no signing secret.
        """
        standard_signature(secret or self.config.webhook_secret, "", 0, b"")
        for old in [item for item in self.courier.subscriptions.values() if item.built_in]:
            del self.courier.subscriptions[old.id]
        if url is None:
            return None
        subscription = Subscription(
            id=str(uuid.uuid4()),
            target_url=url,
            signing_secret=secret or self.config.webhook_secret,
            events=EVENT_TYPES,
            built_in=True,
        )
        self.courier.subscriptions[subscription.id] = subscription
        return subscription

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` beside the requests until the sandbox is reset or ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def reset(self) -> None:
        """Back to the beginning: nothing remembered, no fault, only the built-in subscription."""
        for task in self._tasks:
            task.cancel()
        self.state = State(self.config, self.state.revision)
        self.faults.clear()
        self.courier.reset()
        self.started_at = now()
        self.feed.publish("reset", {"reason": "reset", "at": format_time(self.started_at)})

    def publish_message(self, chat: Chat, message: Message) -> None:
        """Shows a new or changed message on the phone page."""
        self.feed.publish("message", message_view(chat, message))

    def publish_status(self, message: Message) -> None:
        """Shows on the phone page how far a message has come."""
        self.feed.publish("status", status_view(message))

    def publish_chat(self, chat: Chat) -> None:
        """Shows a changed group on the phone page."""
        self.feed.publish("chat", {"chat_id": chat.id})

    def publish_typing(self, chat: Chat) -> None:
        """Shows or hides the bot's typing indicator on the phone page."""
        self.feed.publish("typing", typing_view(chat))

    def begin_shutdown(self) -> None:
        """Ends hanging answers and feeds, so that the server can stop."""
        self.closing.set()
        self.feed.close()

    async def close(self) -> None:
        """Stops everything that runs beside the requests."""
        self.begin_shutdown()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.courier.close()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("background work failed", exc_info=task.exception())

    def _on_attempt(self, attempt: Attempt) -> None:
        """Notes which inbound messages the bot has acknowledged, and in which order."""
        attempt.revision = self.state.next_revision()
        if attempt.acknowledged and attempt.event_type == "message.received":
            self.state.acknowledge(attempt.message_id or "")
        self.feed.publish("delivery", attempt.as_json())


def monotonic_in(seconds: float) -> float:
    """The monotonic time that comes in `seconds`."""
    return time.monotonic() + seconds
