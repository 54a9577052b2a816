"""What the control interface and the phone page see: everything, also what Linq never shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.sandbox.clock import format_optional_time, format_time
from app.sandbox.records import TYPING_SECONDS, Attachment, Chat, Message

Json = dict[str, Any]


def chat_view(chat: Chat) -> Json:
    """A chat with its counters."""
    return {
        "id": chat.id,
        "name": chat.name,
        "display_name": chat.display_name,
        "is_group": chat.is_group,
        "service": chat.service,
        "line": chat.me.address,
        "people": [handle.address for handle in chat.others],
        "typing": chat.is_typing,
        "health": chat.health,
        "left": chat.left,
        "zero_retention": chat.zero_retention,
        "read_at": format_optional_time(chat.last_read_at),
        "inbound": chat.inbound_count,
        "acknowledged": chat.acknowledged_count,
        "outbound": chat.outbound_count,
        "dropped_messages": chat.dropped_messages,
        "created_at": format_time(chat.created_at),
        "updated_at": format_time(chat.updated_at),
    }


def message_view(chat: Chat, message: Message) -> Json:
    """A message with the numbers an audit needs; a voice memo also with its probe."""
    return {
        "id": message.id,
        "chat_id": chat.id,
        "chat": chat.name,
        "direction": message.direction,
        "author": message.author,
        "kind": message.kind,
        "from": message.sender.address,
        "service": message.service,
        "parts": message.parts,
        "text": " ".join(
            str(part.get("value", "")) for part in message.parts if part.get("type") == "text"
        ),
        "reply_to": message.reply_to,
        "idempotency_key": message.idempotency_key,
        "delivery_status": message.delivery_status,
        "number": message.number,
        "position": message.position,
        "inbound_number": message.inbound_number,
        "acknowledged_number": message.acknowledged_number,
        "accepted_number": message.accepted_number,
        "accepted_overall": message.accepted_overall,
        "revision": message.revision,
        "deleted": message.deleted,
        "at": format_time(message.created_at),
        "sent_at": format_optional_time(message.sent_at),
        "delivered_at": format_optional_time(message.delivered_at),
        "read_at": format_optional_time(message.read_at),
        "memo": None if message.memo is None else memo_view(message.memo),
    }


def upload_view(attachment: Attachment) -> Json:
    """An attachment, declared or uploaded."""
    return {
        "attachment_id": attachment.id,
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size_bytes": attachment.size_bytes,
        "created_at": format_time(attachment.created_at),
        "uploaded_at": format_optional_time(attachment.uploaded_at),
        "ready": attachment.is_ready,
        "revision": attachment.revision,
    }


def memo_view(attachment: Attachment) -> Json:
    """A voice memo with its probe; `play_url` is something every browser plays."""
    return {
        "attachment_id": attachment.id,
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size_bytes": attachment.size_bytes,
        "url": attachment.url,
        "play_url": f"/_sandbox/play/{attachment.id}",
        "probe": None if attachment.probe is None else asdict(attachment.probe),
    }


def status_view(message: Message) -> Json:
    """The delivery status of one message."""
    return {
        "id": message.id,
        "chat_id": message.chat_id,
        "delivery_status": message.delivery_status,
        "sent_at": format_optional_time(message.sent_at),
        "delivered_at": format_optional_time(message.delivered_at),
        "read_at": format_optional_time(message.read_at),
        "revision": message.revision,
    }


def typing_view(chat: Chat) -> Json:
    """Whether the bot's typing indicator shows, and for how many seconds at most."""
    return {
        "chat_id": chat.id,
        "typing": chat.is_typing,
        "expires_in": TYPING_SECONDS if chat.is_typing else 0.0,
    }
