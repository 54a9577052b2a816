"""Webhook delivery: in order per chat, tried again where it may help, all of it logged."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import structlog

from app.sandbox.clock import now, stamp
from app.sandbox.config import SandboxConfig
from app.sandbox.deliveries import Attempt, Delivery, Occurrence, error_name
from app.sandbox.faults import Fault, FaultBook
from app.sandbox.records import Subscription

log = structlog.get_logger()

_PATIENCE = 2.0  # seconds that a reordered event waits for one to swap with
_MOST_UNDERWAY = 20_000

_Lane = tuple[str, str | None]


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
        self.underway.clear()
        self._lanes.clear()
        self._held.clear()
        self.given_up = 0
        for subscription in list(self.subscriptions.values()):
            if not subscription.built_in:
                del self.subscriptions[subscription.id]

    def emit(self, occurrence: Occurrence, *, times: int = 1) -> list[str]:
        """Starts bringing `occurrence` to its subscribers, `times` to each; returns the event ids.

        All deliveries share one event id unless the occurrence wants them to have their own.
        """
        shared = str(uuid.uuid4())
        ids = {}
        for subscription in self._subscribers(occurrence):
            for _ in range(times):
                event_id = str(uuid.uuid4()) if occurrence.own_ids else shared
                ids[event_id] = True
                self._launch(occurrence, subscription, event_id)
        return list(ids) or [shared]

    def _subscribers(self, occurrence: Occurrence) -> Iterator[Subscription]:
        for subscription in list(self.subscriptions.values()):
            numbers = subscription.phone_numbers
            if (
                subscription.is_active
                and occurrence.event_type in subscription.events
                and (not numbers or occurrence.line in numbers)
                and occurrence.version_for(subscription) in occurrence.data
            ):
                yield subscription

    def _launch(self, occurrence: Occurrence, subscription: Subscription, event_id: str) -> None:
        fault = self._faults.strike(
            "webhook", chat_id=occurrence.chat_id, event_type=occurrence.event_type
        )
        self._start(occurrence, subscription, event_id, fault)
        if fault is not None and fault.kind == "duplicate":
            self._start(occurrence, subscription, event_id, None)
        elif fault is not None and fault.kind == "duplicate_new_id":
            self._start(occurrence, subscription, str(uuid.uuid4()), None)

    def _start(
        self,
        occurrence: Occurrence,
        subscription: Subscription,
        event_id: str,
        fault: Fault | None,
    ) -> None:
        if len(self.underway) >= _MOST_UNDERWAY:
            self.given_up += 1
            log.error("webhook given up because too many are under way")
            return
        self._started += 1
        delivery = Delivery(
            occurrence, subscription, event_id, self._config.partner_id, self._started, fault
        )
        lane = (subscription.id, occurrence.chat_id)
        previous = self._lanes.get(lane)
        self._lanes[lane] = delivery
        self.underway.add(delivery)
        if delivery.suffers("late") or delivery.suffers("reorder"):
            delivery.first_attempt_over.set()  # Nobody waits for it.
        if delivery.suffers("reorder"):
            self._held.setdefault((lane, occurrence.event_type), []).append(delivery)
        self._spawn(self._bring(delivery, previous, lane))

    async def _bring(self, delivery: Delivery, previous: Delivery | None, lane: _Lane) -> None:
        try:
            await self._await_turn(delivery, previous)
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

    async def _await_turn(self, delivery: Delivery, previous: Delivery | None) -> None:
        """Waits for the chat's event before this one, or as long as a fault wants it."""
        if previous is not None:
            await previous.first_attempt_over.wait()
        fault = delivery.fault
        seconds = _PATIENCE if fault is None or fault.seconds is None else fault.seconds
        if delivery.suffers("late"):
            await asyncio.sleep(seconds)
        elif delivery.suffers("reorder"):
            try:
                async with asyncio.timeout(seconds):
                    await delivery.let_go.wait()
            except TimeoutError:
                pass  # No later event came; there is nothing to swap with.

    def _release(self, delivery: Delivery, lane: _Lane) -> None:
        """Lets those go that were held for an event of this kind."""
        key = (lane, delivery.occurrence.event_type)
        held = self._held.pop(key, [])
        kept = [other for other in held if other.number > delivery.number]
        if kept:
            self._held[key] = kept
        for other in held:
            if other.number < delivery.number:
                other.let_go.set()

    async def _attempt(self, delivery: Delivery, number: int) -> bool:
        """One POST; True when it should be tried again."""
        if self._client is None or delivery.subscription.id not in self.subscriptions:
            return False
        async with self._places:
            attempt = Attempt(
                event_id=delivery.event_id,
                event_type=delivery.occurrence.event_type,
                subscription_id=delivery.subscription.id,
                chat_id=delivery.occurrence.chat_id,
                message_id=delivery.occurrence.message_id,
                attempt=number,
                at=stamp(now()),
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
                delivery.note_routing_key(answer)
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
                attempt.error = error_name(error)
            attempt.elapsed_ms = round((time.perf_counter() - began) * 1000, 2)
        attempt.final = not attempt.worth_repeating or number > len(self._config.retry_delays)
        self.attempts.append(attempt)
        self._on_attempt(attempt)
        return not attempt.final
