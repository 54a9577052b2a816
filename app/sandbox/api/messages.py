"""Messages: sent into chats, sent to people, listed, read and removed."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import JSONResponse, Response

from app.sandbox.api.chats import find_chat, send_content, send_to
from app.sandbox.api.content import read_content
from app.sandbox.api.cursor import decode_cursor, encode_cursor
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_address, limit_parameter, path_uuid, read_json
from app.sandbox.api.payloads import handle_json, message_json, sent_message_json
from app.sandbox.api.sending import check_sendable, message_for_key
from app.sandbox.records import Message


async def send_message(call: Call) -> Response:
    """POST /v3/chats/{id}/messages."""
    chat = find_chat(call)
    body = await read_json(call.request)
    content = read_content(call, body.required_object("message"))
    override = body.flag("override_optout")
    message = message_for_key(call, content.idempotency_key)
    if message is None:
        check_sendable(call, chat, override_optout=override)
        message = send_content(call, chat, content)
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
