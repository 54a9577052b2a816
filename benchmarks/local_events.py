"""Signed webhooks as Linq sends them, made at little cost."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from app.sandbox.webhooks.signing import standard_signature

SECRET = "whsec_YmVuY2htYXJrcyBzaWduIHRoZWlyIHdlYmhvb2tzLi4="
LINE = "+13125550100"

Json = dict[str, Any]


def received(chat_id: str, text: str, message_id: str) -> bytes:
    """A `message.received` event: somebody writes in a chat of two."""
    data = _message(chat_id, message_id, "inbound", [{"type": "text", "value": text}])
    return _envelope("message.received", data)


def receipt(kind: str, chat_id: str, message_id: str, attachment_id: str) -> bytes:
    """An event about a memo of ours; kind: sent, delivered or read."""
    part = {"type": "media", "id": attachment_id, "mime_type": "audio/x-m4a"}
    data = _message(chat_id, message_id, "outbound", [part])
    return _envelope(f"message.{kind}", data | {f"{kind}_at": _now()})


def headers(body: bytes) -> dict[str, str]:
    """The headers that go with an event, with a fresh signature."""
    event_id, timestamp = str(uuid.uuid4()), int(time.time())
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard_signature(SECRET, event_id, timestamp, body),
    }


def _message(chat_id: str, message_id: str, direction: str, parts: list[Json]) -> Json:
    line, person = _handle(LINE, is_me=True), _handle(person_of(chat_id), is_me=False)
    return {
        "chat": {"id": chat_id, "is_group": False, "owner_handle": line},
        "id": message_id,
        "direction": direction,
        "sender_handle": line if direction == "outbound" else person,
        "parts": parts,
        "sent_at": _now(),
        "service": "iMessage",
    }


def person_of(chat_id: str) -> str:
    """The number of the person who writes in a chat."""
    return f"+1312{uuid.UUID(chat_id).int % 10_000_000:07}"


def _handle(address: str, *, is_me: bool) -> Json:
    return {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, address)), "handle": address, "is_me": is_me}


def _envelope(event_type: str, data: Json) -> bytes:
    envelope = {
        "api_version": "v3",
        "webhook_version": "2026-02-03",
        "event_type": event_type,
        "event_id": str(uuid.uuid4()),
        "created_at": _now(),
        "data": data,
    }
    return json.dumps(envelope).encode()


def _now() -> str:
    return datetime.now(UTC).isoformat()
