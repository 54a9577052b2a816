"""Blocked handles: whose messages are dropped and who is not written to."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.fields import read_json
from app.sandbox.clock import format_time, now


async def list_blocked(call: Call) -> Response:
    """GET /v3/blocked_handles."""
    return JSONResponse({"blocked_handles": list(call.state.blocked.values())})


async def block(call: Call) -> Response:
    """POST /v3/blocked_handles; blocking twice returns the first entry."""
    body = await read_json(call.request)
    handle = body.text("handle", max_length=255)
    reason = body.optional_text("reason", max_length=1000)
    entry = {"handle": handle, "reason": reason, "blocked_at": format_time(now())}
    entry = call.state.blocked.setdefault(handle, entry)
    return JSONResponse({"blocked_handle": entry})


async def unblock(call: Call) -> Response:
    """DELETE /v3/blocked_handles."""
    body = await read_json(call.request)
    call.state.blocked.pop(body.text("handle", max_length=255), None)
    return Response(status_code=204)
