"""One event on its way to one subscription: its body, its headers, and the log of its attempts."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from app.sandbox.clock import nanosecond_timestamp
from app.sandbox.faults import Fault
from app.sandbox.records import Subscription
from app.sandbox.webhooks.events import V2, VERSIONS, Data
from app.sandbox.webhooks.signing import legacy_signature, standard_signature


@dataclass(frozen=True)
class Event:
    """Something that happened on `line`; `data` holds the event's data by payload version.

    `version` overrides what the subscription asks for; `own_ids` gives every delivery an event id
    of its own.
    """

    event_type: str
    data: Mapping[str, Data]
    trace_id: str
    line: str
    chat_id: str | None = None
    message_id: str | None = None
    version: str | None = None
    own_ids: bool = False

    def version_for(self, subscription: Subscription) -> str:
        """The payload version that goes to this subscription."""
        if self.version is not None:
            return self.version
        asked = parse_qs(urlsplit(subscription.target_url).query).get("version", [V2])[-1]
        return asked if asked in VERSIONS else V2


@dataclass
class Attempt:
    """One line of the delivery log. `elapsed_ms` in milliseconds; `status` None without an answer.

    `final` says that nothing more is tried.
    """

    event_id: str
    event_type: str
    subscription_id: str
    chat_id: str | None
    message_id: str | None
    attempt: int
    at: str
    fault: str | None
    status: int | None = None
    elapsed_ms: float = 0.0
    error: str | None = None
    final: bool = True
    revision: int = 0

    def as_json(self) -> dict[str, Any]:
        """The attempt as the state shows it."""
        return asdict(self)

    @property
    def acknowledged(self) -> bool:
        """Whether the bot answered 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def worth_repeating(self) -> bool:
        """Linq repeats after 5xx, 429, timeouts and network errors, never after anything else."""
        if self.status is not None:
            return self.status >= 500 or self.status == 429
        return self.error not in (None, "unknown host", "invalid URL")


@dataclass(eq=False)
class Delivery:
    """An event for one subscription; `number` counts deliveries in the order of their start.

    `first_attempt_over` lets the chat's next event go; `released` ends a reordered one's wait.
    """

    event: Event
    subscription: Subscription
    event_id: str
    partner_id: str
    number: int
    fault: Fault | None = None
    first_attempt_over: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    body: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        version = self.event.version_for(self.subscription)
        envelope = {
            "api_version": "v3",
            "webhook_version": version,
            "event_type": self.event.event_type,
            "event_id": self.event_id,
            "created_at": nanosecond_timestamp(),
            "trace_id": self.event.trace_id,
            "partner_id": self.partner_id,
            "data": self.event.data[version],
        }
        self.body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()

    def has_fault(self, kind: str) -> bool:
        """Whether a fault of this kind applies to the delivery."""
        return self.fault is not None and self.fault.kind == kind

    def headers(self) -> dict[str, str]:
        """Both header families with fresh signatures, as far as a fault leaves them."""
        timestamp = int(time.time())
        secret = self.subscription.signing_secret
        # A bad signature is the right one of other bytes than those which are sent.
        signed = self.body + b" " if self.has_fault("bad_signature") else self.body
        missing = self.fault.headers if self.fault and self.has_fault("missing_headers") else ""
        headers = {"Content-Type": "application/json", "User-Agent": "linq-sandbox"}
        if missing not in ("standard", "both"):
            headers["webhook-id"] = self.event_id
            headers["webhook-timestamp"] = str(timestamp)
            headers["webhook-signature"] = standard_signature(
                secret, self.event_id, timestamp, signed
            )
        if missing not in ("legacy", "both"):
            headers["X-Webhook-Event"] = self.event.event_type
            headers["X-Webhook-Subscription-ID"] = self.subscription.id
            headers["X-Webhook-Timestamp"] = str(timestamp)
            headers["X-Webhook-Signature"] = legacy_signature(secret, timestamp, signed)
        return {**headers, **self._routing()}

    def store_routing_key(self, answer: httpx.Response) -> None:
        """Keeps the affinity token of a 2xx answer for later deliveries of the same chat."""
        header, chat_id = self.subscription.routing_key_header, self.event.chat_id
        if header and chat_id and answer.is_success and header in answer.headers:
            self.subscription.routing_keys[chat_id] = answer.headers[header]

    def _routing(self) -> dict[str, str]:
        header, chat_id = self.subscription.routing_key_header, self.event.chat_id
        if not header or chat_id is None:
            return {}
        key = self.subscription.routing_keys.get(chat_id)
        if key is not None:
            return {header: key}
        return {self.subscription.routing_id_header or "Linq-Chat-Id": chat_id}


def error_name(error: Exception) -> str:
    """What went wrong with an attempt, in a word or two."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "invalid URL"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "unknown host"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
