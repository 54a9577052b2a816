"""Capability checks: what an address can receive."""

from __future__ import annotations

import math
import time

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_address, is_phone_number, read_json


async def check_imessage(call: Call) -> Response:
    """POST /v3/capability/check_imessage: here everybody can, e-mail addresses included."""
    body = await read_json(call.request)
    address = check_address(body.text("address"))
    _limit_rate(call)
    return JSONResponse({"address": address, "available": True, "selected_service": "iMessage"})


async def check_rcs(call: Call) -> Response:
    """POST /v3/capability/check_rcs: telephone numbers can, e-mail addresses are a 400."""
    body = await read_json(call.request)
    address = check_address(body.text("address"))
    if not is_phone_number(address):
        raise ApiError(1005, "RCS needs a phone number")
    _limit_rate(call)
    return JSONResponse({"address": address, "available": True, "selected_service": "RCS"})


def _limit_rate(call: Call) -> None:
    """One capability check in ten seconds."""
    moment = time.monotonic()
    wait = call.state.next_capability_check - moment
    if wait > 0:
        raise ApiError(1007, retry_after=math.ceil(wait))
    call.state.next_capability_check = moment + call.sandbox.config.capability_pause
