"""Bodies of requests are bounded one by one, and large ones all together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import Request

from app.bounded_body import BodyTooLarge
from app.web.request_body import LARGE_AT_ONCE, SMALL_BYTES, BoundedBodies, TooManyLargeBodies

LIMIT = 4 * SMALL_BYTES

Receive = Callable[[], Awaitable[dict[str, object]]]


def request(receive: Receive, announced: int | None = None) -> Request:
    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def sent(body: bytes) -> Receive:
    """A sender of the whole body in pieces."""
    pieces = [body[start : start + 65_536] for start in range(0, len(body), 65_536)] or [b""]

    async def receive() -> dict[str, object]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    return receive


def stalled(size: int, reached: asyncio.Event) -> Receive:
    """A sender that stops after `size` bytes without an end."""
    first = True

    async def receive() -> dict[str, object]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": bytes(size), "more_body": True}
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    return receive


@pytest.mark.parametrize("length", [0, 1, SMALL_BYTES + 1, LIMIT])
def test_a_body_up_to_the_limit_is_read(length: int) -> None:
    body = bytes(length)
    assert asyncio.run(BoundedBodies(LIMIT).read(request(sent(body)))) == body


@pytest.mark.parametrize("announced", [None, LIMIT + 1])
def test_a_longer_one_is_not(announced: int | None) -> None:
    with pytest.raises(BodyTooLarge):
        asyncio.run(BoundedBodies(LIMIT).read(request(sent(bytes(LIMIT + 1)), announced)))


def test_large_bodies_that_stall_hold_up_other_large_ones_only() -> None:
    async def main() -> None:
        bodies = BoundedBodies(LIMIT, wait_seconds=0.05)
        reached = [asyncio.Event() for _ in range(LARGE_AT_ONCE)]
        stuck = [
            asyncio.create_task(bodies.read(request(stalled(SMALL_BYTES + 1, event))))
            for event in reached
        ]
        await asyncio.gather(*(event.wait() for event in reached))
        assert await bodies.read(request(sent(bytes(SMALL_BYTES)))) == bytes(SMALL_BYTES)
        with pytest.raises(TooManyLargeBodies):
            await bodies.read(request(sent(bytes(SMALL_BYTES + 1))))
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        assert len(await bodies.read(request(sent(bytes(LIMIT))))) == LIMIT

    asyncio.run(main())
