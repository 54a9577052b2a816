"""The account's own lines."""

from __future__ import annotations

import uuid

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call

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


def _line_id(line: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox-line:{line}"))
