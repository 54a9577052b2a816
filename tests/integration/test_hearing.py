"""A voice memo on a local CDN is heard through a local transcription server, or politely not."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
import wave
from collections.abc import Callable, Iterator
from itertools import pairwise

import httpx
import pytest

from app.audio import encode
from app.hearing import CannotHear, Deafness, Ears, Heard, Recordings, Transcriber
from app.hearing.recordings import MAX_BYTES
from app.inbox.events import Part
from app.settings import load_settings
from tests.integration.local_server import Reply, Request, Server, running
from tests.integration.recordings import (
    SECONDS,
    iphone_aac_in_caf,
    iphone_opus_in_caf,
    muxed,
    tone,
)

M4A = encode(tone(), "m4a").data


@pytest.fixture
def cdn() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def transcriber() -> Iterator[Server]:
    with running() as server:
        says(server, Reply(body=b'{"text": "Are you open today?"}'))
        yield server


def says(server: Server, *replies: Reply) -> None:
    server.reply("/v1/audio/transcriptions", *replies)


def hear(
    cdn: Server,
    transcriber: Server | None,
    part: Part,
    *,
    fresh_url: Callable[[str], str] | None = None,
    language: str | None = None,
    model: str | None = "whisper-large",
) -> Heard:
    async def renew(attachment_id: str) -> str:
        assert fresh_url is not None
        return fresh_url(attachment_id)

    async def main() -> Heard:
        settings = load_settings(
            linq_base_url=f"{cdn.address}/api/partner",
            transcribe_base_url=f"{transcriber.address}/v1/" if transcriber else None,
            transcribe_api_key="sk-listening",
            transcribe_model=model,
        )
        ears = Ears.from_settings(settings)
        try:
            return await ears.hear(part, fresh_url=renew if fresh_url else None, language=language)
        finally:
            await ears.aclose()

    return asyncio.run(main())


def deafness(
    cdn: Server,
    transcriber: Server | None,
    part: Part,
    fresh_url: Callable[[str], str] | None = None,
) -> CannotHear:
    with pytest.raises(CannotHear) as caught:
        hear(cdn, transcriber, part, fresh_url=fresh_url)
    return caught.value


def memo(url: str | None, **changes: object) -> Part:
    values: dict[str, object] = {"attachment_id": "e5d1b9a4", "url": url, "mime_type": "audio/mp4"}
    return Part("audio", **(values | changes))  # type: ignore[arg-type]


def posted_form(request: Request) -> dict[str, tuple[str, bytes]]:
    """Fields of a multipart form: name → (file name, content)."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    form = {}
    for piece in request.body.split(b"--" + boundary)[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        found = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode()))
        form[found["name"]] = (found.get("filename", ""), content.removesuffix(b"\r\n"))
    return form


def pitch_of(wav: bytes) -> tuple[float, float, int]:
    """Seconds, Hz of the tone, and sample rate of a mono 16-bit WAV file."""
    with wave.open(io.BytesIO(wav)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth()) == (1, 2)
        rate, count = reader.getframerate(), reader.getnframes()
        samples = memoryview(reader.readframes(count)).cast("h")
    middle = samples[count // 4 : count // 4 + rate]
    rising = sum(a < 0 <= b for a, b in pairwise(middle))
    return count / rate, rising, rate


@pytest.mark.parametrize(
    ("make", "name", "mime_type"),
    [
        (lambda: M4A, "Audio Message.m4a", "audio/x-m4a"),
        (lambda: encode(tone(), "mp3").data, "memo.mp3", "audio/mpeg"),
        (lambda: encode(tone(), "aac").data, "memo.aac", "audio/aac"),
        (lambda: encode(tone(), "wav").data, "memo.wav", "audio/x-wav"),
        (lambda: encode(tone(), "aiff").data, "memo.aiff", "audio/x-aiff"),
        (lambda: encode(tone(), "caf").data, "memo.caf", "audio/x-caf"),
        (lambda: encode(tone(), "amr").data, "memo.amr", "audio/amr"),
        (iphone_opus_in_caf, "Audio Message.caf", "audio/x-caf"),
        (iphone_aac_in_caf, "Audio Message.caf", "audio/x-caf"),
        (lambda: muxed("3gp", "libopencore_amrnb", 8_000), "memo.3gp", "audio/3gpp"),
        (lambda: muxed("ogg", "libopus", 48_000), "memo.ogg", "audio/ogg"),
        (lambda: encode(tone(), "amr").data, "photo.jpg", "image/jpeg"),
        (lambda: M4A, "memo.amr", "audio/amr"),
        (lambda: encode(tone(), "wav").data, "memo.m4a", "audio/mp4"),
        (lambda: iphone_opus_in_caf(), "memo", None),
    ],
)
def test_a_memo_is_heard_whatever_its_container_and_whatever_it_is_called(
    cdn: Server,
    transcriber: Server,
    make: Callable[[], bytes],
    name: str,
    mime_type: str | None,
) -> None:
    url = cdn.reply("/a", Reply(body=make(), headers={"content-type": mime_type or "text/html"}))
    heard = hear(cdn, transcriber, memo(url, filename=name, mime_type=mime_type))
    assert heard.text == "Are you open today?"
    assert heard.seconds == pytest.approx(SECONDS, abs=0.15)
    (request,) = transcriber.requests
    form = posted_form(request)
    seconds, pitch, rate = pitch_of(form["file"][1])
    assert seconds == pytest.approx(SECONDS, abs=0.15)
    assert rate == 16_000
    assert pitch == pytest.approx(440, abs=6)


def test_the_transcriber_is_asked_as_openai_would_be(cdn: Server, transcriber: Server) -> None:
    heard = hear(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))), language="pt-BR")
    assert heard.language == "pt-BR"
    (request,) = transcriber.requests
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["authorization"] == "Bearer sk-listening"
    form = posted_form(request)
    assert form.pop("file")[0] == "memo.wav"
    assert {name: value for name, (_, value) in form.items()} == {
        "model": b"whisper-large",
        "language": b"pt",
        "response_format": b"json",
    }


def test_without_a_model_openai_s_usual_one_is_named(cdn: Server, transcriber: Server) -> None:
    hear(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))), model=None)
    form = posted_form(transcriber.requests[0])
    assert form["model"][1] == b"whisper-1"
    assert "language" not in form


def test_no_credentials_are_sent_to_where_the_recording_lies(
    cdn: Server, transcriber: Server
) -> None:
    hear(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    (request,) = cdn.requests
    assert not {"authorization", "cookie"} & set(request.headers)


def test_without_a_transcriber_nothing_is_fetched(cdn: Server) -> None:
    error = deafness(cdn, None, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (Deafness.NO_TRANSCRIBER, False)
    assert cdn.requests == []


# Fetching -----------------------------------------------------------------------------------


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
        "not an address\x00",
        "x" * 70_000,
    ],
)
def test_an_address_that_is_not_linq_s_is_refused(
    cdn: Server, transcriber: Server, url: str
) -> None:
    error = deafness(cdn, transcriber, memo(url))
    assert (error.kind, error.retryable) == (Deafness.FOREIGN_ADDRESS, False)


def test_another_port_of_this_machine_is_not_the_local_linq(
    cdn: Server, transcriber: Server
) -> None:
    with running() as other:
        error = deafness(cdn, transcriber, memo(other.reply("/a", Reply(body=M4A))))
        assert (error.kind, other.requests) == (Deafness.FOREIGN_ADDRESS, [])


@pytest.mark.parametrize("elsewhere", ["", "https://api.linqapp.com/a.m4a"])
def test_only_the_cdn_is_asked_when_linq_is_not_on_this_machine(
    cdn: Server, transcriber: Server, elsewhere: str
) -> None:
    async def main() -> None:
        ears = Ears(Transcriber(f"{transcriber.address}/v1"), "https://api.linqapp.com/api/partner")
        try:
            await ears.hear(memo(elsewhere or cdn.reply("/a", Reply(body=M4A))))
        finally:
            await ears.aclose()

    with pytest.raises(CannotHear) as caught:
        asyncio.run(main())
    assert (caught.value.kind, cdn.requests) == (Deafness.FOREIGN_ADDRESS, [])


def test_a_redirect_to_another_host_is_refused(cdn: Server, transcriber: Server) -> None:
    with running() as other:
        target = other.reply("/secret", Reply(body=M4A))
        url = cdn.reply("/a", Reply(302, headers={"location": target}))
        error = deafness(cdn, transcriber, memo(url))
        assert (error.kind, other.requests) == (Deafness.FOREIGN_ADDRESS, [])


def test_a_redirect_on_the_same_host_is_followed(cdn: Server, transcriber: Server) -> None:
    cdn.reply("/b/c", Reply(body=M4A))
    url = cdn.reply("/b/a", Reply(307, headers={"location": "c"}))
    assert hear(cdn, transcriber, memo(url)).text == "Are you open today?"


def test_redirects_in_a_circle_come_to_an_end(cdn: Server, transcriber: Server) -> None:
    url = cdn.reply("/a", Reply(302, headers={"location": "/a"}))
    error = deafness(cdn, transcriber, memo(url))
    assert (error.kind, error.retryable) == (Deafness.FETCH_FAILED, False)
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
    assert hear(cdn, transcriber, memo(url), fresh_url=fresh).text == "Are you open today?"
    assert asked == ["e5d1b9a4"]


def test_a_recording_without_an_address_gets_a_fresh_one(cdn: Server, transcriber: Server) -> None:
    url = cdn.reply("/fresh", Reply(body=M4A))
    assert hear(cdn, transcriber, memo(None), fresh_url=lambda _: url).text


def test_a_recording_that_stays_expired_is_asked_for_once(cdn: Server, transcriber: Server) -> None:
    url = cdn.reply("/old", Reply(403))
    error = deafness(cdn, transcriber, memo(url), fresh_url=lambda _: url)
    assert (error.kind, error.retryable, len(cdn.requests)) == (Deafness.EXPIRED, False, 2)
    assert deafness(cdn, transcriber, memo(url)).kind is Deafness.EXPIRED
    assert deafness(cdn, transcriber, memo(url), fresh_url=lambda _: "").kind is Deafness.EXPIRED
    assert deafness(cdn, transcriber, memo(None)).kind is Deafness.EXPIRED


def test_a_fresh_address_is_checked_like_the_first(cdn: Server, transcriber: Server) -> None:
    with running() as other:
        target = other.reply("/a", Reply(body=M4A))
        error = deafness(cdn, transcriber, memo(None), fresh_url=lambda _: target)
        assert (error.kind, other.requests) == (Deafness.FOREIGN_ADDRESS, [])


def test_a_recording_announced_as_too_large_is_not_fetched(
    cdn: Server, transcriber: Server
) -> None:
    url = cdn.reply("/a", Reply(body=M4A))
    error = deafness(cdn, transcriber, memo(url, size_bytes=MAX_BYTES + 1))
    assert (error.kind, cdn.requests) == (Deafness.TOO_LARGE, [])


def test_a_recording_that_never_ends_is_cut_off(cdn: Server, transcriber: Server) -> None:
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(endless=True)), size_bytes=9))
    assert (error.kind, error.retryable) == (Deafness.TOO_LARGE, False)


def test_a_recording_whose_host_announces_too_much_is_not_waited_for(
    cdn: Server, transcriber: Server
) -> None:
    url = cdn.reply("/a", Reply(headers={"content-length": str(MAX_BYTES + 1)}))
    assert deafness(cdn, transcriber, memo(url)).kind is Deafness.TOO_LARGE


def test_a_packed_answer_does_not_grow_in_memory(cdn: Server, transcriber: Server) -> None:
    packed = gzip.compress(bytes(2 * MAX_BYTES))
    url = cdn.reply("/a", Reply(body=packed, headers={"content-encoding": "gzip"}))
    assert deafness(cdn, transcriber, memo(url)).kind is Deafness.NOT_AUDIO
    assert cdn.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(("status", "retryable"), [(500, True), (429, True), (400, False)])
def test_a_cdn_in_trouble_is_told_from_one_that_refuses(
    cdn: Server, transcriber: Server, status: int, retryable: bool
) -> None:
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(status))))
    assert (error.kind, error.retryable) == (Deafness.FETCH_FAILED, retryable)


def test_a_broken_connection_may_be_better_later(cdn: Server, transcriber: Server) -> None:
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(drops=True))))
    assert (error.kind, error.retryable) == (Deafness.FETCH_FAILED, True)


def test_a_download_that_hangs_is_given_up(cdn: Server) -> None:
    async def main() -> None:
        async with httpx.AsyncClient() as http:
            url = cdn.reply("/a", Reply(hangs=True))
            await Recordings(http, cdn.address, seconds=0.2).fetch(memo(url))

    with pytest.raises(CannotHear) as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.retryable) == (Deafness.FETCH_FAILED, True)


# Listening ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"<html>gone</html>", b'{"error": "no"}', M4A[:900], b"#EXTM3U\nhttp://x/\n"]
)
def test_what_is_no_sound_is_not_sent_to_the_transcriber(
    cdn: Server, transcriber: Server, body: bytes
) -> None:
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=body))))
    assert (error.kind, transcriber.requests) == (Deafness.NOT_AUDIO, [])


def test_silence_is_not_sent_to_the_transcriber(cdn: Server, transcriber: Server) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8_000)
        writer.writeframes(bytes(16_000))
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=file.getvalue()))))
    assert (error.kind, transcriber.requests) == (Deafness.NOTHING_SAID, [])


def test_a_recording_of_eleven_minutes_is_too_long(cdn: Server, transcriber: Server) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(4_000)
        writer.writeframes(bytes([60, 190]) * (4_000 * 330))
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=file.getvalue()))))
    assert (error.kind, transcriber.requests) == (Deafness.TOO_LARGE, [])


@pytest.mark.parametrize(
    ("body", "text", "language"),
    [
        (b'{"text": " Hi there. ", "language": "de"}', "Hi there.", "de"),
        (b'{"text": "Hi", "language": "english", "segments": []}', "Hi", None),
        (b'"Hi"', "Hi", None),
        (b"Are you open?\n", "Are you open?", None),
        (b"42", "42", None),
        ('{"text": "Grüß Gott"}'.encode(), "Grüß Gott", None),
        (b'{"text": "a\\u0000b\\ud800"}', "ab?", None),
    ],
)
def test_answers_in_json_and_in_plain_text(
    cdn: Server, transcriber: Server, body: bytes, text: str, language: str | None
) -> None:
    says(transcriber, Reply(body=body))
    heard = hear(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (heard.text, heard.language) == (text, language)


@pytest.mark.parametrize("body", [b"", b" \n", b'{"text": ""}', b'{"text": "  "}', b'""'])
def test_no_words_are_told_from_a_failure(cdn: Server, transcriber: Server, body: bytes) -> None:
    says(transcriber, Reply(body=body))
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (Deafness.NOTHING_SAID, False)


@pytest.mark.parametrize(
    "trouble", [Reply(500), Reply(429, headers={"retry-after": "0"}), Reply(drops=True)]
)
def test_trouble_that_passes_is_not_noticed(
    cdn: Server, transcriber: Server, trouble: Reply
) -> None:
    says(transcriber, trouble, Reply(body=b'{"text": "Hi"}'))
    assert hear(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A)))).text == "Hi"
    assert len(transcriber.requests) == 2


def test_trouble_that_lasts_is_given_up_after_two_requests(
    cdn: Server, transcriber: Server
) -> None:
    says(transcriber, Reply(503, headers={"retry-after": "0"}))
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (Deafness.TRANSCRIBER_FAILED, True)
    assert len(transcriber.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400),
        Reply(401),
        Reply(302, headers={"location": "/elsewhere"}),
        Reply(body=b"<html>", headers={"content-type": "text/html"}),
        Reply(body=b'{"error": "model not found"}'),
        Reply(body=json.dumps({"text": 7}).encode()),
        Reply(endless=True),
    ],
)
def test_an_answer_that_asking_again_cannot_better(
    cdn: Server, transcriber: Server, reply: Reply
) -> None:
    says(transcriber, reply)
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (Deafness.TRANSCRIBER_FAILED, False)
    assert len(transcriber.requests) == 1


def test_a_wrong_key_is_named_but_not_told(cdn: Server, transcriber: Server) -> None:
    says(transcriber, Reply(401))
    error = deafness(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert "MEMO_TRANSCRIBE_API_KEY" in str(error)
    assert "sk-listening" not in str(error)


def test_a_transcriber_that_hangs_is_given_up(transcriber: Server) -> None:
    async def main() -> None:
        says(transcriber, Reply(hangs=True))
        server = Transcriber(f"{transcriber.address}/v1", seconds=0.3)
        async with httpx.AsyncClient() as http:
            await server.transcribe(http, b"RIFF")

    with pytest.raises(CannotHear) as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.retryable) == (Deafness.TRANSCRIBER_FAILED, True)


def test_a_transcriber_that_is_not_there_may_be_there_later(cdn: Server) -> None:
    with running() as gone:
        pass
    error = deafness(cdn, gone, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (Deafness.TRANSCRIBER_FAILED, True)
