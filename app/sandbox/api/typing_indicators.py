"""Typing indicators: shown for a while, cleared by a message or on request."""

from __future__ import annotations

import time

from starlette.responses import Response

from app.sandbox.api.chats import find_joined_chat
from app.sandbox.api.endpoint import Call
from app.sandbox.records import TYPING_SECONDS


async def start_typing(call: Call) -> Response:
    """POST /v3/chats/{id}/typing: shown for about 88 seconds, on iMessage only."""
    chat = find_joined_chat(call)
    if chat.service == "iMessage":
        chat.typing_until = time.monotonic() + TYPING_SECONDS
        call.sandbox.publish_typing(chat)
    return Response(status_code=204)


async def stop_typing(call: Call) -> Response:
    """DELETE /v3/chats/{id}/typing."""
    chat = find_joined_chat(call)
    if chat.is_typing:
        chat.typing_until = 0.0
        call.sandbox.publish_typing(chat)
    return Response(status_code=204)
