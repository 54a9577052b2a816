"""A voice memo on a local CDN is transcribed by a local server, or it is said why not."""

from __future__ import annotations

import asyncio
import io
import json
import re
import wave
from collections.abc import Callable, Iterator
from itertools import pairwise

import httpx
import pytest

from app.audio import encode
from app.transcription import TranscriptionClient, TranscriptionError, TranscriptionFailure
from tests.integration.audio_files import (
    SECONDS,
    iphone_aac_in_caf,
    iphone_opus_in_caf,
    muxed,
    tone,
)
from tests.integration.local_server import Reply, Request, Server, running
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
def test_a_memo_is_transcribed_whatever_its_container_and_whatever_it_is_called(
    cdn: Server,
    transcriber: Server,
    make: Callable[[], bytes],
    name: str,
    mime_type: str | None,
) -> None:
    url = cdn.reply("/a", Reply(body=make(), headers={"content-type": mime_type or "text/html"}))
    result = transcribe(cdn, transcriber, memo(url, filename=name, mime_type=mime_type))
    assert result.text == "Are you open today?"
    assert result.seconds == pytest.approx(SECONDS, abs=0.15)
    (request,) = transcriber.requests
    form = posted_form(request)
    seconds, pitch, rate = pitch_of(form["file"][1])
    assert seconds == pytest.approx(SECONDS, abs=0.15)
    assert rate == 16_000
    assert pitch == pytest.approx(440, abs=6)


def test_the_transcriber_is_asked_as_openai_would_be(cdn: Server, transcriber: Server) -> None:
    result = transcribe(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))), language="pt-BR")
    assert result.language == "pt-BR"
    (request,) = transcriber.requests
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["authorization"] == "Bearer sk-transcription"
    form = posted_form(request)
    assert form.pop("file")[0] == "memo.wav"
    assert {name: value for name, (_, value) in form.items()} == {
        "model": b"whisper-large",
        "language": b"pt",
        "response_format": b"json",
    }


def test_without_a_model_openai_s_usual_one_is_named(cdn: Server, transcriber: Server) -> None:
    transcribe(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))), model=None)
    form = posted_form(transcriber.requests[0])
    assert form["model"][1] == b"whisper-1"
    assert "language" not in form


def test_no_credentials_are_sent_to_where_the_recording_lies(
    cdn: Server, transcriber: Server
) -> None:
    transcribe(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    (request,) = cdn.requests
    assert not {"authorization", "cookie"} & set(request.headers)


def test_without_a_transcriber_nothing_is_fetched(cdn: Server) -> None:
    error = failure(cdn, None, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.NO_TRANSCRIBER, False)
    assert cdn.requests == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>gone</html>", b'{"error": "no"}', M4A[:900], b"#EXTM3U\nhttp://x/\n"]
)
def test_what_is_no_sound_is_not_sent_to_the_transcriber(
    cdn: Server, transcriber: Server, body: bytes
) -> None:
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=body))))
    assert (error.kind, transcriber.requests) == (TranscriptionFailure.NOT_AUDIO, [])


def test_silence_is_not_sent_to_the_transcriber(cdn: Server, transcriber: Server) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8_000)
        writer.writeframes(bytes(16_000))
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=file.getvalue()))))
    assert (error.kind, transcriber.requests) == (TranscriptionFailure.NOTHING_SAID, [])


def test_a_recording_of_eleven_minutes_is_too_long(cdn: Server, transcriber: Server) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(4_000)
        writer.writeframes(bytes([60, 190]) * (4_000 * 330))
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=file.getvalue()))))
    assert (error.kind, transcriber.requests) == (TranscriptionFailure.TOO_LARGE, [])


@pytest.mark.parametrize(
    ("body", "text", "language"),
    [
        (b'{"text": " Hi there. ", "language": "de"}', "Hi there.", "de"),
        (b'{"text": "Hi", "language": "english", "segments": []}', "Hi", "en"),
        (b'{"text": "Hi", "language": "pt-BR"}', "Hi", "pt-br"),
        (b'{"text": "Hi", "language": "the queen\'s"}', "Hi", None),
        (b'"Hi"', "Hi", None),
        (b"Are you open?\n", "Are you open?", None),
        (b"42", "42", None),
        ('{"text": "Grüß Gott"}'.encode(), "Grüß Gott", None),
        (b'{"text": "a\\u0000b\\ud800"}', "ab?", None),
    ],
)
def test_responses_in_json_and_in_plain_text(
    cdn: Server, transcriber: Server, body: bytes, text: str, language: str | None
) -> None:
    says(transcriber, Reply(body=body))
    result = transcribe(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (result.text, result.language) == (text, language)


@pytest.mark.parametrize("body", [b"", b" \n", b'{"text": ""}', b'{"text": "  "}', b'""'])
def test_no_words_are_told_from_a_failure(cdn: Server, transcriber: Server, body: bytes) -> None:
    says(transcriber, Reply(body=body))
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.NOTHING_SAID, False)


@pytest.mark.parametrize(
    "trouble", [Reply(500), Reply(429, headers={"retry-after": "0"}), Reply(drops=True)]
)
def test_trouble_that_passes_is_not_noticed(
    cdn: Server, transcriber: Server, trouble: Reply
) -> None:
    says(transcriber, trouble, Reply(body=b'{"text": "Hi"}'))
    assert transcribe(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A)))).text == "Hi"
    assert len(transcriber.requests) == 2


def test_trouble_that_lasts_is_given_up_after_two_requests(
    cdn: Server, transcriber: Server
) -> None:
    says(transcriber, Reply(503, headers={"retry-after": "0"}))
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.TRANSCRIBER_FAILED, True)
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
def test_a_response_that_asking_again_cannot_better(
    cdn: Server, transcriber: Server, reply: Reply
) -> None:
    says(transcriber, reply)
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.TRANSCRIBER_FAILED, False)
    assert len(transcriber.requests) == 1


def test_a_wrong_key_is_named_but_not_told(cdn: Server, transcriber: Server) -> None:
    says(transcriber, Reply(401))
    error = failure(cdn, transcriber, memo(cdn.reply("/a", Reply(body=M4A))))
    assert "MEMO_TRANSCRIBE_API_KEY" in str(error)
    assert "sk-transcription" not in str(error)


def test_a_transcriber_that_hangs_is_given_up(transcriber: Server) -> None:
    async def main() -> None:
        says(transcriber, Reply(hangs=True))
        server = TranscriptionClient(f"{transcriber.address}/v1", seconds=0.3)
        async with httpx.AsyncClient() as http:
            await server.transcribe(http, b"RIFF")

    with pytest.raises(TranscriptionError) as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.retryable) == (
        TranscriptionFailure.TRANSCRIBER_FAILED,
        True,
    )


def test_a_transcriber_that_is_not_there_may_be_there_later(cdn: Server) -> None:
    with running() as gone:
        pass
    error = failure(cdn, gone, memo(cdn.reply("/a", Reply(body=M4A))))
    assert (error.kind, error.retryable) == (TranscriptionFailure.TRANSCRIBER_FAILED, True)
