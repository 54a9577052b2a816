"""The live feed: resumed where it was left, and honest about what it no longer has."""

from __future__ import annotations

import asyncio

from app.sandbox.page.feed import Feed


def read(feed: Feed, after: int | None, count: int) -> list[str]:
    """The first `count` events of a reader; the frame that sets the pause is left out."""

    async def run() -> list[str]:
        frames: list[str] = []
        async with asyncio.timeout(5):
            async for frame in feed.stream(after):
                if not frame.startswith("retry"):
                    frames.append(frame)
                if len(frames) == count:
                    break
        return frames

    return asyncio.run(run())


def filled(count: int) -> Feed:
    feed = Feed()
    for number in range(1, count + 1):
        feed.publish("message", {"n": number})
    return feed


def test_a_reader_goes_on_after_the_last_event_seen() -> None:
    assert read(filled(5), 3, 2) == [
        'id: 4\nevent: message\ndata: {"n":4}\n\n',
        'id: 5\nevent: message\ndata: {"n":5}\n\n',
    ]


def test_a_reader_who_missed_too_much_is_told_to_load_again() -> None:
    assert read(filled(3_000), 1, 1) == ['id: 3000\nevent: reset\ndata: {"reason":"gap"}\n\n']


def test_a_new_reader_sees_only_what_comes_from_now_on() -> None:
    feed = filled(5)

    async def run() -> str:
        stream = feed.stream(None)
        assert (await anext(stream)).startswith("retry")
        asyncio.get_running_loop().call_soon(feed.publish, "typing", {"on": True})
        return await anext(stream)

    assert asyncio.run(run()) == 'id: 6\nevent: typing\ndata: {"on":true}\n\n'


def test_a_closed_feed_ends() -> None:
    feed = filled(2)

    async def run() -> list[str]:
        asyncio.get_running_loop().call_soon(feed.close)
        return [frame async for frame in feed.stream(0)]

    assert len(asyncio.run(run())) == 3
