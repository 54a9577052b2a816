"""Parts of inbound messages: texts with mentions, files brought along as base64."""

from __future__ import annotations

import base64
import binascii
import mimetypes

from starlette.concurrency import run_in_threadpool

from app.sandbox.api.attachments import new_attachment
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import Fields
from app.sandbox.api.payloads import media_part
from app.sandbox.media.probe import DecodeError, probe_audio
from app.sandbox.records import Attachment, Chat, Part
from app.sandbox.sandbox import monotonic_in

_MAX_PARTS = 100


async def read_parts(call: Call, body: Fields, chat: Chat) -> tuple[list[Part], Attachment | None]:
    """The parts of an inbound message, and the audio file among them when there is one.

    A part of an unknown type is passed on as it is, as a newer Linq would send one.
    """
    parts: list[Part] = []
    memo: Attachment | None = None
    for asked in body.objects("parts", maximum=_MAX_PARTS):
        if asked.values.get("type") == "media" and asked.has("data_base64"):
            attachment = _file(call, asked, "data_base64")
            memo = memo or await _audio(attachment)
            parts.append(media_part(attachment))
        else:
            parts.append(dict(asked.values))
    text = body.optional_text("text", max_length=100_000)
    if text is not None:
        parts.append({"type": "text", "value": text})
    if body.has("audio_base64"):
        attachment = _file(call, body, "audio_base64")
        memo = memo or await _audio(attachment)
        parts.append(media_part(attachment))
    for part in parts:
        if part.get("type") == "text":
            part.setdefault("text_decorations", None)
    if body.flag("mention"):
        _mention(parts, chat)
    return parts, memo


def _mention(parts: list[Part], chat: Chat) -> None:
    """Mentions the line in the first word of the first text."""
    for part in parts:
        if part.get("type") == "text":
            word = (part["value"].split() or [""])[0]
            end = len(word.encode("utf-16-le")) // 2  # Ranges count UTF-16 code units.
            line = chat.me.address
            part["mentions"] = [{"handle": line, "is_me": True, "range": [0, end]}]
            part["mention"], part["mention_range"] = line, [0, end]
            return
    raise ApiError(1005, "mention needs a text part")


def _file(call: Call, fields: Fields, name: str) -> Attachment:
    encoded = fields.text(name, max_length=140 * 1024 * 1024)
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(1005, f"{name} is not base64") from error
    filename = fields.optional_text("filename", max_length=255) or "Audio Message.m4a"
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    content_type = fields.optional_text("mime_type") or guessed
    attachment = new_attachment(call.sandbox, filename, content_type, len(data))
    call.state.store_bytes(attachment, data, ready_at=monotonic_in(0))
    return attachment


async def _audio(attachment: Attachment) -> Attachment | None:
    """The attachment with its probe, or None when it cannot be decoded; it is sent all the same."""
    if not attachment.content_type.startswith("audio/") or attachment.data is None:
        return None
    try:
        attachment.probe = await run_in_threadpool(probe_audio, attachment.data)
    except DecodeError:
        return None
    return attachment
