"""The body of an HTTP response, read only up to a limit: nobody may fill our memory."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx


class UnreadableBody(Exception):
    """The body of a response cannot be used; the message says why and holds nothing of it."""


class BodyTooLarge(UnreadableBody):
    """The body is longer than `limit` bytes; the rest was not read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")
        self.limit = limit


async def bounded_body(response: httpx.Response, limit: int) -> bytes:
    """The body of a streamed response; see `bounded_chunks`."""
    return b"".join([chunk async for chunk in bounded_chunks(response, limit)])


async def bounded_chunks(response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    """The body of a streamed response as it comes, of at most `limit` bytes after unpacking.

    gzip is unpacked here, because httpx unpacks a whole chunk at once, however large it becomes.

    Raises: BodyTooLarge as soon as it is known, UnreadableBody for another packing than gzip, and
    what httpx raises for a broken connection.
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip"):
        raise UnreadableBody(f"packed as {packing[:20]!r}")
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > limit:
        raise BodyTooLarge(limit)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if packing == "gzip" else None
    size = 0
    async for packed in response.aiter_raw():
        chunk = packed if unpacker is None else _unpacked(unpacker, packed, limit + 1 - size)
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        yield chunk
    if unpacker is not None and not unpacker.eof:
        raise UnreadableBody("gzip that is cut off")


def _unpacked(unpacker: zlib._Decompress, chunk: bytes, most: int) -> bytes:
    try:
        return unpacker.decompress(chunk, most)
    except zlib.error as error:
        raise UnreadableBody("damaged gzip") from error
