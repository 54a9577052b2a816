"""Voice memos are fetched from Linq's own host only, bounded in bytes and time."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator

import httpx
import pytest

from app.transcription import (
    MediaDownloader,
    TranscriptionClient,
    TranscriptionError,
    TranscriptionFailure,
    VoiceMemoTranscriber,
)
from app.transcription.media_downloader import MAX_BYTES
from tests.integration.local_server import Reply, Server, running
from tests.integration.transcription import M4A, failure, memo, says, transcribe


@pytest.fixture
def cdn() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def transcriber() -> Iterator[Server]:
    with running() as server:
        says(server, Reply(body=b'{"text": "Are you open today?"}'))
        yield server


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.linqapp.com/a.m4a",
        "https://cdn.linqapp.com:8443/a.m4a",
        "https://cdn.linqapp.com.evil.example/a.m4a",
        "https://evil.example/cdn.linqapp.com/a.m4a",
        "https://evil.example\\@cdn.linqapp.com/a.m4a",
        "https://user@cdn.linqapp.com/a.m4a",
        "https://cdn.linqapp.com@evil.example/a.m4a",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//cdn.linqapp.com/a.m4a",
        "https://[broken/a.m4a",
        "https://cdn.linqapp.com:99999999/",
        "https://xn--/a.m4a",
        "https://xn--a/a.m4a",
        "https://" + "x" * 70 + ".com/",
        "not an address\x00",
        "x" * 70_000,
    ],
)
def test_an_address_that_is_not_linq_s_is_refused(
    cdn: Server, transcriber: Server, url: str
) -> None:
    error = failure(cdn, transcriber, memo(url))
    assert (error.kind, error.retryable) == (TranscriptionFailure.FOREIGN_ADDRESS, False)


def test_another_port_of_this_machine_is_not_the_local_linq(
    cdn: Server, transcriber: Server
) -> None:
    with running() as other:
        error = failure(cdn, transcriber, memo(other.reply("/a", Reply(body=M4A))))
        assert (error.kind, other.requests) == (TranscriptionFailure.FOREIGN_ADDRESS, [])


@pytest.mark.parametrize("elsewhere", ["", "https://api.linqapp.com/a.m4a"])
def test_only_the_cdn_is_asked_when_linq_is_not_on_this_machine(
    cdn: Server, transcriber: Server, elsewhere: str
) -> None:
    async def main() -> None:
        memos = VoiceMemoTranscriber(
            TranscriptionClient(f"{transcriber.address}/v1"), "https://api.linqapp.com/api/partner"
        )
        try:
            await memos.transcribe(memo(elsewhere or cdn.reply("/a", Reply(body=M4A))))
        finally:
            await memos.aclose()

    with pytest.raises(TranscriptionError) as caught:
        asyncio.run(main())
    assert (caught.value.kind, cdn.requests) == (TranscriptionFailure.FOREIGN_ADDRESS, [])


def test_the_message_tells_that_scheme_and_port_count(cdn: Server, transcriber: Server) -> None:
    with running() as other:
        error = failure(cdn, transcriber, memo(other.reply("/private/name.m4a", Reply())))
    assert str(error) == (
        f"{other.address} is not where Linq's files lie: only {cdn.address} and "
        "https://cdn.linqapp.com:443, scheme and port included"
    )


@pytest.mark.parametrize("location", ["https://xn--/", "https://[broken/", "http://x:99999999/"])
def test_a_redirect_to_an_address_that_is_none_is_refused(
    cdn: Server, transcriber: Server, location: str
) -> None:
    url = cdn.reply("/a", Reply(302, headers={"location": location}))
    assert failure(cdn, transcriber, memo(url)).kind is TranscriptionFailure.FOREIGN_ADDRESS


def test_a_redirect_to_another_host_is_refused(cdn: Server, transcriber: Server) -> None:
    with running() as other:
        target = other.reply("/secret", Reply(body=M4A))
        url = cdn.reply("/a", Reply(302, headers={"location": target}))
        error = failure(cdn, transcriber, memo(url))
        assert (error.kind, other.requests) == (TranscriptionFailure.FOREIGN_ADDRESS, [])


def test_a_redirect_on_the_same_host_is_followed(cdn: Server, transcriber: Server) -> None:
    cdn.reply("/b/c", Reply(body=M4A))
    url = cdn.reply("/b/a", Reply(307, headers={"location": "c"}))
    assert transcribe(cdn, transcriber, memo(url)).text == "Are you open today?"


def test_redirects_in_a_circle_come_to_an_end(cdn: Server, transcriber: Server) -> None:
    url = cdn.reply("/a", Reply(302, headers={"location": "/a"}))
    error = failure(cdn, transcriber, memo(url))
    assert (error.kind, error.retryable) == (TranscriptionFailure.FETCH_FAILED, False)
    assert len(cdn.requests) == 4


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_expired_recording_is_fetched_from_a_fresh_address(
    cdn: Server, transcriber: Server, status: int
) -> None:
    asked: list[str] = []

    def fresh(attachment_id: str) -> str:
        asked.append(attachment_id)
        return cdn.reply("/fresh", Reply(body=M4A))

    url = cdn.reply("/old", Reply(status))
    assert transcribe(cdn, transcriber, memo(url), fresh_url=fresh).text == "Are you open today?"
    assert asked == ["e5d1b9a4"]


def test_a_recording_without_an_address_gets_a_fresh_one(cdn: Server, transcriber: Server) -> None:
    url = cdn.reply("/fresh", Reply(body=M4A))
    assert transcribe(cdn, transcriber, memo(None), fresh_url=lambda _: url).text


def test_a_recording_that_stays_expired_is_asked_for_once(cdn: Server, transcriber: Server) -> None:
    url = cdn.reply("/old", Reply(403))
    error = failure(cdn, transcriber, memo(url), fresh_url=lambda _: url)
    assert (error.kind, error.retryable, len(cdn.requests)) == (
        TranscriptionFailure.EXPIRED,
        False,
        2,
    )
    assert failure(cdn, transcriber, memo(url)).kind is TranscriptionFailure.EXPIRED
    assert (
        failure(cdn, transcriber, memo(url), fresh_url=lambda _: "").kind
        is TranscriptionFailure.EXPIRED
    )
    assert failure(cdn, transcriber, memo(None)).kind is TranscriptionFailure.EXPIRED


def test_a_fresh_address_is_checked_like_the_first(cdn: Server, transcriber: Server) -> None:
    with running() as other:
        target = other.reply("/a", Reply(body=M4A))
        error = failure(cdn, transcriber, memo(None), fresh_url=lambda _: target)
        assert (error.kind, other.requests) == (TranscriptionFailure.FOREIGN_ADDRESS, [])


def test_a_recording_announced_as_too_large_is_not_fetched(
    cdn: Server, transcriber: Server
) -> None:
    url = cdn.reply("/a", Reply(body=M4A))
    error = failure(cdn, transcriber, memo(url, size_bytes=MAX_BYTES + 1))
    assert (error.kind, cdn.requests) == (TranscriptionFailure.TOO_LARGE, [])


def test_a_recording_that_never_ends_is_cut_off(cdn: Server, transcriber: Server) -> None:
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(endless=True)), size_bytes=9))
    assert (error.kind, error.retryable) == (TranscriptionFailure.TOO_LARGE, False)


def test_a_recording_whose_host_announces_too_much_is_not_waited_for(
    cdn: Server, transcriber: Server
) -> None:
    url = cdn.reply("/a", Reply(headers={"content-length": str(MAX_BYTES + 1)}))
    assert failure(cdn, transcriber, memo(url)).kind is TranscriptionFailure.TOO_LARGE


def test_a_recording_may_be_some_times_longer_than_announced(
    cdn: Server, transcriber: Server
) -> None:
    small, large = bytes(1_000_000), bytes(1_100_000)
    for body, kind in (
        (small, TranscriptionFailure.NOT_AUDIO),
        (large, TranscriptionFailure.TOO_LARGE),
    ):
        url = cdn.reply("/a", Reply(body=body))
        assert failure(cdn, transcriber, memo(url, size_bytes=1_000)).kind is kind


def test_a_packed_answer_does_not_grow_in_memory(cdn: Server, transcriber: Server) -> None:
    packed = gzip.compress(bytes(2 * MAX_BYTES))
    url = cdn.reply("/a", Reply(body=packed, headers={"content-encoding": "gzip"}))
    assert failure(cdn, transcriber, memo(url)).kind is TranscriptionFailure.TOO_LARGE
    assert cdn.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(("status", "retryable"), [(500, True), (429, True), (400, False)])
def test_a_cdn_in_trouble_is_told_from_one_that_refuses(
    cdn: Server, transcriber: Server, status: int, retryable: bool
) -> None:
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(status))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.FETCH_FAILED, retryable)


def test_a_broken_connection_may_be_better_later(cdn: Server, transcriber: Server) -> None:
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(drops=True))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.FETCH_FAILED, True)


def test_a_download_that_hangs_is_given_up(cdn: Server) -> None:
    async def main() -> None:
        async with httpx.AsyncClient() as http:
            url = cdn.reply("/a", Reply(hangs=True))
            await MediaDownloader(http, cdn.address, seconds=0.2).fetch(memo(url))

    with pytest.raises(TranscriptionError) as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.retryable) == (TranscriptionFailure.FETCH_FAILED, True)
