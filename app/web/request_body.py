"""The body of a request, read only up to a limit; few large ones at a time."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from app.bounded_body import BodyTooLarge

SMALL_BYTES = 256 * 1024
"""Bodies up to this size are read without waiting for each other."""
LARGE_AT_ONCE = 4
WAIT_SECONDS = 3.0


class TooManyLargeBodies(Exception):
    """Other large bodies are being read; this one may come again later."""


class BoundedBodies:
    """Reads the bodies of one endpoint.

    A limit of megabytes for one body would let some dozen senders, who need not be known, fill the
    memory together: of bodies above SMALL_BYTES only LARGE_AT_ONCE are read at a time.
    """

    def __init__(self, limit: int, wait_seconds: float = WAIT_SECONDS) -> None:
        """limit: bytes of one body. wait_seconds: how long a large one waits for its turn."""
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def read(self, request: Request) -> bytes:
        """The raw body.

        Raises: BodyTooLarge as soon as that is known, TooManyLargeBodies, ClientDisconnect
        (Starlette).
        """
        announced = request.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > self._limit:
            raise BodyTooLarge(self._limit)
        body = bytearray()
        is_large = False
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > self._limit:
                    raise BodyTooLarge(self._limit)
                if len(body) > SMALL_BYTES and not is_large:
                    await self._take_turn()
                    is_large = True
            return bytes(body)
        finally:
            if is_large:
                self._large.release()

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._large.acquire()
        except TimeoutError as error:
            raise TooManyLargeBodies from error
