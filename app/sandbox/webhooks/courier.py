"""Webhook delivery: in order per chat, tried again where it may help, all of it logged."""

from __future__ import annotations

import asyncio
import ssl
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import structlog

from app.sandbox.clock import format_time, now
from app.sandbox.config import SandboxConfig
from app.sandbox.faults import Fault, FaultRegistry
from app.sandbox.records import Subscription
from app.sandbox.tls import tls_context
from app.sandbox.webhooks.deliveries import Attempt, Delivery, Event, error_name

log = structlog.get_logger()

_REORDER_SECONDS = 2.0  # seconds that a reordered event waits for one to swap with
_MAX_UNDERWAY = 20_000

_Lane = tuple[str, str | None]


class Courier:
    """Delivers events to every subscription that asked for them.

    The first attempts of one chat's events go out one after the other; retries do not hold up
    later events, as Linq promises no order.
    """

    def __init__(
        self,
        config: SandboxConfig,
        faults: FaultRegistry,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        on_attempt: Callable[[Attempt], None],
    ) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.attempts: deque[Attempt] = deque(maxlen=config.max_deliveries)
        self.underway: set[Delivery] = set()
        self.given_up = 0
        self._config = config
        self._faults = faults
        self._spawn = spawn
        self._on_attempt = on_attempt
        self._started = 0
        self._lanes: dict[_Lane, Delivery] = {}
        self._held: dict[tuple[_Lane, str], list[Delivery]] = {}
        self._places = asyncio.Semaphore(config.webhook_connections)
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Opens the connections; called on the loop that delivers."""
        tls = tls_context()
        if self._config.webhook_ca_file:
            tls = ssl.create_default_context()
            tls.load_verify_locations(self._config.webhook_ca_file)
        self._client = httpx.AsyncClient(
            verify=tls,
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
        self.underway.clear()
        self._lanes.clear()
        self._held.clear()
        self.given_up = 0
        for subscription in list(self.subscriptions.values()):
            if not subscription.built_in:
                del self.subscriptions[subscription.id]

    def emit(self, event: Event, *, times: int = 1) -> list[str]:
        """Starts delivering `event` to its subscribers, `times` to each; returns the event ids.

        All deliveries share one event id unless the event asks for an id each.
        """
        shared = str(uuid.uuid4())
        ids = {}
        for subscription in self._subscribers(event):
            for _ in range(times):
                event_id = str(uuid.uuid4()) if event.own_ids else shared
                ids[event_id] = True
                self._launch(event, subscription, event_id)
        return list(ids) or [shared]

    def _subscribers(self, event: Event) -> Iterator[Subscription]:
        for subscription in list(self.subscriptions.values()):
            numbers = subscription.phone_numbers
            if (
                subscription.is_active
                and event.event_type in subscription.events
                and (not numbers or event.line in numbers)
                and event.version_for(subscription) in event.data
            ):
                yield subscription

    def _launch(self, event: Event, subscription: Subscription, event_id: str) -> None:
        fault = self._faults.trigger("webhook", chat_id=event.chat_id, event_type=event.event_type)
        self._start(event, subscription, event_id, fault)
        if fault is not None and fault.kind == "duplicate":
            self._start(event, subscription, event_id, None)
        elif fault is not None and fault.kind == "duplicate_new_id":
            self._start(event, subscription, str(uuid.uuid4()), None)

    def _start(
        self,
        event: Event,
        subscription: Subscription,
        event_id: str,
        fault: Fault | None,
    ) -> None:
        if len(self.underway) >= _MAX_UNDERWAY:
            self.given_up += 1
            log.error("webhook given up because too many are under way")
            return
        self._started += 1
        delivery = Delivery(
            event, subscription, event_id, self._config.partner_id, self._started, fault
        )
        lane = (subscription.id, event.chat_id)
        previous = self._lanes.get(lane)
        self._lanes[lane] = delivery
        self.underway.add(delivery)
        if delivery.has_fault("late") or delivery.has_fault("reorder"):
            delivery.first_attempt_over.set()  # Nobody waits for it.
        if delivery.has_fault("reorder"):
            self._held.setdefault((lane, event.event_type), []).append(delivery)
        self._spawn(self._deliver(delivery, previous, lane))

    async def _deliver(self, delivery: Delivery, previous: Delivery | None, lane: _Lane) -> None:
        try:
            await self._wait_for_turn(delivery, previous)
            again = await self._attempt(delivery, 1)
            delivery.first_attempt_over.set()
            self._release(delivery, lane)
            for number, delay in enumerate(self._config.retry_delays, start=2):
                if not again:
                    return
                await asyncio.sleep(delay)
                again = await self._attempt(delivery, number)
        finally:
            delivery.first_attempt_over.set()
            self.underway.discard(delivery)
            if self._lanes.get(lane) is delivery:
                del self._lanes[lane]

    async def _wait_for_turn(self, delivery: Delivery, previous: Delivery | None) -> None:
        """Waits for the chat's event before this one, or as long as a fault says."""
        if previous is not None:
            await previous.first_attempt_over.wait()
        fault = delivery.fault
        seconds = _REORDER_SECONDS if fault is None or fault.seconds is None else fault.seconds
        if delivery.has_fault("late"):
            await asyncio.sleep(seconds)
        elif delivery.has_fault("reorder"):
            try:
                async with asyncio.timeout(seconds):
                    await delivery.released.wait()
            except TimeoutError:
                pass  # No later event came; there is nothing to swap with.

    def _release(self, delivery: Delivery, lane: _Lane) -> None:
        """Releases deliveries held back for a later event of this type."""
        key = (lane, delivery.event.event_type)
        held = self._held.pop(key, [])
        kept = [other for other in held if other.number > delivery.number]
        if kept:
            self._held[key] = kept
        for other in held:
            if other.number < delivery.number:
                other.released.set()

    async def _attempt(self, delivery: Delivery, number: int) -> bool:
        """One POST; True when it should be tried again."""
        if self._client is None or delivery.subscription.id not in self.subscriptions:
            return False
        async with self._places:
            attempt = Attempt(
                event_id=delivery.event_id,
                event_type=delivery.event.event_type,
                subscription_id=delivery.subscription.id,
                chat_id=delivery.event.chat_id,
                message_id=delivery.event.message_id,
                attempt=number,
                at=format_time(now()),
                fault=delivery.fault.kind if delivery.fault else None,
            )
            began = time.perf_counter()
            try:
                async with asyncio.timeout(self._config.webhook_timeout):
                    answer = await self._client.post(
                        delivery.subscription.target_url,
                        content=delivery.body,
                        headers=delivery.headers(),
                    )
                attempt.status = answer.status_code
                delivery.store_routing_key(answer)
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
                attempt.error = error_name(error)
            attempt.elapsed_ms = round((time.perf_counter() - began) * 1000, 2)
        attempt.final = not attempt.worth_repeating or number > len(self._config.retry_delays)
        self.attempts.append(attempt)
        self._on_attempt(attempt)
        return not attempt.final
