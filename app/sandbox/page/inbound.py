"""What people write to the line: from a control call to a message and its webhook."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, check_address, read_json
from app.sandbox.api.payloads import handle_json
from app.sandbox.clock import format_time, now
from app.sandbox.page.inbound_parts import read_parts
from app.sandbox.records import Chat, Handle, Message, Service
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import VERSIONS, both, edited_data, message_data

_MAX_BYTES = 140 * 1024 * 1024
_MESSAGE_EVENTS = ("message.received", "message.sent", "message.delivered", "message.read")
_SERVICES = ("iMessage", "SMS", "RCS")
_OPT_OUT = re.compile(r"STOP|UNSUBSCRIBE|CANCEL|END|QUIT")
_OPT_OUT_ANY_CASE = re.compile(r"opt[ -]?out", re.IGNORECASE)


async def receive_inbound(call: Call) -> Response:
    """POST /_sandbox/inbound: somebody writes. 202 with the ids of what came of it.

    `from`, `chat` (name or id) or `chat_id`, `group`, `members`, `service`: who and where.
    `text`, `parts`, `audio_base64` with `filename` and `mime_type`, `mention`, `reply_to`: what.
    `sent_at`, `reconciled`, `zero_retention`, `outbound`: in which circumstances.
    `version`, `duplicate` (further copies), `new_event_ids`, `event_type`, `data`: how told.
    """
    body = await read_json(call.request, _MAX_BYTES)
    chat, person = _chat_and_person(call, body)
    if person.address in call.state.blocked:
        return JSONResponse({"chat_id": chat.id, "dropped": "blocked"}, status_code=202)
    event_type = body.optional_text("event_type") or "message.received"
    if event_type not in _MESSAGE_EVENTS:
        return _other_event(call, body, chat, person, event_type)
    outbound = body.flag("outbound") or body.flag("is_from_me")
    message = await _message(call, body, chat, person, outbound=outbound)
    call.state.add(chat, message)
    if not outbound:
        _update_opt_out(call, chat, message)
    call.sandbox.publish_message(chat, message)
    data = message_data(event_type, chat, message)
    return _emitted(call, body, chat, event_type, data, message.id)


def is_opt_out(text: str) -> bool:
    """Whether the whole trimmed message is an opt-out word: exact case, but for OPT OUT."""
    word = text.strip()
    return bool(_OPT_OUT.fullmatch(word) or _OPT_OUT_ANY_CASE.fullmatch(word))


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
        own_device=outbound,
    )


def _reply_to(body: Fields) -> dict[str, Any] | None:
    value = body.values.get("reply_to")
    if value is None or isinstance(value, dict):
        return value
    return {"message_id": str(value), "part_index": 0}


def _update_opt_out(call: Call, chat: Chat, message: Message) -> None:
    """Opt-out words mark a person in a direct chat; anything else that they write clears it."""
    state, who = call.state, message.sender.address
    state.wrote_first.add(who)
    text = message.parts[0].get("value", "") if len(message.parts) == 1 else ""
    if isinstance(text, str) and is_opt_out(text):
        if not chat.is_group:
            state.opted_out.setdefault(who, set()).add(chat.id)
            chat.health, chat.health_updated_at = "OPTED_OUT", now()
        return
    for chat_id in state.opted_out.pop(who, ()):
        marked = state.chats.get(chat_id)
        if marked is not None:
            marked.health, marked.health_updated_at = "HEALTHY", now()


def _other_event(call: Call, body: Fields, chat: Chat, person: Handle, event_type: str) -> Response:
    """Edits, reactions, typing, and any other type with `data` as given."""
    given = body.object("data")
    message_id = body.optional_text("target")
    if given is not None:
        data = both(given.values)
    elif event_type == "message.edited":
        message = call.state.messages.get(message_id or "")
        if message is None:
            raise ApiError(2002, "target must be the id of the edited message")
        text = body.text("text")
        message.parts = [{"type": "text", "value": text, "text_decorations": None}]
        call.state.mark_changed(message)
        call.sandbox.publish_message(chat, message)
        data = edited_data(chat, message, 0, text)
    elif event_type in ("reaction.added", "reaction.removed"):
        data = both(_reaction(body, chat, person, message_id))
    elif event_type.startswith("chat.typing_indicator."):
        data = both({"chat_id": chat.id, "actor_handle": handle_json(person)})
    else:
        raise ApiError(1001, f"data is required for {event_type}")
    return _emitted(call, body, chat, event_type, data, message_id)


def _reaction(body: Fields, chat: Chat, person: Handle, message_id: str | None) -> dict[str, Any]:
    return {
        "is_from_me": body.flag("is_from_me"),
        "reaction_type": body.optional_text("reaction_type") or "love",
        "chat_id": chat.id,
        "message_id": message_id,
        "part_index": 0,
        "custom_emoji": None,
        "from": person.address,
        "from_handle": handle_json(person),
        "reacted_at": format_time(now()),
        "reaction_id": str(uuid.uuid4()),
        "service": chat.service,
        "sticker": None,
    }


def _emitted(
    call: Call,
    body: Fields,
    chat: Chat,
    event_type: str,
    data: Any,
    message_id: str | None,
) -> Response:
    copies = body.integer("duplicate", minimum=0, maximum=1000) if body.has("duplicate") else 0
    event = Event(
        event_type,
        data,
        call.trace_id,
        chat.me.address,
        chat.id,
        message_id,
        version=body.choice("version", VERSIONS),
        own_ids=body.flag("new_event_ids"),
    )
    ids = call.sandbox.courier.emit(event, times=1 + copies)
    return JSONResponse(
        {"chat_id": chat.id, "message_id": message_id, "event_id": ids[0], "event_ids": ids},
        status_code=202,
    )


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
