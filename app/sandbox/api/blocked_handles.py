"""Blocked handles: whose messages are dropped and who is not written to."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields, read_json
from app.sandbox.clock import format_time, now

_HANDLE = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|[^@\s]{1,64}@[^@\s]{1,190}|[A-Za-z0-9 ]{1,11}")


async def list_blocked(call: Call) -> Response:
    """GET /v3/blocked_handles."""
    return JSONResponse({"blocked_handles": list(call.state.blocked.values())})


async def block(call: Call) -> Response:
    """POST /v3/blocked_handles; blocking twice returns the first entry."""
    body = await read_json(call.request)
    handle = _normalized(body)
    reason = body.optional_text("reason", max_length=1000)
    entry = {"handle": handle, "blocked_at": format_time(now())}
    if reason:
        entry["reason"] = reason
    entry = call.state.blocked.setdefault(handle, entry)
    return JSONResponse({"blocked_handle": entry})


async def unblock(call: Call) -> Response:
    """DELETE /v3/blocked_handles."""
    body = await read_json(call.request)
    call.state.blocked.pop(_normalized(body), None)
    return Response(status_code=204)


def _normalized(body: Fields) -> str:
    """A number, e-mail address, short code or sender id; e-mail addresses in lower case."""
    handle = body.text("handle", max_length=255).strip()
    if not _HANDLE.fullmatch(handle):
        raise ApiError(1002, "handle must be a phone number, e-mail address or sender id")
    return handle.lower() if "@" in handle else handle
