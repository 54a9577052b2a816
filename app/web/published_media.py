"""Serves memos to Linq for MEMO_DELIVERY=url, from any process on the database."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.store import published
from app.store.database import Database, DatabaseUnavailable

_FILENAME = re.compile(r"[A-Za-z0-9_-]{20,64}\.[a-z0-9]{2,5}")
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


async def serve_memo(request: Request, database: Database) -> Response:
    """`GET /memos/{token}.{extension}`: the memo, whole or a range of it; 404 once expired."""
    filename = request.path_params["filename"]
    if not _FILENAME.fullmatch(filename):
        return PlainTextResponse("not found\n", 404)
    try:
        memo = await database.read(lambda c: published.find(c, filename))
    except DatabaseUnavailable:
        return PlainTextResponse("try again later\n", 503, {"Retry-After": "5"})
    if memo is None:
        return PlainTextResponse("not found\n", 404)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{memo.filename}"',
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return ranged(request, memo.data, memo.mime_type, headers)


def ranged(request: Request, data: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """`data`, or the one range of it that was asked for."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    size = len(data)
    span = _span(request.headers.get("range"), size)
    if span is None:
        return Response(data, media_type=media_type, headers=headers)
    first, last = span
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(data[first : last + 1], 206, media_type=media_type, headers=headers)


def _span(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; None for the whole; first > last cannot be met."""
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    start, end = match.groups()
    if not start:
        length = int(end)
        return (max(0, size - length), size - 1) if length else (1, 0)
    if int(start) >= size:
        return 1, 0
    last = min(int(end), size - 1) if end else size - 1
    return (int(start), last) if int(start) <= last else None
