"""The sandbox hears what is in a file, whatever the file is called."""

from __future__ import annotations

import io
import wave
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.media.probe import (
    WAVEFORM_PEAKS,
    DecodeError,
    matches,
    playable_wav,
    probe_audio,
    voice_memo_type,
)
from tests.sandbox_audio import CONTENT_TYPES, tone


@pytest.mark.parametrize("ending", CONTENT_TYPES)
def test_every_accepted_format_is_heard(ending: str) -> None:
    probe = probe_audio(tone(ending, seconds=1.0, level=0.5))
    assert probe.duration == pytest.approx(1.0, abs=0.1)
    assert probe.channels == 1
    assert probe.peak == pytest.approx(0.5, abs=0.06)
    assert not probe.silent
    assert len(probe.waveform) == WAVEFORM_PEAKS
    assert matches(probe, CONTENT_TYPES[ending])


@pytest.mark.parametrize("ending", CONTENT_TYPES)
def test_a_format_matches_no_other_type(ending: str) -> None:
    probe = probe_audio(tone(ending, seconds=0.3))
    others = {CONTENT_TYPES[other] for other in CONTENT_TYPES if other != ending}
    assert not any(matches(probe, other) for other in others)


def test_an_m4a_is_aac_lc_of_24_khz() -> None:
    probe = probe_audio(tone("m4a"))
    assert (probe.codec, probe.profile, probe.sample_rate) == ("aac", "LC", 24_000)


def test_silence_is_noticed() -> None:
    assert probe_audio(tone("wav", level=0.0)).silent


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"this is a text file that somebody named reply.m4a\n" * 100,
        b'{"error": "quota exceeded"}',
        b"<html><body>502 Bad Gateway</body></html>" * 50,
        bytes(10_000),
        tone("m4a")[:500],
        tone("mp3")[:3],
    ],
    ids=["empty", "text", "json", "html", "zeros", "m4a without index", "three bytes"],
)
def test_what_is_no_audio_is_told_so(data: bytes) -> None:
    with pytest.raises(DecodeError):
        probe_audio(data)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_either_heard_or_refused(data: bytes) -> None:
    for lead in (b"", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"ID3\x03", b"#!AMR\n", b"caff\x00\x01"):
        with suppress(DecodeError):
            assert probe_audio(lead + data).duration > 0


@pytest.mark.parametrize("ending", ["caf", "amr", "aiff"])
def test_what_browsers_cannot_play_becomes_wav(ending: str) -> None:
    with wave.open(io.BytesIO(playable_wav(tone(ending, seconds=1.0)))) as playable:
        assert playable.getnframes() / playable.getframerate() == pytest.approx(1.0, abs=0.1)


def test_the_types_of_voice_memos() -> None:
    assert voice_memo_type("audio/mp4") == voice_memo_type("audio/x-m4a") == "audio/x-m4a"
    assert voice_memo_type("audio/wav") == "audio/x-wav"
    assert voice_memo_type("audio/ogg") is None
    assert voice_memo_type("audio/midi") is None
    assert voice_memo_type("image/png") is None
