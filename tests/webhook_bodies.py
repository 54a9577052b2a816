"""Webhook bodies of both payload versions, as Linq sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 10, 20, 9, 14, 5, tzinfo=UTC)
CREATED = datetime(2026, 10, 20, 9, 14, 3, 512_884, tzinfo=UTC)
CHAT, MESSAGE = "c2a1f0de-7f0c-4a56-8a8b-0c6f1c8f7a11", "7d3ce1b2-3f5e-4ac1-a5be-1c2f7a0c9b21"
ATTACHMENT = "e5d1b9a4-77a0-4d7a-8e8c-9f6b3c2d1e44"
LINE, PERSON = "+13125550100", "+13125550177"
MEMO_URL = f"https://cdn.linqapp.com/attachments/partners/acme/{ATTACHMENT}/Audio%20Message.m4a"
MEMO = {
    "type": "media",
    "id": ATTACHMENT,
    "filename": "Audio Message.m4a",
    "mime_type": "audio/x-m4a",
    "size_bytes": 48213,
    "url": MEMO_URL,
}


def handle(number: str, *, is_me: bool) -> dict[str, Any]:
    return {
        "handle": number,
        "id": "1f7a5f5e-1f5b-4c0a-bb8b-1d1f3ad1a001",
        "is_me": is_me,
        "joined_at": "2026-09-01T12:00:00.123456Z",
        "left_at": None,
        "service": "iMessage",
        "status": "active",
    }


def envelope(event_type: str, version: str, data: object) -> dict[str, Any]:
    return {
        "api_version": "v3",
        "webhook_version": version,
        "event_type": event_type,
        "event_id": "5b0f2d4e-0d53-4c0e-9a55-2a6c1d1a7f10",
        "created_at": "2026-10-20T09:14:03.512884201Z",
        "trace_id": "9c1e2b7740d84f1f8d0a6f3be2a11c55",
        "partner_id": "acme-partner",
        "data": data,
    }


def new_version(event_type: str = "message.received", **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "chat": {
            "id": CHAT,
            "is_group": False,
            "owner_handle": handle(LINE, is_me=True),
            "health_status": {"status": "HEALTHY", "updated_at": "2026-10-19T22:00:00Z"},
        },
        "id": MESSAGE,
        "idempotency_key": None,
        "direction": "inbound",
        "sender_handle": handle(PERSON, is_me=False),
        "parts": [{"type": "text", "value": "What's the weather like?", "text_decorations": None}],
        "effect": None,
        "reply_to": None,
        "sent_at": "2026-10-20T09:14:02.900Z",
        "delivered_at": None,
        "read_at": None,
        "service": "iMessage",
        "preferred_service": None,
    }
    return envelope(event_type, "2026-02-03", data | changes)


def old_version(event_type: str = "message.received", **changes: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": MESSAGE,
        "parts": [{"type": "text", "value": "What's the weather like?"}],
        "is_delivered": False,
        "is_read": False,
        "sent_at": "2026-10-20T09:14:02.900Z",
        "delivered_at": None,
        "read_at": None,
        "created_at": "2026-01-20T09:14:02.700Z",
        "updated_at": "2026-01-20T09:14:03.480Z",
    }
    data: dict[str, Any] = {
        "chat_id": CHAT,
        "from": PERSON,
        "from_handle": handle(PERSON, is_me=False),
        "idempotency_key": None,
        "is_from_me": False,
        "is_group": False,
        "message": message | changes.pop("message", {}),
        "preferred_service": None,
        "received_at": "2026-10-20T09:14:02.900Z",
        "recipient_handle": handle(LINE, is_me=True),
        "recipient_phone": None,
        "service": "iMessage",
    }
    return envelope(event_type, "2025-01-01", data | changes)
