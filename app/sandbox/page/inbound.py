"""What people write to the line: from a control call to a message and its webhook."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, check_address, read_json
from app.sandbox.clock import now
from app.sandbox.opt_outs import update_opt_out
from app.sandbox.page.inbound_events import TYPING_EVENTS, emitted, other_event, stop_typing
from app.sandbox.page.inbound_parts import read_parts
from app.sandbox.records import Chat, Handle, Message, Service
from app.sandbox.webhooks.events import message_data

MAX_BYTES = 140 * 1024 * 1024
_MESSAGE_EVENTS = ("message.received", "message.sent", "message.delivered", "message.read")
_SERVICES = ("iMessage", "SMS", "RCS")


async def receive_inbound(call: Call) -> Response:
    """POST /_sandbox/inbound: somebody writes. 202 with the ids of what came of it.

    `from`, `chat` (name or id) or `chat_id`, `group`, `members`, `service`: who and where.
    `text`, `parts`, `audio_base64` with `filename` and `mime_type`, `mention`, `reply_to`: what.
    `sent_at`, `reconciled`, `zero_retention`, `outbound`: in which circumstances.
    `version`, `duplicate` (further copies), `new_event_ids`, `event_type`, `data`: how told.
    """
    body = await read_json(call.request, MAX_BYTES)
    chat, person = _chat_and_person(call, body)
    event_type = body.optional_text("event_type") or "message.received"
    dropped = _dropped(call, chat, person, event_type)
    if dropped is not None:
        return JSONResponse({"chat_id": chat.id, "dropped": dropped}, status_code=202)
    if event_type not in _MESSAGE_EVENTS:
        return other_event(call, body, chat, person, event_type)
    outbound = body.flag("outbound") or body.flag("is_from_me")
    message = await _message(call, body, chat, person, outbound=outbound)
    call.state.add(chat, message)
    if not outbound:
        update_opt_out(call.state, chat, message)
        stop_typing(call, chat, person)
    call.sandbox.publish_message(chat, message)
    data = message_data(event_type, chat, message)
    return emitted(call, body, chat, event_type, data, message.id)


def _dropped(call: Call, chat: Chat, person: Handle, event_type: str) -> str | None:
    """Why nothing comes of it: blocked people, groups that were left, typing in groups."""
    if person.address.lower() in call.state.blocked:
        return "blocked"
    if chat.left:
        return "left"
    if chat.is_group and event_type.startswith(TYPING_EVENTS):
        return "group"
    return None


def _chat_and_person(call: Call, body: Fields) -> tuple[Chat, Handle]:
    """The chat the words arrive in and who says them; both are made when they are new."""
    state = call.state
    sender = body.optional_text("from")
    if sender is not None:
        check_address(sender)
    members = [check_address(address) for address in body.texts("members", maximum=31)]
    name = body.optional_text("chat_id") or body.optional_text("chat", max_length=200)
    service = cast(Service | None, body.choice("service", _SERVICES))
    line = call.sandbox.config.own_handle
    group = body.flag("group") or len(members) > 1
    people = list(dict.fromkeys([sender, *members] if sender else members))
    chat = state.chat_named(name) if name else state.chat_with(line, people)
    if chat is None:
        people = people or [state.new_person()]
        chat = state.open_chat(
            people,
            line=line,
            service=service or "iMessage",
            is_group=group or len(people) > 1,
            name=name,
            chat_id=_uuid_or_none(name),
        )
    chat.service = service or chat.service
    chat.zero_retention = chat.zero_retention or body.flag("zero_retention")
    return chat, _person(chat, sender)


def _person(chat: Chat, address: str | None) -> Handle:
    if address is None:
        return chat.others[0]
    for handle in chat.handles:
        if handle.address == address:
            return handle
    if not chat.is_group:
        raise ApiError(1005, "from is not the other person of this chat")
    joined = Handle(str(uuid.uuid4()), address, chat.service, is_me=False)
    chat.handles.append(joined)
    return joined


async def _message(
    call: Call, body: Fields, chat: Chat, person: Handle, *, outbound: bool
) -> Message:
    parts, memo = await read_parts(call, body, chat)
    sent_at = _moment(body, "sent_at") or now()
    return Message(
        id=body.optional_uuid("message_id") or str(uuid.uuid4()),
        chat_id=chat.id,
        direction="outbound" if outbound else "inbound",
        kind="message" if memo is None else "voice_memo",
        memo=memo,
        parts=parts,
        sender=chat.me if outbound else person,
        service=chat.service,
        delivery_status="sent" if outbound else "received",
        sent_at=sent_at,
        reconciled_at=now() if body.flag("reconciled") else None,
        reply_to=_reply_to(body),
        effect=body.values.get("effect"),
        zero_retention=chat.zero_retention,
        author="colleague" if outbound else "person",
    )


def _reply_to(body: Fields) -> dict[str, Any] | None:
    value = body.values.get("reply_to")
    if value is None or isinstance(value, dict):
        return value
    return {"message_id": str(value), "part_index": 0}


def _moment(body: Fields, name: str) -> datetime | None:
    text = body.optional_text(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError(1005, f"{name} must be an ISO 8601 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _uuid_or_none(text: str | None) -> str | None:
    try:
        return None if text is None else str(uuid.UUID(text))
    except ValueError:
        return None
