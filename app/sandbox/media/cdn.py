"""The CDN: downloads with range requests, and copies that every browser can play."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.api.endpoint import Call
from app.sandbox.media.probe import DecodeError, playable_wav, voice_memo_type

_BROWSERS_PLAY = frozenset({"audio/mpeg", "audio/x-m4a", "audio/x-wav", "audio/aac"})
_OWN_URL = re.compile(r"/cdn/attachments/partners/[^/]+/([0-9a-f-]{36})/")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def attachment_id_in(url: str) -> str | None:
    """The id of the attachment behind a download URL of ours, or None."""
    found = _OWN_URL.search(url)
    return found[1] if found else None


async def download(call: Call) -> Response:
    """GET of an attachment's URL; needs no token, as on Linq's CDN."""
    attachment = call.state.attachments.get(call.request.path_params["attachment_id"])
    if attachment is None or attachment.data is None or not attachment.is_ready:
        return Response(status_code=404)
    return ranged(call.request, attachment.data, attachment.content_type, attachment.id)


async def play(call: Call) -> Response:
    """The audio for the phone page: as it is where browsers play it, else or with `?as=wav` as WAV.

    Some builds of Chromium come without AAC; a page can fall back to WAV there.
    """
    attachment = call.state.attachments.get(call.request.path_params["attachment_id"])
    if attachment is None or attachment.data is None:
        return Response(status_code=404)
    canonical = voice_memo_type(attachment.content_type)
    if canonical in _BROWSERS_PLAY and call.request.query_params.get("as") != "wav":
        media_type = "audio/mp4" if canonical == "audio/x-m4a" else attachment.content_type
        return ranged(call.request, attachment.data, media_type, attachment.id)
    try:
        data = await run_in_threadpool(playable_wav, attachment.data)
    except DecodeError:
        return Response(status_code=415)
    return ranged(call.request, data, "audio/wav", attachment.id + "-wav")


def ranged(request: Request, data: bytes, media_type: str, tag: str) -> Response:
    """`data`, or the one range of it that was asked for."""
    etag = f'"{tag}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "private, max-age=3600"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked.group() == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return Response(data, headers=headers, media_type=media_type)
    first, last = asked.groups()
    if first:
        start, end = int(first), min(int(last) if last else len(data), len(data) - 1)
    else:
        start, end = max(0, len(data) - int(last)), len(data) - 1
    if start > end:
        headers["Content-Range"] = f"bytes */{len(data)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    return Response(data[start : end + 1], 206, headers=headers, media_type=media_type)
