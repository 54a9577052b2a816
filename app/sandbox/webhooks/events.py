"""Data of webhook events, in both payload versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.api.payloads import chat_json, handle_json, health_json
from app.sandbox.clock import format_optional_time, format_time, now
from app.sandbox.records import Chat, Handle, Message, Part, Service

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


def created_chat_data(chat: Chat) -> Mapping[str, Data]:
    """`data` of chat.created: the chat without what only the API shows."""
    hidden = ("is_archived", "group_chat_icon")
    return both({name: value for name, value in chat_json(chat).items() if name not in hidden})


def group_change_data(chat: Chat, old: str | None, new: str | None) -> Mapping[str, Data]:
    """`data` of chat.group_name_updated and .group_icon_updated, changed by the line."""
    return both(
        {
            "chat_id": chat.id,
            "old_value": old,
            "new_value": new,
            "changed_by_handle": handle_json(chat.me),
            "updated_at": format_time(now()),
        }
    )


def participant_data(moment: str, chat: Chat, handle: Handle) -> Mapping[str, Data]:
    """`data` of participant.added and .removed; `moment` is `added_at` or `removed_at`."""
    return both(
        {
            "chat_id": chat.id,
            "handle": handle.address,
            "participant": handle_json(handle),
            moment: format_time(now()),
        }
    )


def reaction_data(
    chat: Chat, message_id: str | None, service: Service, index: int, reaction: Data
) -> Mapping[str, Data]:
    """`data` of reaction.added and .removed."""
    return both(
        {
            "is_from_me": reaction["is_me"],
            "reaction_type": reaction["type"],
            "chat_id": chat.id,
            "message_id": message_id,
            "part_index": index,
            "custom_emoji": reaction["custom_emoji"],
            "from": reaction["handle"]["handle"],
            "from_handle": reaction["handle"],
            "reacted_at": format_time(now()),
            "reaction_id": reaction["id"],
            "service": service,
            "sticker": reaction["sticker"],
        }
    )


def typing_data(chat: Chat, handle: Handle) -> Mapping[str, Data]:
    """`data` of chat.typing_indicator.started and .stopped."""
    return both({"chat_id": chat.id, "actor_handle": handle_json(handle)})


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
    body: Data = {
        "id": message.id,
        "parts": _event_parts(message),
        "is_delivered": message.delivered_at is not None,
        "is_read": message.read_at is not None,
        "sent_at": format_optional_time(message.sent_at),
        "delivered_at": format_optional_time(message.delivered_at),
        "read_at": format_optional_time(message.read_at),
        "created_at": format_time(message.created_at),
        "updated_at": format_time(message.updated_at),
    }
    # This version leaves out what is empty here, and knows no recipient of a message just sent.
    body |= {
        name: value
        for name, value in (("effect", message.effect), ("reply_to", message.reply_to))
        if value is not None
    }
    just_sent = event_type == "message.sent"
    data: Data = {
        "chat_id": chat.id,
        "from": message.sender.address,
        "from_handle": handle_json(message.sender),
        "idempotency_key": message.idempotency_key,
        "is_from_me": from_me,
        "is_group": chat.is_group,
        "message": body,
        "preferred_service": message.preferred_service,
        "received_at": None if just_sent else format_optional_time(message.sent_at),
        "recipient_handle": None if just_sent else handle_json(recipient),
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
