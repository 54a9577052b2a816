"""Upload addresses: signed, expiring, and as picky about headers as the storage behind Linq."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from starlette.responses import Response

from app.sandbox.api.endpoint import Call
from app.sandbox.bounded_body import BodyTooLargeError, read_bounded
from app.sandbox.clock import now
from app.sandbox.records import Attachment
from app.sandbox.sandbox import monotonic_in

_ALGORITHM = "AWS4-HMAC-SHA256"
_SIGNED_HEADERS = "content-length;content-type;host"
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass
class StorageError(Exception):
    """The storage says no, in its own XML and not in Linq's envelope."""

    code: str
    message: str
    status: int = 403


def upload_url(call: Call, attachment: Attachment) -> str:
    """The address to PUT the bytes to, until `upload_lifetime` seconds after creation."""
    query = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Date": attachment.created_at.strftime(_DATE_FORMAT),
        "X-Amz-Expires": f"{call.sandbox.config.upload_lifetime:g}",
        "X-Amz-SignedHeaders": _SIGNED_HEADERS,
    }
    query["X-Amz-Signature"] = _signature(call, attachment, query)
    return f"{call.sandbox.base_url}/uploads/{attachment.id}?{urlencode(query)}"


async def receive_upload(call: Call) -> Response:
    """PUT of the bytes: 200 without a body, or 403 in XML when anything differs from the signed."""
    try:
        attachment = _check(call)
        data = await _read(call, attachment.size_bytes)
    except StorageError as error:
        call.state.refusals[f"upload {error.status}/{error.code}"] += 1
        return _xml(error)
    delay: float = call.sandbox.config.attachment_ready_delay
    if call.fault is not None and call.has_fault("not_ready"):
        delay = float("inf") if call.fault.seconds is None else call.fault.seconds
    call.state.store_bytes(attachment, data, ready_at=monotonic_in(delay))
    return Response(headers={"ETag": f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'})


def _check(call: Call) -> Attachment:
    query, headers = call.request.query_params, call.request.headers
    attachment = call.state.attachments.get(call.request.path_params["attachment_id"])
    signed = {
        name: query.get(name, "")
        for name in ("X-Amz-Algorithm", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")
    }
    if attachment is None or not hmac.compare_digest(
        _signature(call, attachment, signed).encode(), query.get("X-Amz-Signature", "").encode()
    ):
        raise StorageError("SignatureDoesNotMatch", "The signature does not match the request.")
    if "authorization" in headers:
        raise StorageError(
            "InvalidArgument", "Only one auth mechanism allowed: drop Authorization.", 400
        )
    began = datetime.strptime(signed["X-Amz-Date"], _DATE_FORMAT).replace(tzinfo=UTC)
    if (now() - began).total_seconds() > float(signed["X-Amz-Expires"]):
        raise StorageError("AccessDenied", "Request has expired")
    if "content-length" not in headers:
        raise StorageError("MissingContentLength", "Content-Length is required.", 411)
    if headers["content-length"] != str(attachment.size_bytes):
        raise StorageError("SignatureDoesNotMatch", "Content-Length is not the signed one.")
    if headers.get("content-type") != attachment.content_type:
        raise StorageError("SignatureDoesNotMatch", "Content-Type is not the signed one.")
    return attachment


async def _read(call: Call, size: int) -> bytes:
    try:
        data = await read_bounded(call.request.stream(), size)
    except BodyTooLargeError:
        data = b""
    if len(data) != size:
        raise StorageError("IncompleteBody", "The byte count differs from the declared one.", 400)
    return data


def _signature(call: Call, attachment: Attachment, query: dict[str, str]) -> str:
    """What binds the address to its file, its headers and its time."""
    text = "\n".join(
        [
            attachment.id,
            *query.values(),
            f"content-length:{attachment.size_bytes}",
            f"content-type:{attachment.content_type}",
        ]
    )
    return hmac.digest(call.sandbox.upload_secret, text.encode(), hashlib.sha256).hex()


def _xml(error: StorageError) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{time.time_ns():X}</RequestId></Error>"
    )
    return Response(body, status_code=error.status, media_type="application/xml")
