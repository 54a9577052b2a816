"""Groups: renamed, joined by people, and left."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.responses import JSONResponse, Response

from app.sandbox.api.chats import MAX_PEOPLE, find_joined_chat
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_address, is_phone_number, read_json
from app.sandbox.clock import now
from app.sandbox.records import Chat, Handle
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import Data, group_change_data, participant_data

_FEWEST = 3  # people in a group, the line among them


@dataclass(frozen=True)
class _Change:
    """A new value of a group's name or icon, and the event that tells of it."""

    event_type: str
    attribute: Literal["display_name", "icon_url"]
    value: str | None


async def update_chat(call: Call) -> Response:
    """PUT /v3/chats/{id}: name and icon of a group; 202, as they change a little later."""
    chat = find_joined_chat(call)
    body = await read_json(call.request)
    changes = []
    if body.has("display_name"):
        name = body.optional_text("display_name", max_length=255) or None
        changes.append(_Change("chat.group_name_updated", "display_name", name))
    if body.has("group_chat_icon"):
        icon = body.optional_text("group_chat_icon", max_length=2048) or None
        changes.append(_Change("chat.group_icon_updated", "icon_url", icon))
    if not chat.is_group:
        raise ApiError(1006)
    for change in changes:
        _later(call, chat, change.event_type, _setter(chat, change))
    return JSONResponse({"chat_id": chat.id, "status": "accepted"}, status_code=202)


async def add_participant(call: Call) -> Response:
    """POST /v3/chats/{id}/participants {handle}."""
    chat, address = await _group_and_handle(call)
    if any(handle.address == address for handle in chat.participants):
        raise ApiError(2015, "handle is a participant already")
    if len(chat.participants) < _FEWEST:
        raise ApiError(2015, f"Only a group of {_FEWEST} or more can be joined")
    if len(chat.others) >= MAX_PEOPLE:
        raise ApiError(1005, f"A group has at most {MAX_PEOPLE} other participants")
    if chat.service != "iMessage" and not is_phone_number(address):
        raise ApiError(2017, "handle is not on the group's service")

    def add() -> Mapping[str, Data]:
        handle = next((one for one in chat.handles if one.address == address), None)
        if handle is None:
            handle = Handle(str(uuid.uuid4()), address, chat.service, is_me=False)
            chat.handles.append(handle)
        handle.status, handle.joined_at, handle.left_at = "active", now(), None
        call.state.index_participants(chat)
        return participant_data("added_at", chat, handle)

    _later(call, chat, "participant.added", add)
    return _queued(call, "Participant addition queued")


async def remove_participant(call: Call) -> Response:
    """DELETE /v3/chats/{id}/participants {handle}; three must remain."""
    chat, address = await _group_and_handle(call)
    handle = next((one for one in chat.others if one.address == address), None)
    if handle is None:
        raise ApiError(1005, "handle is no other participant of this group")
    if len(chat.participants) <= _FEWEST:
        raise ApiError(2015, f"A group keeps at least {_FEWEST} participants")

    def remove() -> Mapping[str, Data]:
        handle.status, handle.left_at = "removed", now()
        call.state.index_participants(chat)
        return participant_data("removed_at", chat, handle)

    _later(call, chat, "participant.removed", remove)
    return _queued(call, "Participant removal queued")


async def leave_chat(call: Call) -> Response:
    """POST /v3/chats/{id}/leave; later calls that would write there answer 409/2013."""
    chat = find_joined_chat(call)
    if not chat.is_group:
        raise ApiError(1006)
    if chat.service != "iMessage":
        raise ApiError(2017, "Only iMessage groups can be left")
    if len(chat.participants) <= _FEWEST:
        raise ApiError(2015, f"A group keeps at least {_FEWEST} participants")
    chat.left = True

    def leave() -> Mapping[str, Data]:
        chat.me.status, chat.me.left_at = "left", now()
        return participant_data("removed_at", chat, chat.me)

    _later(call, chat, "participant.removed", leave)
    return _queued(call, "Left the chat")


async def _group_and_handle(call: Call) -> tuple[Chat, str]:
    chat = find_joined_chat(call)
    body = await read_json(call.request)
    address = check_address(body.text("handle"))
    if not chat.is_group:
        raise ApiError(1006)
    return chat, address


def _setter(chat: Chat, change: _Change) -> Callable[[], Mapping[str, Data]]:
    def apply() -> Mapping[str, Data]:
        old = getattr(chat, change.attribute)
        setattr(chat, change.attribute, change.value)
        return group_change_data(chat, old, change.value)

    return apply


def _later(
    call: Call, chat: Chat, event_type: str, apply: Callable[[], Mapping[str, Data]]
) -> None:
    """Applies a queued change after a moment and tells the subscribers."""

    async def run() -> None:
        await asyncio.sleep(call.sandbox.config.sent_after)
        data = apply()
        chat.updated_at = now()
        call.sandbox.publish_chat(chat)
        call.sandbox.courier.emit(Event(event_type, data, call.trace_id, chat.me.address, chat.id))

    call.sandbox.spawn(run())


def _queued(call: Call, message: str) -> Response:
    body = {"status": "accepted", "message": message, "trace_id": call.trace_id}
    return JSONResponse(body, status_code=202)
