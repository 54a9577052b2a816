"""Reactions: tapbacks and stickers on a part of a message."""

from __future__ import annotations

import uuid
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from app.sandbox.api.attachments import find_ready_attachment
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, read_json
from app.sandbox.api.messages import find_message
from app.sandbox.api.payloads import handle_json
from app.sandbox.api.sending import check_member
from app.sandbox.media.cdn import attachment_id_in
from app.sandbox.records import Handle, Message
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import reaction_data

TAPBACKS = ("love", "like", "dislike", "laugh", "emphasize", "question", "custom")
_TYPES = (*TAPBACKS, "sticker")
_OPERATIONS = ("add", "remove")

Reaction = dict[str, Any]


async def react(call: Call) -> Response:
    """POST /v3/messages/{id}/reactions: the line adds or removes a reaction."""
    message = find_message(call)
    chat = call.state.chats[message.chat_id]
    check_member(chat)
    body = await read_json(call.request)
    operation = body.choice("operation", _OPERATIONS)
    kind = body.choice("type", _TYPES)
    if operation is None or kind is None:
        raise ApiError(1001, "operation and type are required")
    index = part_index(body, message)
    if kind == "sticker" and operation == "remove":
        raise ApiError(1005, "A sticker cannot be removed")
    if kind == "sticker" and message.service != "iMessage":
        raise ApiError(2017, "Stickers are for iMessage only")
    emoji = body.text("custom_emoji", max_length=64) if kind == "custom" else None
    sticker = _sticker(call, body) if kind == "sticker" else None
    reaction = new_reaction(chat.me, kind, emoji, sticker)
    applied = apply_reaction(call, message, index, operation, reaction)
    if applied is not None:
        event_type = "reaction.added" if operation == "add" else "reaction.removed"
        data = reaction_data(chat, message.id, message.service, index, applied)
        call.sandbox.courier.emit(
            Event(event_type, data, call.trace_id, chat.me.address, chat.id, message.id)
        )
    return JSONResponse(
        {"status": "accepted", "message": "Reaction queued", "trace_id": call.trace_id}, 202
    )


def new_reaction(
    handle: Handle, kind: str, emoji: str | None = None, sticker: Reaction | None = None
) -> Reaction:
    """A reaction of `handle`, in the shape in which the API shows it."""
    return {
        "id": str(uuid.uuid4()),
        "handle": handle_json(handle),
        "is_me": handle.is_me,
        "type": kind,
        "custom_emoji": emoji,
        "sticker": sticker,
    }


def apply_reaction(
    call: Call, message: Message, index: int, operation: str, reaction: Reaction
) -> Reaction | None:
    """Puts the reaction on the part or takes it off; None when there is nothing to take off.

    Somebody has one tapback on a part: a new one takes the place of the old. Stickers stack.
    """
    part = message.parts[index]
    reactions = cast(list[Reaction], part.get("reactions") or [])
    address = reaction["handle"]["handle"]
    old = [
        one for one in reactions if one["handle"]["handle"] == address and one["type"] != "sticker"
    ]
    if operation == "remove":
        old = [one for one in old if one["type"] == reaction["type"]]
        if not old:
            return None
        reaction = old[0]
    elif reaction["type"] == "sticker":
        old = []
    kept = [one for one in reactions if one not in old]
    part["reactions"] = ([*kept, reaction] if operation == "add" else kept) or None
    call.state.mark_changed(message)
    call.sandbox.publish_message(call.state.chats[message.chat_id], message)
    return reaction


def part_index(body: Fields, message: Message) -> int:
    """`part_index`, 0 where it is missing; 400 where the message has no such part."""
    index = body.integer("part_index", minimum=0, maximum=99) if body.has("part_index") else 0
    if index >= len(message.parts):
        raise ApiError(1005, "part_index is not a part of the message")
    return index


def _sticker(call: Call, body: Fields) -> Reaction | None:
    """The picture of a sticker; None for an emoji."""
    given = [name for name in ("emoji", "url", "attachment_id") if body.has(name)]
    if len(given) != 1:
        raise ApiError(1005, "A sticker needs exactly one of emoji, url and attachment_id")
    if given == ["emoji"]:
        body.text("emoji", max_length=64)
        return None
    attachment_id = body.optional_uuid("attachment_id") or attachment_id_in(body.text("url"))
    if attachment_id is None:
        raise ApiError(1005, "url must be a download_url of POST /v3/attachments")
    attachment = find_ready_attachment(call, attachment_id)
    return {
        "file_name": attachment.filename,
        "mime_type": attachment.content_type,
        "url": attachment.url,
        "width": None,
        "height": None,
    }
