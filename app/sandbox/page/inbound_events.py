"""What people do besides writing: they edit, react and type."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields
from app.sandbox.api.messages import replace_text
from app.sandbox.api.reactions import TAPBACKS, apply_reaction, new_reaction, part_index
from app.sandbox.records import Chat, Handle
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import (
    VERSIONS,
    Data,
    both,
    edited_data,
    reaction_data,
    typing_data,
)

TYPING_EVENTS = "chat.typing_indicator."
_TYPING_STOPPED = "chat.typing_indicator.stopped"


def other_event(call: Call, body: Fields, chat: Chat, person: Handle, event_type: str) -> Response:
    """Edits, reactions, typing, and any other type with `data` as given."""
    given = body.object("data")
    target = body.optional_text("target")
    if given is not None:
        return emitted(call, body, chat, event_type, both(given.values), target)
    if event_type == "message.edited":
        return _edit(call, body, chat, target)
    if event_type in ("reaction.added", "reaction.removed"):
        return _react(call, body, chat, person, event_type, target)
    if event_type.startswith(TYPING_EVENTS):
        chat.typing_people.discard(person.address)
        if event_type != _TYPING_STOPPED:
            chat.typing_people.add(person.address)
        return emitted(call, body, chat, event_type, typing_data(chat, person), None)
    raise ApiError(1001, f"data is required for {event_type}")


def stop_typing(call: Call, chat: Chat, person: Handle) -> None:
    """Who sends types no more: the event comes when it was told that they type."""
    if person.address in chat.typing_people:
        chat.typing_people.discard(person.address)
        data = typing_data(chat, person)
        call.sandbox.courier.emit(
            Event(_TYPING_STOPPED, data, call.trace_id, chat.me.address, chat.id)
        )


def emitted(
    call: Call,
    body: Fields,
    chat: Chat,
    event_type: str,
    data: Mapping[str, Data],
    message_id: str | None,
) -> Response:
    """Emits the event as `body` wants it, and the 202 with its ids."""
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


def _edit(call: Call, body: Fields, chat: Chat, target: str | None) -> Response:
    message = call.state.messages.get(target or "")
    if message is None:
        raise ApiError(2002, "target must be the id of the edited message")
    text = body.text("text")
    texts = [index for index, part in enumerate(message.parts) if part.get("type") == "text"]
    if not texts:
        raise ApiError(1005, "target has no text")
    replace_text(call, message, texts[0], text)
    data = edited_data(chat, message, texts[0], text)
    return emitted(call, body, chat, "message.edited", data, message.id)


def _react(
    call: Call, body: Fields, chat: Chat, person: Handle, event_type: str, target: str | None
) -> Response:
    """A tapback; one on a message that the sandbox does not know is told all the same."""
    kind = body.choice("reaction_type", TAPBACKS) or "love"
    emoji = body.text("custom_emoji", max_length=64) if kind == "custom" else None
    reaction = new_reaction(chat.me if body.flag("is_from_me") else person, kind, emoji)
    message = call.state.messages.get(target or "")
    index = 0
    if message is not None:
        index = part_index(body, message)
        operation = "add" if event_type == "reaction.added" else "remove"
        reaction = apply_reaction(call, message, index, operation, reaction) or reaction
    data = reaction_data(chat, target, chat.service, index, reaction)
    return emitted(call, body, chat, event_type, data, target)
