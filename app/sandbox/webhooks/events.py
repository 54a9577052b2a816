"""Data of webhook events, in both payload versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.api.payloads import handle_json, health_json
from app.sandbox.clock import format_optional_time, format_time, now
from app.sandbox.records import Chat, Message, Part

V1 = "2025-01-01"
V2 = "2026-02-03"
VERSIONS = (V1, V2)

Data = dict[str, Any]


def message_data(event_type: str, chat: Chat, message: Message) -> Mapping[str, Data]:
    """`data` of message.received, .sent, .delivered and .read, by payload version."""
    return {V1: _message_v1(event_type, chat, message), V2: _message_v2(chat, message)}


def failed_data(chat: Chat, message: Message, code: int) -> Mapping[str, Data]:
    """`data` of message.failed, the same in both versions."""
    return both(
        {
            "chat_id": chat.id,
            "message_id": message.id,
            "code": code,
            "reason": "Message delivery failed",
            "detail_code": None,
            "service": message.service,
            "preferred_service": message.preferred_service,
            "failed_at": format_time(now()),
        }
    )


def edited_data(chat: Chat, message: Message, index: int, text: str) -> Mapping[str, Data]:
    """`data` of message.edited, which only the newer version knows."""
    return {
        V2: {
            "id": message.id,
            "chat": {
                "id": chat.id,
                "is_group": chat.is_group,
                "owner_handle": handle_json(chat.me),
                "health_status": health_json(chat),
            },
            "direction": message.direction,
            "edited_at": format_time(now()),
            "part": {"index": index, "text": text},
            "sender_handle": handle_json(message.sender),
        }
    }


def both(data: Data) -> Mapping[str, Data]:
    """`data` of an event that is the same in both versions."""
    return {V1: data, V2: data}


def _message_v2(chat: Chat, message: Message) -> Data:
    data: Data = {
        "chat": {
            "id": chat.id,
            "is_group": chat.is_group,
            "owner_handle": handle_json(chat.me),
            "health_status": health_json(chat),
        },
        "id": message.id,
        "idempotency_key": message.idempotency_key,
        "direction": message.direction,
        "sender_handle": handle_json(message.sender),
        "parts": _event_parts(message),
        "effect": message.effect,
        "reply_to": message.reply_to,
        "sent_at": format_optional_time(message.sent_at),
        "delivered_at": format_optional_time(message.delivered_at),
        "read_at": format_optional_time(message.read_at),
        "service": message.service,
        "preferred_service": message.preferred_service,
    }
    if message.reconciled_at is not None:
        data["reconciled_at"] = format_time(message.reconciled_at)
    if message.zero_retention:
        data["zero_retention"] = True
    return data


def _message_v1(event_type: str, chat: Chat, message: Message) -> Data:
    from_me = message.direction == "outbound"
    recipient = chat.others[0] if from_me else chat.me
    data: Data = {
        "chat_id": chat.id,
        "from": message.sender.address,
        "from_handle": handle_json(message.sender),
        "idempotency_key": message.idempotency_key,
        "is_from_me": from_me,
        "is_group": chat.is_group,
        "message": {
            "id": message.id,
            "parts": _event_parts(message),
            "is_delivered": message.delivered_at is not None,
            "is_read": message.read_at is not None,
            "sent_at": format_optional_time(message.sent_at),
            "delivered_at": format_optional_time(message.delivered_at),
            "read_at": format_optional_time(message.read_at),
            "created_at": format_time(message.created_at),
            "updated_at": format_time(message.updated_at),
            "effect": message.effect,
            "reply_to": message.reply_to,
        },
        "preferred_service": message.preferred_service,
        "received_at": format_optional_time(message.sent_at),
        "recipient_handle": handle_json(recipient),
        "recipient_phone": None,
        "service": message.service,
    }
    if event_type in ("message.delivered", "message.read"):
        data["message_id"] = message.id
        data["delivered_at"] = format_optional_time(message.delivered_at)
    if event_type == "message.read":
        data["read_at"] = format_optional_time(message.read_at)
    return data


def _event_parts(message: Message) -> list[Part]:
    """Parts as events carry them: without reactions, and none of a zero-retention line's own."""
    if message.zero_retention and message.direction == "outbound":
        return []
    return [{k: v for k, v in part.items() if k != "reactions"} for part in message.parts]
