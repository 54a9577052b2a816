"""Bodies from outside, read up to a limit.

BodyTooLargeError  (more bytes came than the limit allows)
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass


@dataclass
class BodyTooLargeError(Exception):
    """The body is longer than `limit` bytes; the rest of it was not read."""

    limit: int


async def read_bounded(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    """The joined `chunks`.

    Raises BodyTooLargeError as soon as they have more than `limit` bytes.
    """
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise BodyTooLargeError(limit)
    return bytes(body)
