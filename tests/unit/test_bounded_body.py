"""The body of an answer is read up to a limit, packed or not."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from app.bounded_body import BodyTooLarge, UnreadableBody, bounded_body

LIMIT = 1_000


class Chunks(httpx.AsyncByteStream):
    """A body that counts what was taken of it."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.taken += len(chunk)
            yield chunk


def read(stream: Chunks, **headers: str) -> bytes:
    names = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    response = httpx.Response(200, headers=names, stream=stream)
    return asyncio.run(bounded_body(response, LIMIT))


def in_pieces(data: bytes, size: int = 7) -> Chunks:
    return Chunks(*(data[start : start + size] for start in range(0, len(data), size)))


@pytest.mark.parametrize("length", [0, 1, LIMIT])
def test_a_body_up_to_the_limit_is_whole(length: int) -> None:
    data = bytes(index % 251 for index in range(length))
    assert read(in_pieces(data)) == data
    assert read(in_pieces(gzip.compress(data)), content_encoding="gzip") == data


def test_a_longer_body_is_not_read_to_its_end() -> None:
    stream = in_pieces(bytes(100 * LIMIT))
    with pytest.raises(BodyTooLarge) as caught:
        read(stream)
    assert caught.value.limit == LIMIT
    assert stream.taken <= LIMIT + 7


def test_a_longer_body_that_is_announced_is_not_read_at_all() -> None:
    stream = Chunks(b"x")
    with pytest.raises(BodyTooLarge):
        read(stream, content_length=str(LIMIT + 1))
    assert stream.taken == 0


@pytest.mark.parametrize("length", [LIMIT + 1, 10_000_000])
def test_a_small_packed_body_does_not_grow_in_memory(length: int) -> None:
    with pytest.raises(BodyTooLarge):
        read(Chunks(gzip.compress(bytes(length))), content_encoding="gzip")


@pytest.mark.parametrize(
    ("data", "packing"),
    [
        (b"no gzip at all", "gzip"),
        (gzip.compress(b"x" * 500)[:-9], "gzip"),
        (b"", "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_said_to_be_unreadable(data: bytes, packing: str) -> None:
    with pytest.raises(UnreadableBody):
        read(Chunks(data), content_encoding=packing)


@pytest.mark.parametrize("length", ["", "many", "-1", "²", "9" * 5_000])
def test_an_odd_announcement_crashes_nothing(length: str) -> None:
    try:
        assert read(Chunks(b"x"), content_length=length) == b"x"
    except BodyTooLarge:
        assert length.startswith("9")
