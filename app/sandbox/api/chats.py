"""Chats: opened, listed, read, renamed and left, with typing, read receipts and contact cards."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse, Response

from app.sandbox.api.content import read_content
from app.sandbox.api.cursor import decode_cursor, encode_cursor
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_address, limit_parameter, path_uuid, read_json
from app.sandbox.api.payloads import chat_json, created_chat_json
from app.sandbox.api.sending import (
    Content,
    accept_message,
    check_member,
    check_sendable,
    message_for_key,
)
from app.sandbox.clock import format_time, now
from app.sandbox.records import Chat, Message
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import created_chat_data

MAX_PEOPLE = 31
_LINK = re.compile(r"\bhttps?://|\bwww\.", re.IGNORECASE)


def find_chat(call: Call) -> Chat:
    """The chat named in the path: 400 when that is no UUID, 404/2001 when it is unknown."""
    chat = call.state.chats.get(path_uuid(call.request, "chat_id"))
    if chat is None:
        raise ApiError(2001)
    return chat


def find_joined_chat(call: Call) -> Chat:
    """As `find_chat`; 409/2013 when the line has left the chat."""
    chat = find_chat(call)
    check_member(chat)
    return chat


async def create_chat(call: Call) -> Response:
    """POST /v3/chats: opens a chat with its first message, or sends into the one there is."""
    body = await read_json(call.request)
    line = check_address(body.text("from"))
    people = [check_address(address) for address in body.texts("to", maximum=MAX_PEOPLE)]
    if not people:
        raise ApiError(1001, "to is required")
    content = read_content(call, body.required_object("message"))
    override = body.flag("override_optout")
    if line != call.sandbox.config.own_handle:
        raise ApiError(2006)
    is_repeated = message_for_key(call, content.idempotency_key) is not None
    if not is_repeated and call.state.chat_with(line, people) is None:
        _check_first_message(content)
    chat, message, _ = send_to(call, people, content, override)
    return JSONResponse({"chat": created_chat_json(chat, message)}, status_code=201)


def send_to(
    call: Call, people: list[str], content: Content, override: bool
) -> tuple[Chat, Message, bool]:
    """Sends to exactly these people; the last value says whether the chat is new."""
    original = message_for_key(call, content.idempotency_key)
    if original is not None:
        return call.state.chats[original.chat_id], original, False
    line = call.sandbox.config.own_handle
    chat = call.state.chat_with(line, people)
    if chat is not None:
        check_sendable(call, chat, override_optout=override)
        return chat, accept_message(call, chat, content), False
    chat = call.state.open_chat(list(dict.fromkeys(people)), line=line)
    try:
        check_sendable(call, chat, override_optout=override)
    except ApiError:
        call.state.remove_chat(chat)
        raise
    message = accept_message(call, chat, content)
    call.sandbox.courier.emit(
        Event("chat.created", created_chat_data(chat), call.trace_id, line, chat.id)
    )
    return chat, message, True


def _check_first_message(content: Content) -> None:
    """A new chat must not begin with a link, a reply or an effect."""
    for part in content.parts:
        if part["type"] == "link" or (part["type"] == "text" and _LINK.search(part["value"])):
            raise ApiError(1005, "The first message of a chat must not hold a link")
    if content.reply_to is not None or content.effect is not None:
        raise ApiError(1005, "The first message of a chat takes no reply_to and no effect")


async def list_chats(call: Call) -> Response:
    """GET /v3/chats, the latest first."""
    query = call.request.query_params
    limit = limit_parameter(call.request, 20)
    start = decode_cursor(query.get("cursor")) or 0
    chats = [
        chat
        for chat in reversed(call.state.chats.values())
        if query.get("from", chat.me.address) == chat.me.address
        and ("to" not in query or any(h.address == query["to"] for h in chat.others))
    ]
    page = chats[start : start + limit]
    following = start + limit if start + limit < len(chats) else None
    return JSONResponse(
        {"chats": [chat_json(chat) for chat in page], "next_cursor": encode_cursor(following)}
    )


async def get_chat(call: Call) -> Response:
    """GET /v3/chats/{id}."""
    return JSONResponse(chat_json(find_chat(call)))


async def mark_read(call: Call) -> Response:
    """POST /v3/chats/{id}/read; without effect in groups."""
    chat = find_joined_chat(call)
    if not chat.is_group:
        chat.last_read_at = now()
        call.sandbox.feed.publish(
            "read", {"chat_id": chat.id, "at": format_time(chat.last_read_at)}
        )
    return Response(status_code=204)
