"""Webhooks delivered by the test itself, signed as Linq signs them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

from tests import http_calls
from tests.harness import FaultHarness
from tests.sandbox_receiver import WebhookReceiver


def post(url: str, secret: str, body: bytes) -> int:
    """Deliver an event. The status it is answered with."""
    event_id = json.loads(body)["event_id"]
    moment = datetime.now(UTC)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, moment, body.decode()),
    }
    return http_calls.post(url, content=body, headers=headers, timeout=20).status_code


def event_of(harness: FaultHarness, text: str, chat: str = "one") -> bytes:
    """The event of somebody writing, which no bot has got."""
    with WebhookReceiver() as receiver:
        harness.sandbox.point_at(receiver.url)
        harness.say(text, chat=chat)
        body = receiver.wait_for(1)[0].body
    harness.sandbox.point_at(harness.webhook_url)
    return body


def message_id(body: bytes) -> str:
    return str(json.loads(body)["data"]["id"])
