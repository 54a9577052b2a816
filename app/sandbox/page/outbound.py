"""What a colleague writes on the line, past the API: in Linq's inbox pages, or on its phone."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import read_json
from app.sandbox.api.sending import Content, accept_message, check_sendable
from app.sandbox.page.inbound import MAX_BYTES
from app.sandbox.page.inbound_parts import read_parts


async def send_as_colleague(call: Call) -> Response:
    """POST /_sandbox/outbound: `chat` (name or id), and `text`, `parts` or `audio_base64`.

    202 with the message's id. Linq's documentation of v3 does not say that such messages have
    events; here they have those of any sent message, and stand in the chat's history.
    """
    body = await read_json(call.request, MAX_BYTES)
    chat = call.state.chat_named(body.text("chat", max_length=200))
    if chat is None:
        raise ApiError(2001)
    check_sendable(call, chat, override_optout=False)
    parts, audio = await read_parts(call, body, chat)
    if not parts:
        raise ApiError(1001, "text, parts or audio_base64 is required")
    content = Content(parts=parts, audio=audio)
    message = accept_message(call, chat, content, author="colleague")
    return JSONResponse({"chat_id": chat.id, "message_id": message.id}, status_code=202)
