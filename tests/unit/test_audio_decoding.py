"""Decoding: which audio is accepted, and what is refused."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audio import AudioDamaged, AudioError, AudioTooLong, NotAudio, Pcm, decode, encode, silent
from tests.integration.speech_server import encoded, mp3, speech

TEXT = "Good morning. We are open today from nine until half past six."
FORMATS = ("m4a", "mp3", "aac", "caf", "wav", "aiff", "amr")


@pytest.fixture(scope="module")
def sound() -> Pcm:
    return speech(TEXT)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_of_the_endpoint_is_decoded(sound: Pcm, format: str) -> None:
    decoded = decode(encode(sound, format).data, sample_rate=16_000)  # type: ignore[arg-type]
    assert decoded.sample_rate == 16_000
    assert decoded.seconds == pytest.approx(sound.seconds, abs=0.15)
    assert not silent(decoded)


def test_the_container_is_found_by_its_bytes(sound: Pcm) -> None:
    assert decode(encode(sound, "wav").data).seconds == pytest.approx(sound.seconds, abs=0.01)
    assert decode(mp3(TEXT)).seconds == pytest.approx(sound.seconds, abs=0.1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 5_000,
        b'{"error": {"message": "model is loading"}}',
        b"<!doctype html><html><body>Too many requests</body></html>" * 20,
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        b"Sorry, no sound today. " * 100,
    ],
)
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(AudioError):
        decode(data)


HEADS = (
    b"",
    b"ID3\x04\0\0",
    b"\xff\xf3\x84\xc4",
    b"#!AMR\n",
    b"RIFF\0\1\0\0WAVE",
    b"caff\0\1\0\0",
)


@given(st.binary(max_size=4_000), st.sampled_from(HEADS))
def test_random_bytes_never_end_in_another_error(data: bytes, head: bytes) -> None:
    with contextlib.suppress(AudioError):
        decode(head + data)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.7])
def test_half_a_file_is_not_taken_for_a_whole_one(sound: Pcm, format: str, part: float) -> None:
    data = encode(sound, format).data  # type: ignore[arg-type]
    end = int(len(data) * part) // 32 * 32 + 3  # inside a frame, where frames have a fixed size
    with pytest.raises(AudioError):
        decode(data[:end])


@pytest.mark.parametrize("missing", [1, 20, 150])
def test_an_mp3_without_its_very_end_is_damaged(missing: int) -> None:
    with pytest.raises(AudioDamaged):
        decode(mp3(TEXT)[:-missing])


def test_tags_behind_an_mp3_are_no_damage() -> None:
    assert decode(mp3(TEXT) + b"TAG" + bytes(125)).seconds == decode(mp3(TEXT)).seconds


def test_a_streamed_wav_without_a_size_is_taken(sound: Pcm) -> None:
    data = bytearray(encode(sound, "wav").data)
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff" * 4
    assert decode(bytes(data)).seconds == pytest.approx(sound.seconds, abs=0.01)


def test_what_is_too_long_is_refused_early() -> None:
    hour = encoded(Pcm(bytes(24_000 * 2 * 300), 24_000))
    with pytest.raises(AudioTooLong):
        decode(hour, max_seconds=60)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        yield server


def test_a_playlist_does_not_make_us_call_other_addresses(listener: socket.socket) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/sound.ts"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n"
    with pytest.raises(NotAudio):
        decode(playlist.encode())
    with pytest.raises(TimeoutError):
        listener.accept()
