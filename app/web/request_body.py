"""The body of a request, read only up to a limit."""

from __future__ import annotations

from starlette.requests import Request

from app.bounded_body import BodyTooLarge


async def bounded_request_body(request: Request, limit: int) -> bytes:
    """The raw body of at most `limit` bytes.

    Raises: BodyTooLarge as soon as that is known, ClientDisconnect (Starlette).
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > limit:
        raise BodyTooLarge(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(limit)
    return bytes(body)
