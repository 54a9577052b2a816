"""Attachments: declared here, uploaded to a signed address, fetched from the CDN."""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import path_uuid, read_json
from app.sandbox.clock import format_time
from app.sandbox.media.content_types import CONTENT_TYPES
from app.sandbox.media.uploads import upload_url
from app.sandbox.records import Attachment
from app.sandbox.sandbox import Sandbox

_MAX_BYTES = 104_857_600


async def create_attachment(call: Call) -> Response:
    """POST /v3/attachments."""
    body = await read_json(call.request)
    filename = body.text("filename", max_length=255)
    content_type = body.text("content_type")
    if content_type not in CONTENT_TYPES:
        raise ApiError(5004, f"Content type {content_type[:100]} is not allowed")
    size = body.values.get("size_bytes")
    if isinstance(size, int) and not isinstance(size, bool) and size > _MAX_BYTES:
        raise ApiError(5005)
    size = body.integer("size_bytes", minimum=1, maximum=_MAX_BYTES)
    attachment = new_attachment(call.sandbox, filename, content_type, size)
    config = call.sandbox.config
    return JSONResponse(
        {
            "attachment_id": attachment.id,
            "upload_url": upload_url(call, attachment),
            "download_url": attachment.url,
            "http_method": "PUT",
            "expires_at": format_time(
                attachment.created_at + timedelta(seconds=config.upload_lifetime)
            ),
            "required_headers": {
                "Content-Type": attachment.content_type,
                "Content-Length": str(attachment.size_bytes),
            },
        }
    )


async def get_attachment(call: Call) -> Response:
    """GET /v3/attachments/{id}."""
    attachment = find_attachment(call, path_uuid(call.request, "attachment_id"))
    return JSONResponse(
        {
            "id": attachment.id,
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "size_bytes": attachment.size_bytes,
            "status": "complete" if attachment.is_ready else "pending",
            "download_url": attachment.url,
            "created_at": format_time(attachment.created_at),
        }
    )


async def delete_attachment(call: Call) -> Response:
    """DELETE /v3/attachments/{id}: messages keep their parts, without the reference."""
    attachment = find_attachment(call, path_uuid(call.request, "attachment_id"))
    call.state.remove_attachment(attachment)
    call.state.detach(attachment)
    return Response(status_code=204)


def new_attachment(
    sandbox: Sandbox, filename: str, content_type: str, size_bytes: int
) -> Attachment:
    """Declares a file; its bytes come later."""
    attachment_id = str(uuid.uuid4())
    attachment = Attachment(
        id=attachment_id,
        filename=filename,
        content_type=content_type,
        size_bytes=size_bytes,
        url=(
            f"{sandbox.base_url}/cdn/attachments/partners/{sandbox.config.partner_id}/"
            f"{attachment_id}/{quote(filename, safe='')}"
        ),
    )
    sandbox.state.add_attachment(attachment)
    return attachment


def find_attachment(call: Call, attachment_id: str) -> Attachment:
    """The attachment, or ApiError 404/2003."""
    attachment = call.state.attachments.get(attachment_id)
    if attachment is None:
        raise ApiError(2003)
    return attachment


def find_ready_attachment(call: Call, attachment_id: str) -> Attachment:
    """The attachment with its bytes; 404/2003 when unknown, 404/2007 when not there yet."""
    attachment = find_attachment(call, attachment_id)
    if not attachment.is_ready:
        raise ApiError(2007)
    return attachment
