"""Webhook subscriptions: where events go. The secret is shown once, on creation."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from app.sandbox.addresses import is_loopback, is_private
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, check_address, path_uuid, read_json
from app.sandbox.clock import format_time, now
from app.sandbox.records import Subscription
from app.sandbox.webhooks.event_types import EVENT_TYPES
from app.sandbox.webhooks.signing import new_secret

_DOC_URL = "https://docs.linqapp.com/channel/imessage/guides/webhooks/events"


async def create(call: Call) -> Response:
    """POST /v3/webhook-subscriptions."""
    body = await read_json(call.request)
    target = _target(call, body, None)
    events = _events(body)
    if not events:
        raise ApiError(1001, "subscribed_events is required")
    subscription = Subscription(
        id=str(uuid.uuid4()),
        target_url=target,
        signing_secret=new_secret(),
        events=events,
        phone_numbers=_numbers(body),
        routing_id_header=body.optional_text("routing_id_header", max_length=100),
        routing_key_header=body.optional_text("routing_key_header", max_length=100),
    )
    call.sandbox.courier.subscriptions[subscription.id] = subscription
    shown = {**_subscription_json(subscription), "signing_secret": subscription.signing_secret}
    return JSONResponse(shown, status_code=201)


async def list_all(call: Call) -> Response:
    """GET /v3/webhook-subscriptions."""
    found = call.sandbox.courier.subscriptions.values()
    return JSONResponse({"subscriptions": [_subscription_json(item) for item in found]})


async def get(call: Call) -> Response:
    """GET /v3/webhook-subscriptions/{id}."""
    return JSONResponse(_subscription_json(_find(call)))


async def update(call: Call) -> Response:
    """PUT /v3/webhook-subscriptions/{id}: only the members that are given change."""
    subscription = _find(call)
    body = await read_json(call.request)
    if body.has("target_url"):
        subscription.target_url = _target(call, body, subscription)
    if body.has("subscribed_events"):
        subscription.events = _events(body)
    if body.has("is_active"):
        subscription.is_active = body.flag("is_active")
    if "phone_numbers" in body.values:
        subscription.phone_numbers = _numbers(body)
    if "routing_id_header" in body.values:
        subscription.routing_id_header = body.optional_text("routing_id_header", max_length=100)
    if "routing_key_header" in body.values:
        subscription.routing_key_header = body.optional_text("routing_key_header", max_length=100)
        subscription.routing_keys.clear()
    subscription.updated_at = now()
    return JSONResponse(_subscription_json(subscription))


async def delete(call: Call) -> Response:
    """DELETE /v3/webhook-subscriptions/{id}."""
    del call.sandbox.courier.subscriptions[_find(call).id]
    return Response(status_code=204)


async def list_event_types(_: Call) -> Response:
    """GET /v3/webhook-events."""
    return JSONResponse({"events": list(EVENT_TYPES), "doc_url": _DOC_URL})


def _find(call: Call) -> Subscription:
    subscription_id = path_uuid(call.request, "subscription_id")
    subscription = call.sandbox.courier.subscriptions.get(subscription_id)
    if subscription is None:
        raise ApiError(2010)
    return subscription


def _target(call: Call, body: Fields, own: Subscription | None) -> str:
    """A target that is HTTPS and public; this machine is allowed too, as the sandbox is local."""
    url = body.text("target_url", max_length=2048)
    parts = urlsplit(url)
    local = is_loopback(parts.hostname)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ApiError(1005, "target_url must be HTTPS")
    if not local and is_private(parts.hostname):
        raise ApiError(1005, "target_url must not be a private address")
    for other in call.sandbox.courier.subscriptions.values():
        if other is not own and other.target_url == url:
            raise ApiError(2015, "A subscription with this target_url exists")
    return url


def _events(body: Fields) -> tuple[str, ...]:
    events = body.texts("subscribed_events", maximum=200)
    for event in events:
        if event not in EVENT_TYPES:
            raise ApiError(1005, f"Unknown event type {event[:100]}")
    return tuple(dict.fromkeys(events))


def _numbers(body: Fields) -> tuple[str, ...] | None:
    numbers = [check_address(number) for number in body.texts("phone_numbers", maximum=100)]
    return tuple(numbers) or None


def _subscription_json(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "target_url": subscription.target_url,
        "subscribed_events": list(subscription.events),
        "is_active": subscription.is_active,
        "phone_numbers": list(subscription.phone_numbers) if subscription.phone_numbers else None,
        "routing_id_header": subscription.routing_id_header,
        "routing_key_header": subscription.routing_key_header,
        "created_at": format_time(subscription.created_at),
        "updated_at": format_time(subscription.updated_at),
    }
