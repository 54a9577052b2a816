"""Webhook delivery: signed twice, in order per chat, tried again when it may help, all logged."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import structlog

from app.sandbox.clock import nanosecond_stamp, now, stamp
from app.sandbox.config import SandboxConfig
from app.sandbox.events import V2, VERSIONS, Data
from app.sandbox.faults import Fault, FaultBook
from app.sandbox.records import Subscription
from app.sandbox.signing import legacy_signature, standard_signature

log = structlog.get_logger()

_REORDER_PATIENCE = 2.0
_MAX_UNDERWAY = 20_000


@dataclass(frozen=True)
class Occurrence:
    """Something that happened in a chat; `data` holds the event's data by payload version."""

    event_type: str
    data: Mapping[str, Data]
    trace_id: str
    line: str
    chat_id: str | None = None
    message_id: str | None = None
    version: str | None = None
    own_ids: bool = False


@dataclass
class Attempt:
    """One line of the delivery log. `elapsed_ms` in milliseconds, `status` None without answer."""

    number: int
    event_id: str
    event_type: str
    subscription_id: str
    chat_id: str | None
    message_id: str | None
    attempt: int
    at: str
    status: int | None = None
    elapsed_ms: float = 0.0
    error: str | None = None
    will_retry: bool = False
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The attempt as the state shows it."""
        return asdict(self)


@dataclass
class _Delivery:
    occurrence: Occurrence
    subscription: Subscription
    event_id: str
    body: bytes
    fault: Fault | None
    first_attempt_over: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)


class Courier:
    """Brings events to every subscription that asked for them.

    The first attempts of one chat's events go out one after the other; retries do not hold up
    later events, as Linq promises no order.
    """

    def __init__(
        self,
        config: SandboxConfig,
        faults: FaultBook,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        on_attempt: Callable[[Attempt], None],
    ) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.attempts: deque[Attempt] = deque(maxlen=config.max_deliveries)
        self.underway = 0
        self.given_up = 0
        self._config = config
        self._faults = faults
        self._spawn = spawn
        self._on_attempt = on_attempt
        self._numbers = 0
        self._lanes: dict[tuple[str, str | None], _Delivery] = {}
        self._places = asyncio.Semaphore(config.webhook_connections)
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Opens the connections; called on the loop that delivers."""
        self._client = httpx.AsyncClient(
            timeout=self._config.webhook_timeout,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=self._config.webhook_connections,
                max_keepalive_connections=self._config.webhook_connections,
            ),
        )

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()

    def reset(self) -> None:
        """Forgets the log and every subscription but the built-in one."""
        self.attempts.clear()
        self._lanes.clear()
        self.underway = self.given_up = self._numbers = 0
        self.subscriptions = {
            key: value for key, value in self.subscriptions.items() if value.built_in
        }

    def emit(self, occurrence: Occurrence, *, times: int = 1) -> list[str]:
        """Starts bringing `occurrence` to its subscribers, and returns the event ids used.

        `own_ids` of the occurrence gives every delivery an event id of its own.
        """
        shared = str(uuid.uuid4())
        ids = []
        for subscription in self._subscribers(occurrence):
            for _ in range(times):
                event_id = str(uuid.uuid4()) if occurrence.own_ids else shared
                ids.append(event_id)
                self._launch(occurrence, subscription, event_id)
        return list(dict.fromkeys(ids)) or [shared]

    def _subscribers(self, occurrence: Occurrence) -> Iterator[Subscription]:
        for subscription in list(self.subscriptions.values()):
            if not subscription.is_active or occurrence.event_type not in subscription.events:
                continue
            numbers = subscription.phone_numbers
            if numbers and occurrence.line not in numbers:
                continue
            if (occurrence.version or _version(subscription)) in occurrence.data:
                yield subscription

    def _launch(self, occurrence: Occurrence, subscription: Subscription, event_id: str) -> None:
        if self.underway >= _MAX_UNDERWAY:
            self.given_up += 1
            log.error("webhook given up, too many under way", underway=self.underway)
            return
        fault = self._faults.strike(
            "webhook", chat_id=occurrence.chat_id, event_type=occurrence.event_type
        )
        self._start(_delivery(self._config, occurrence, subscription, event_id, fault))
        if fault is not None and fault.kind in ("duplicate", "duplicate_new_id"):
            again = event_id if fault.kind == "duplicate" else str(uuid.uuid4())
            self._start(_delivery(self._config, occurrence, subscription, again, None))

    def _start(self, delivery: _Delivery) -> None:
        lane = (delivery.subscription.id, delivery.occurrence.chat_id)
        previous = self._lanes.get(lane)
        self._lanes[lane] = delivery
        self.underway += 1
        self._spawn(self._bring(delivery, previous, lane))

    async def _bring(
        self,
        delivery: _Delivery,
        previous: _Delivery | None,
        lane: tuple[str, str | None],
    ) -> None:
        try:
            await self._await_turn(delivery, previous)
            again = await self._attempt(delivery, 1)
            delivery.first_attempt_over.set()
            if previous is not None:
                previous.let_go.set()
            if self._lanes.get(lane) is delivery:
                del self._lanes[lane]
            for number, delay in enumerate(self._config.retry_delays, start=2):
                if not again:
                    return
                await asyncio.sleep(delay)
                again = await self._attempt(delivery, number)
        finally:
            delivery.first_attempt_over.set()
            self.underway = max(0, self.underway - 1)

    async def _await_turn(self, delivery: _Delivery, previous: _Delivery | None) -> None:
        """Waits for the chat's event before this one, or as long as a fault wants it."""
        kind = delivery.fault.kind if delivery.fault else None
        if kind in ("late", "reorder"):
            delivery.first_attempt_over.set()
        if previous is not None:
            await previous.first_attempt_over.wait()
        if kind == "late" and delivery.fault is not None:
            await asyncio.sleep(
                _REORDER_PATIENCE if delivery.fault.seconds is None else delivery.fault.seconds
            )
        elif kind == "reorder":
            try:
                async with asyncio.timeout(_REORDER_PATIENCE):
                    await delivery.let_go.wait()
            except TimeoutError:
                pass  # No later event came; there is nothing to swap with.

    async def _attempt(self, delivery: _Delivery, number: int) -> bool:
        """One POST; True when it should be tried again."""
        subscription, occurrence = delivery.subscription, delivery.occurrence
        if self._client is None or subscription.id not in self.subscriptions:
            return False
        async with self._places:
            self._numbers += 1
            attempt = Attempt(
                number=self._numbers,
                event_id=delivery.event_id,
                event_type=occurrence.event_type,
                subscription_id=subscription.id,
                chat_id=occurrence.chat_id,
                message_id=occurrence.message_id,
                attempt=number,
                at=stamp(now()),
                fault=delivery.fault.kind if delivery.fault else None,
            )
            began = time.perf_counter()
            try:
                async with asyncio.timeout(self._config.webhook_timeout):
                    answer = await self._client.post(
                        subscription.target_url,
                        content=delivery.body,
                        headers=_headers(delivery),
                    )
                attempt.status = answer.status_code
                _note_routing_key(delivery, answer)
            except (TimeoutError, httpx.TimeoutException):
                attempt.error = "timeout"
            except httpx.HTTPError as error:
                attempt.error = type(error).__name__
            except httpx.InvalidURL:
                attempt.error = "invalid URL"
            attempt.elapsed_ms = round((time.perf_counter() - began) * 1000, 2)
        worth_it = attempt.error not in (None, "invalid URL") or (
            attempt.status is not None and (attempt.status >= 500 or attempt.status == 429)
        )
        attempt.will_retry = worth_it and number <= len(self._config.retry_delays)
        self.attempts.append(attempt)
        self._on_attempt(attempt)
        return attempt.will_retry


def _delivery(
    config: SandboxConfig,
    occurrence: Occurrence,
    subscription: Subscription,
    event_id: str,
    fault: Fault | None,
) -> _Delivery:
    version = occurrence.version or _version(subscription)
    envelope = {
        "api_version": "v3",
        "webhook_version": version,
        "event_type": occurrence.event_type,
        "event_id": event_id,
        "created_at": nanosecond_stamp(),
        "trace_id": occurrence.trace_id,
        "partner_id": config.partner_id,
        "data": occurrence.data[version],
    }
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    return _Delivery(occurrence, subscription, event_id, body, fault)


def _version(subscription: Subscription) -> str:
    """The payload version that the target URL asks for, or the newest."""
    asked = parse_qs(urlsplit(subscription.target_url).query).get("version", [V2])[-1]
    return asked if asked in VERSIONS else V2


def _headers(delivery: _Delivery) -> dict[str, str]:
    """Both header families, as far as a fault leaves them."""
    subscription, occurrence = delivery.subscription, delivery.occurrence
    timestamp = int(time.time())
    body = delivery.body
    fault = delivery.fault
    if fault is not None and fault.kind == "bad_signature":
        body = body + b" "  # The signature of other bytes than those which are sent.
    missing = fault.headers if fault is not None and fault.kind == "missing_headers" else ""
    headers = {"Content-Type": "application/json", "User-Agent": "linq-sandbox"}
    if missing not in ("standard", "both"):
        headers["webhook-id"] = delivery.event_id
        headers["webhook-timestamp"] = str(timestamp)
        headers["webhook-signature"] = standard_signature(
            subscription.signing_secret, delivery.event_id, timestamp, body
        )
    if missing not in ("legacy", "both"):
        headers["X-Webhook-Event"] = occurrence.event_type
        headers["X-Webhook-Subscription-ID"] = subscription.id
        headers["X-Webhook-Timestamp"] = str(timestamp)
        headers["X-Webhook-Signature"] = legacy_signature(
            subscription.signing_secret, timestamp, body
        )
    if subscription.routing_key_header and occurrence.chat_id:
        key = subscription.routing_keys.get(occurrence.chat_id)
        if key is not None:
            headers[subscription.routing_key_header] = key
        else:
            headers[subscription.routing_id_header or "Linq-Chat-Id"] = occurrence.chat_id
    return headers


def _note_routing_key(delivery: _Delivery, answer: httpx.Response) -> None:
    """Keeps the affinity token of a 2xx answer for later deliveries of the same chat."""
    header, chat_id = delivery.subscription.routing_key_header, delivery.occurrence.chat_id
    if header and chat_id and answer.is_success and header in answer.headers:
        delivery.subscription.routing_keys[chat_id] = answer.headers[header]
