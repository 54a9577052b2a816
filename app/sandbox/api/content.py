"""Message content: parts, effect, reply and key, with the rules that Linq documents for them."""

from __future__ import annotations

import mimetypes
import uuid
from itertools import pairwise
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from app.sandbox.api.attachments import find_attachment, find_ready_attachment
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields
from app.sandbox.api.payloads import media_part
from app.sandbox.api.sending import Content
from app.sandbox.media.cdn import attachment_id_in
from app.sandbox.records import Part, Service

_MAX_PARTS = 100
_MAX_URLS = 40
MAX_TEXT = 10_000
_MAX_LINK = 2_048
_SERVICES = ("iMessage", "SMS", "RCS")
_SCREEN_EFFECTS = (
    "confetti fireworks lasers sparkles celebration hearts love balloons happy_birthday echo"
    " spotlight"
)
_EFFECTS = {
    "screen": frozenset(_SCREEN_EFFECTS.split()),
    "bubble": frozenset({"slam", "loud", "gentle", "invisible"}),
}


def read_content(call: Call, body: Fields) -> Content:
    """The `message` object of a sending call."""
    if body.has("experience"):
        raise ApiError(1004, "The sandbox renders no experiences")
    key = body.optional_text("idempotency_key", max_length=255)
    service = cast(Service | None, body.choice("preferred_service", _SERVICES))
    effect = _effect(body)
    reply_to = _reply_to(call, body)
    asked = body.objects("parts", maximum=_MAX_PARTS)
    if not asked:
        raise ApiError(1001, "message.parts is required")
    parts = [_part(call, part) for part in asked]
    _check_together(asked, parts)
    return Content(parts, effect, reply_to, key, service)


def _part(call: Call, part: Fields) -> Part:
    kind = part.text("type")
    if kind == "text":
        return {
            "type": "text",
            "value": part.text("value", max_length=MAX_TEXT),
            "text_decorations": part.values.get("text_decorations"),
        }
    if kind in ("link", "app_clip"):
        return {"type": kind, "value": part.text("value", max_length=_MAX_LINK)}
    if kind == "media":
        return _media(call, part)
    raise ApiError(1004, f"Part type {kind[:50]} is not supported")


def _media(call: Call, part: Fields) -> Part:
    attachment_id, url = part.optional_uuid("attachment_id"), part.optional_text("url")
    if (attachment_id is None) == (url is None):
        raise ApiError(1005, "A media part needs exactly one of attachment_id and url")
    if attachment_id is not None:
        return media_part(find_ready_attachment(call, attachment_id))
    assert url is not None
    own = attachment_id_in(url)
    if own is not None:
        return media_part(find_attachment(call, own))
    if urlsplit(url).scheme != "https":
        raise ApiError(1005, "The URL of a media part must be HTTPS")
    # Files elsewhere are named, not fetched: the sandbox looks only into voice memos.
    filename = unquote(urlsplit(url).path.rpartition("/")[2]) or "file"
    return {
        "type": "media",
        "id": str(uuid.uuid4()),
        "filename": filename,
        "mime_type": mimetypes.guess_type(filename)[0] or "application/octet-stream",
        "size_bytes": 0,
        "url": url,
    }


def _check_together(asked: list[Fields], parts: list[Part]) -> None:
    kinds = [part["type"] for part in parts]
    if len(parts) > 1 and ("link" in kinds or "app_clip" in kinds):
        raise ApiError(1004, "A link part must be the only part")
    if ("text", "text") in pairwise(kinds):
        raise ApiError(1004, "Two text parts must not follow one another")
    urls = [part.values["url"] for part in asked if part.has("url")]
    if sum(attachment_id_in(url) is None for url in urls) > _MAX_URLS:
        raise ApiError(1004, f"At most {_MAX_URLS} media parts by URL")


def _effect(body: Fields) -> dict[str, Any] | None:
    effect = body.object("effect")
    if effect is None:
        return None
    kind = effect.choice("type", tuple(_EFFECTS))
    name = effect.text("name")
    if kind is None:
        raise ApiError(1001, "message.effect.type is required")
    if name not in _EFFECTS[kind]:
        raise ApiError(1005, f"Unknown {kind} effect")
    return {"type": kind, "name": name}


def _reply_to(call: Call, body: Fields) -> dict[str, Any] | None:
    reply = body.object("reply_to")
    if reply is None:
        return None
    message_id = reply.optional_uuid("message_id")
    if message_id is None:
        raise ApiError(1001, "message.reply_to.message_id is required")
    if message_id not in call.state.messages:
        raise ApiError(2002)
    index = reply.integer("part_index", minimum=0, maximum=99) if reply.has("part_index") else 0
    return {"message_id": message_id, "part_index": index}
