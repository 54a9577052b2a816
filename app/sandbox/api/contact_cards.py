"""The line's contact card: shared with a chat."""

from __future__ import annotations

import time

from starlette.responses import Response

from app.sandbox.api.chats import find_chat
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError

_SHARE_INTERVAL_SECONDS = 300.0


async def share_contact_card(call: Call) -> Response:
    """POST /v3/chats/{id}/share_contact_card, at most once in five minutes."""
    chat = find_chat(call)
    moment = time.monotonic()
    if chat.contact_card_at is not None and moment < chat.contact_card_at + _SHARE_INTERVAL_SECONDS:
        raise ApiError(
            1007, retry_after=int(chat.contact_card_at + _SHARE_INTERVAL_SECONDS - moment) + 1
        )
    chat.contact_card_at = moment
    return Response(status_code=204)
