"""Cursors: opaque to the caller, a number to us."""

from __future__ import annotations

import base64

from app.sandbox.api.errors import ApiError


def encode_cursor(position: int | None) -> str | None:
    """The cursor of a position; None where nothing follows."""
    if position is None:
        return None
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int | None:
    """The position of a cursor, None where there is none; a cursor that is not ours is a 400."""
    if not cursor:  # `?cursor=` asks for the first page, too.
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        position = int(text.removeprefix("at:")[:16])
    except ValueError as error:
        raise ApiError(1005, "Invalid cursor") from error
    if encode_cursor(position) != cursor:
        raise ApiError(1005, "Invalid cursor")
    return position
