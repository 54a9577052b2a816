"""Makes, finds, mends and replaces the bot's own webhook subscription.

Linq shows a signing secret once, in the response to the creation, and signs from then on. So that
no message is ever signed with a secret that nobody has stored, a subscription is made in two steps:
it is created for an event that never matters (`SILENT_EVENT`), its secret is stored, and only then
is it given the events of messages. Whoever dies in between leaves one behind that delivers nothing;
the next one at work deletes it, known by the mark in its address (`is_own`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import TypeVar

from app.linq.client import LinqClient
from app.linq.endpoint import (
    PAYLOAD_VERSION,
    WANTED_EVENTS,
    endpoint,
    is_own,
    marked,
    webhook_url,
    with_payload_version,
)
from app.linq.errors import OutcomeUnknown, RetryLater
from app.linq.subscriptions import Subscription, Subscriptions
from app.settings import Settings
from app.store import kept_subscriptions
from app.store.database import Database
from app.store.kept_subscriptions import KeptSubscription
from app.store.sealing import Sealer

T = TypeVar("T")

SILENT_EVENT = "chat.group_icon_update_failed"
"""Of an action that this bot never takes."""
HOLD_SECONDS = 30.0
CALL_SECONDS = 20.0
"""Deadline of one call: shorter than HOLD_SECONDS, which begin anew before each."""
_POLL_SECONDS = 0.5


class HeldByAnother(Exception):
    """Another process took the subscription over; what it stores counts."""


class SubscriptionKeeper:
    """Sees that Linq delivers to one address of ours, and that its secret is stored.

    Safe for any number of processes at once, killed at any moment.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        sealer: Sealer,
        *,
        hold_seconds: float = HOLD_SECONDS,
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """at: called at each point where a crash would matter; for tests."""
        self._settings = settings
        self._database = database
        self._sealer = sealer
        self._hold_seconds = hold_seconds
        self._at = at
        self._holder = secrets.token_hex(16)

    async def keep(self, address: str, *, replace: bool = False) -> Subscription:
        """The subscription of this service's public address, as it must be.

        replace: make a new one with a new secret even where the present one is well.
        Raises: LinqError, DatabaseUnavailable, ConfigurationError for an address that Linq refuses.
        """
        target = webhook_url(address)
        key = self._settings.linq_api_key.get_secret_value()
        async with aclosing(LinqClient(key, self._settings.linq_base_url)) as linq:
            while True:
                kept = await self._hold_when_free(endpoint(target))
                try:
                    return await self._keep(linq.subscriptions, kept, target, replace=replace)
                except HeldByAnother:
                    continue
                finally:
                    await self._release(kept.address)

    async def _keep(
        self, linq: Subscriptions, kept: KeptSubscription, target: str, *, replace: bool
    ) -> Subscription:
        self._at("subscription.held")
        ours = await self._list(linq, kept.address)
        found = [one for one in ours if one.id == kept.subscription_id]
        # To derive the key takes long enough for webhooks to notice.
        opened = await asyncio.to_thread(self._sealer.open_or_none, kept.secret or "")
        if found and opened and not replace:
            current = found[0]
        else:
            current = await self._create(linq, kept.address, target)
        if not _is_well(current):
            current = await self._mend(linq, kept.address, current)
        for one in ours:
            if one.id != current.id and is_own(one.target_url):
                self._at("subscription.delete")
                await self._call(kept.address, partial(linq.delete, one.id))
        self._at("subscription.done")
        return current

    async def _list(self, linq: Subscriptions, address: str) -> list[Subscription]:
        known = await self._call(address, linq.list)
        return [one for one in known if endpoint(one.target_url) == address]

    async def _create(self, linq: Subscriptions, address: str, target: str) -> Subscription:
        self._at("subscription.create")
        new = await self._call(
            address, lambda: linq.create(marked(target), (SILENT_EVENT,)), repeatable=False
        )
        self._at("subscription.created")
        made = new.subscription
        sealed = await asyncio.to_thread(self._sealer.seal, new.signing_secret)
        stored = await self._database.write(
            lambda c: kept_subscriptions.keep(c, address, self._holder, made.id, sealed)
        )
        if not stored:
            await linq.delete(made.id)
            raise HeldByAnother
        self._at("subscription.kept")
        return made

    async def _mend(self, linq: Subscriptions, address: str, current: Subscription) -> Subscription:
        others = [event for event in current.events if event != SILENT_EVENT]
        mended = await self._call(
            address,
            lambda: linq.update(
                current.id,
                target_url=with_payload_version(current.target_url),
                events=tuple(dict.fromkeys((*others, *WANTED_EVENTS))),
                active=True,
            ),
        )
        self._at("subscription.mended")
        return mended

    async def _call(
        self, address: str, call: Callable[[], Awaitable[T]], *, repeatable: bool = True
    ) -> T:
        """Call Linq while the subscription is ours alone."""
        if not await self._hold(address):
            raise HeldByAnother
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await call()
        except TimeoutError:
            told = f"no answer within {CALL_SECONDS:g} s"
            raise (RetryLater(told) if repeatable else OutcomeUnknown(told)) from None

    async def _hold(self, address: str) -> KeptSubscription | None:
        return await self._database.write(
            lambda c: kept_subscriptions.hold(c, address, self._holder, self._hold_seconds)
        )

    async def _hold_when_free(self, address: str) -> KeptSubscription:
        while True:
            if kept := await self._hold(address):
                return kept
            await asyncio.sleep(_POLL_SECONDS)

    async def _release(self, address: str) -> None:
        await self._database.write(lambda c: kept_subscriptions.release(c, address, self._holder))


def _is_well(one: Subscription) -> bool:
    events = set(one.events)
    return (
        one.active
        and one.version == PAYLOAD_VERSION
        and events >= set(WANTED_EVENTS)
        and SILENT_EVENT not in events
    )
