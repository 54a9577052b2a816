"""Lines and people: own numbers, what an address can receive, who is blocked."""

from __future__ import annotations

import math
import time
import uuid

from starlette.responses import JSONResponse, Response

from app.sandbox.clock import now, stamp
from app.sandbox.endpoint import Call
from app.sandbox.errors import Refusal
from app.sandbox.fields import check_address, is_phone_number, read_json

_HEALTH_DOC = "https://docs.linqapp.com/channel/imessage/guides/phone-numbers/reputation#healthy"


async def list_phone_numbers(call: Call) -> Response:
    """GET /v3/phone_numbers."""
    line = call.sandbox.config.own_handle
    number = {
        "id": _line_id(line),
        "phone_number": line,
        "reputation": {"status": "HEALTHY", "doc_url": _HEALTH_DOC},
        "forwarding_number": None,
        "line_type": "iMessage",
    }
    return JSONResponse({"phone_numbers": [number]})


async def list_phonenumbers(call: Call) -> Response:
    """GET /v3/phonenumbers, the deprecated variant."""
    line = call.sandbox.config.own_handle
    number = {
        "id": _line_id(line),
        "phone_number": line,
        "capabilities": {"mms": True, "sms": True, "voice": True},
        "country_code": "US",
        "type": "APPLE_ID",
    }
    return JSONResponse({"phone_numbers": [number]})


async def available_number(call: Call) -> Response:
    """GET /v3/available_number."""
    line = call.sandbox.config.own_handle
    return JSONResponse({"phone_number": line, "vcf_url": f"{call.sandbox.base_url}/line.vcf"})


async def check_imessage(call: Call) -> Response:
    """POST /v3/capability/check_imessage: here everybody can, e-mail addresses included."""
    body = await read_json(call.request)
    address = check_address(body.text("address"))
    _pace(call)
    return JSONResponse({"address": address, "available": True, "selected_service": "iMessage"})


async def check_rcs(call: Call) -> Response:
    """POST /v3/capability/check_rcs: telephone numbers can, e-mail addresses are a 400."""
    body = await read_json(call.request)
    address = check_address(body.text("address"))
    if not is_phone_number(address):
        raise Refusal(1005, "RCS needs a phone number")
    _pace(call)
    return JSONResponse({"address": address, "available": True, "selected_service": "RCS"})


async def list_blocked(call: Call) -> Response:
    """GET /v3/blocked_handles."""
    return JSONResponse({"blocked_handles": list(call.state.blocked.values())})


async def block(call: Call) -> Response:
    """POST /v3/blocked_handles; blocking twice returns the first entry."""
    body = await read_json(call.request)
    handle = body.text("handle", longest=255)
    reason = body.optional_text("reason", longest=1000)
    entry = {"handle": handle, "reason": reason, "blocked_at": stamp(now())}
    entry = call.state.blocked.setdefault(handle, entry)
    return JSONResponse({"blocked_handle": entry})


async def unblock(call: Call) -> Response:
    """DELETE /v3/blocked_handles."""
    body = await read_json(call.request)
    call.state.blocked.pop(body.text("handle", longest=255), None)
    return Response(status_code=204)


def _pace(call: Call) -> None:
    """One capability check in ten seconds."""
    moment = time.monotonic()
    wait = call.state.next_capability_check - moment
    if wait > 0:
        raise Refusal(1007, retry_after=math.ceil(wait))
    call.state.next_capability_check = moment + call.sandbox.config.capability_pause


def _line_id(line: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox-line:{line}"))
