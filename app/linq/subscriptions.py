"""Webhook subscriptions: which events Linq sends to which address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import linq

from app.linq import answers
from app.linq.calls import answered, done
from app.linq.errors import Refused
from app.linq.ids import is_id


@dataclass(frozen=True)
class Subscription:
    """A webhook subscription as Linq keeps it."""

    id: str
    target_url: str
    events: tuple[str, ...]
    active: bool
    phone_numbers: tuple[str, ...] = ()
    """E.164; events of these lines only. Empty: of all lines."""

    @property
    def version(self) -> str | None:
        """The payload version that the address asks for (`?version=2026-02-03`).

        None: the version of the day on which it was created.
        """
        try:
            return parse_qs(urlsplit(self.target_url).query).get("version", [None])[-1]
        except ValueError:
            return None


@dataclass(frozen=True)
class NewSubscription:
    subscription: Subscription
    signing_secret: str = field(repr=False)
    """`whsec_…`; shown by Linq only this once."""


class Subscriptions:
    """The account's webhook subscriptions. All methods raise LinqError."""

    def __init__(self, client: linq.AsyncLinqAPIV3) -> None:
        self._calls = client.webhook_subscriptions.with_streaming_response
        # Repeated, a creation whose answer was lost would stand twice.
        self._once = client.with_options(
            max_retries=0
        ).webhook_subscriptions.with_streaming_response

    async def list(self) -> tuple[Subscription, ...]:
        found = await answered(self._calls.list(), answers.WebhookSubscriptions, repeatable=True)
        return tuple(_subscription(one) for one in found.subscriptions)

    async def create(
        self, target_url: str, events: Sequence[str], phone_numbers: Sequence[str] = ()
    ) -> NewSubscription:
        """Subscribe an https address to events, e.g. `message.received`.

        phone_numbers: E.164; of these lines only, else of all.
        Raises: also OutcomeUnknown, after which `list` tells whether it was created.
        """
        made = await answered(
            self._once.create(
                target_url=target_url,
                subscribed_events=cast(Any, _texts(events)),
                phone_numbers=_texts(phone_numbers) or linq.omit,
            ),
            answers.NewWebhookSubscription,
            repeatable=False,
        )
        return NewSubscription(_subscription(made), made.signing_secret)

    async def update(
        self,
        subscription_id: str,
        *,
        target_url: str | None = None,
        events: Sequence[str] | None = None,
        active: bool | None = None,
        phone_numbers: Sequence[str] | None = None,
    ) -> Subscription:
        """Change what is given; None leaves as it is. The signing secret cannot be changed."""
        _check(subscription_id)
        changed = await answered(
            self._calls.update(
                subscription_id,
                target_url=linq.omit if target_url is None else target_url,
                subscribed_events=linq.omit if events is None else cast(Any, _texts(events)),
                is_active=linq.omit if active is None else active,
                phone_numbers=linq.omit if phone_numbers is None else _texts(phone_numbers),
            ),
            answers.WebhookSubscription,
            repeatable=True,
        )
        return _subscription(changed)

    async def delete(self, subscription_id: str) -> None:
        """Delete a subscription; one that is gone already counts as deleted."""
        _check(subscription_id)
        try:
            await done(self._calls.delete(subscription_id))
        except Refused as error:
            if error.status != 404:
                raise


def _texts(texts: Sequence[str]) -> list[str]:
    return [*texts]


def _check(subscription_id: str) -> None:
    if not is_id(subscription_id):
        raise Refused("that is no id of a subscription")


def _subscription(told: answers.WebhookSubscription) -> Subscription:
    return Subscription(
        id=told.id,
        target_url=told.target_url,
        events=tuple(told.subscribed_events),
        active=told.is_active,
        phone_numbers=tuple(told.phone_numbers or ()),
    )
