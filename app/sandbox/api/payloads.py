"""Answers of the API as JSON, in the shapes of the official SDK's types."""

from __future__ import annotations

from typing import Any

from app.sandbox.clock import format_optional_time, format_time
from app.sandbox.records import Attachment, Chat, Handle, Message, Part

Json = dict[str, Any]

_HEALTH_DOC = "https://docs.linqapp.com/channel/imessage/guides/chats/chat-health"


def handle_json(handle: Handle) -> Json:
    """A ChatHandle."""
    return {
        "id": handle.id,
        "handle": handle.address,
        "service": handle.service,
        "joined_at": format_time(handle.joined_at),
        "is_me": handle.is_me,
        "left_at": format_optional_time(handle.left_at),
        "status": handle.status,
    }


def health_json(chat: Chat) -> Json:
    """A chat's health status."""
    return {
        "status": chat.health,
        "doc_url": f"{_HEALTH_DOC}#{chat.health.lower().replace('_', '-')}",
        "updated_at": format_time(chat.health_updated_at),
    }


def chat_json(chat: Chat) -> Json:
    """A bare Chat, as GET /v3/chats/{id} answers it."""
    name = chat.display_name
    if name is None and not chat.is_group:
        name = chat.others[0].address
    return {
        "id": chat.id,
        "display_name": name,
        "handles": [handle_json(handle) for handle in chat.handles],
        "service": chat.service,
        "is_group": chat.is_group,
        "is_archived": False,
        "group_chat_icon": chat.icon_url,
        "health_status": health_json(chat),
        "created_at": format_time(chat.created_at),
        "updated_at": format_time(chat.updated_at),
    }


def created_chat_json(chat: Chat, message: Message) -> Json:
    """The chat in the answer of POST /v3/chats, with the message sent into it."""
    whole = chat_json(chat)
    kept = ("id", "display_name", "handles", "health_status", "is_group", "service")
    return {name: whole[name] for name in kept} | {"message": sent_message_json(message)}


def sent_message_json(message: Message) -> Json:
    """A SentMessage, as the sending calls answer it."""
    return {
        "id": message.id,
        "created_at": format_time(message.created_at),
        "delivery_status": message.delivery_status,
        "is_read": message.read_at is not None,
        "parts": _stored_parts(message),
        "sent_at": format_optional_time(message.sent_at),
        "delivered_at": format_optional_time(message.delivered_at),
        "effect": message.effect,
        "from_handle": handle_json(message.sender),
        "preferred_service": message.preferred_service,
        "reply_to": message.reply_to,
        "service": message.service,
    }


def message_json(message: Message) -> Json:
    """A Message, as history and GET /v3/messages/{id} answer it."""
    body: Json = {
        "id": message.id,
        "chat_id": message.chat_id,
        "created_at": format_time(message.created_at),
        "updated_at": format_time(message.updated_at),
        "delivery_status": message.delivery_status,
        "is_delivered": message.delivered_at is not None,
        "is_from_me": message.direction == "outbound",
        "is_read": message.read_at is not None,
        "from": message.sender.address,
        "from_handle": handle_json(message.sender),
        "parts": _stored_parts(message),
        "service": message.service,
        "preferred_service": message.preferred_service,
        "reply_to": message.reply_to,
        "effect": message.effect,
        "sent_at": format_optional_time(message.sent_at),
        "delivered_at": format_optional_time(message.delivered_at),
        "read_at": format_optional_time(message.read_at),
    }
    if message.reconciled_at is not None:
        body["reconciled_at"] = format_time(message.reconciled_at)
    return body


def voice_memo_json(chat: Chat, message: Message, attachment: Attachment) -> Json:
    """The answer of POST /v3/chats/{id}/voicememo."""
    memo: Json = {
        "id": attachment.id,
        "url": attachment.url,
        "filename": attachment.filename,
        "mime_type": attachment.content_type,
        "size_bytes": attachment.size_bytes,
    }
    if attachment.probe is not None:
        memo["duration_ms"] = round(attachment.probe.duration * 1000)
    return {
        "voice_memo": {
            "id": message.id,
            "from": message.sender.address,
            "to": [handle.address for handle in chat.others],
            "status": "queued",
            "service": message.service,
            "created_at": format_time(message.created_at),
            "voice_memo": memo,
            "chat": {
                "id": chat.id,
                "handles": [handle_json(handle) for handle in chat.handles],
                "is_group": chat.is_group,
                "service": chat.service,
                "is_active": not chat.left,
            },
        }
    }


def media_part(attachment: Attachment) -> Part:
    """The part by which a message carries an attachment."""
    return {
        "type": "media",
        "id": attachment.id,
        "filename": attachment.filename,
        "mime_type": attachment.content_type,
        "size_bytes": attachment.size_bytes,
        "url": attachment.url,
    }


def _stored_parts(message: Message) -> list[Part]:
    """Parts as the API gives them back; a zero-retention line keeps none."""
    if message.zero_retention:
        return []
    return [{**part, "reactions": part.get("reactions")} for part in message.parts]
