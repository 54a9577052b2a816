"""Messages: sent into chats, sent to people, listed, read and removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from starlette.responses import JSONResponse, Response

from app.sandbox.api.chats import find_chat, send_to
from app.sandbox.api.content import MAX_TEXT, read_content
from app.sandbox.api.cursor import decode_cursor, encode_cursor
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_address, limit_parameter, path_uuid, read_json
from app.sandbox.api.payloads import handle_json, message_json, sent_message_json
from app.sandbox.api.sending import accept_message, check_member, check_sendable, message_for_key
from app.sandbox.clock import now
from app.sandbox.records import Message
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import edited_data

_MAX_EDITS = 5
_EDIT_WINDOW = timedelta(minutes=15)


async def send_message(call: Call) -> Response:
    """POST /v3/chats/{id}/messages."""
    chat = find_chat(call)
    body = await read_json(call.request)
    content = read_content(call, body.required_object("message"))
    override = body.flag("override_optout")
    message = message_for_key(call, content.idempotency_key)
    if message is None:
        check_sendable(call, chat, override_optout=override)
        message = accept_message(call, chat, content)
    return JSONResponse(
        {"chat_id": message.chat_id, "message": sent_message_json(message)}, status_code=202
    )


async def send_to_people(call: Call) -> Response:
    """POST /v3/messages: Linq picks the line; here there is one.

    Unlike in POST /v3/chats the first message may hold a link.
    """
    body = await read_json(call.request)
    people = [check_address(address) for address in body.texts("to", maximum=31)]
    if not people:
        raise ApiError(1001, "to is required")
    content = read_content(call, body.required_object("message"))
    header = call.request.headers.get("idempotency-key")
    if header is not None:
        if len(header) > 255:
            raise ApiError(1005, "Idempotency-Key must have at most 255 characters")
        content = replace(content, idempotency_key=content.idempotency_key or header)
    line = call.sandbox.config.own_handle
    excluded = body.texts("exclude_from", maximum=100)
    if line in excluded and call.state.chat_with(line, people) is None:
        raise ApiError(2027, "No line is eligible", status=409)
    chat, message, is_new = send_to(call, people, content, body.flag("override_optout"))
    return JSONResponse(
        {
            "chat_id": chat.id,
            "created_new_chat": is_new,
            "from": line,
            "from_selection": {
                "reason": "new_best_number" if is_new else "reused_active_chat",
                "reused_existing_chat": not is_new,
            },
            "handles": [handle_json(handle) for handle in chat.handles],
            "is_group": chat.is_group,
            "message": sent_message_json(message),
            "service": message.service,
        },
        status_code=202,
    )


async def list_messages(call: Call) -> Response:
    """GET /v3/chats/{id}/messages, newest first."""
    chat = find_chat(call)
    limit = limit_parameter(call.request, 50)
    before = decode_cursor(call.request.query_params.get("cursor"))
    page: list[Message] = []
    following = None
    for message in call.state.history(chat, before):
        if len(page) == limit:
            following = page[-1].position
            break
        page.append(message)
    return JSONResponse(
        {
            "messages": [message_json(message) for message in page],
            "next_cursor": encode_cursor(following),
        }
    )


async def get_message(call: Call) -> Response:
    """GET /v3/messages/{id}."""
    return JSONResponse(message_json(find_message(call)))


async def edit_message(call: Call) -> Response:
    """PATCH /v3/messages/{id}: other words in one text part of a message of the line's own.

    At most five times, within 15 minutes of sending.
    """
    message = find_message(call)
    chat = call.state.chats[message.chat_id]
    check_member(chat)
    body = await read_json(call.request)
    text = body.text("text", max_length=MAX_TEXT)
    index = body.integer("part_index", minimum=0, maximum=99) if body.has("part_index") else 0
    if message.direction != "outbound":
        raise ApiError(2005, "Only own messages can be edited")
    if index >= len(message.parts) or message.parts[index]["type"] != "text":
        raise ApiError(1005, "part_index is not a text part of the message")
    if message.edits >= _MAX_EDITS:
        raise ApiError(1005, f"A message can be edited at most {_MAX_EDITS} times")
    if now() - message.created_at > _EDIT_WINDOW:
        raise ApiError(1005, "A message can be edited within 15 minutes of sending only")
    replace_text(call, message, index, text)
    data = edited_data(chat, message, index, text)
    call.sandbox.courier.emit(
        Event("message.edited", data, call.trace_id, chat.me.address, chat.id, message.id)
    )
    return JSONResponse(message_json(message))


def replace_text(call: Call, message: Message, index: int, text: str) -> None:
    """Puts other words into a text part."""
    message.parts[index] = {**message.parts[index], "value": text, "text_decorations": None}
    message.edits += 1
    call.state.mark_changed(message)
    call.sandbox.publish_message(call.state.chats[message.chat_id], message)


async def list_thread(call: Call) -> Response:
    """GET /v3/messages/{id}/thread: the message that began it and all replies, oldest first."""
    message = find_message(call)
    limit = limit_parameter(call.request, 50)
    order = call.request.query_params.get("order", "asc")
    if order not in ("asc", "desc"):
        raise ApiError(1005, "order must be asc or desc")
    start = decode_cursor(call.request.query_params.get("cursor")) or 0
    thread = _thread(call, message)
    if order == "desc":
        thread.reverse()
    page = thread[start : start + limit]
    following = start + limit if start + limit < len(thread) else None
    return JSONResponse(
        {
            "messages": [message_json(one) for one in page],
            "next_cursor": encode_cursor(following),
        }
    )


def _thread(call: Call, message: Message) -> list[Message]:
    """The thread's messages in order; a message that nobody replied to is alone in its own."""
    beginnings: dict[str, str] = {}  # message id to the id of the message that began its thread
    timeline = call.state.chats[message.chat_id].timeline
    for one in timeline:
        parent = (one.reply_to or {}).get("message_id", "")
        beginnings[one.id] = beginnings.get(parent, one.id)
    wanted = beginnings[message.id]
    return [one for one in timeline if beginnings[one.id] == wanted and not one.deleted]


async def delete_message(call: Call) -> Response:
    """DELETE /v3/messages/{id}: removed from Linq's records, not unsent."""
    message = find_message(call)
    message.deleted = True
    call.state.mark_changed(message)
    return Response(status_code=204)


def find_message(call: Call) -> Message:
    """The message named in the path: 400 when that is no UUID, 404/2002 when it is unknown."""
    message = call.state.messages.get(path_uuid(call.request, "message_id"))
    if message is None or message.deleted:
        raise ApiError(2002)
    return message
