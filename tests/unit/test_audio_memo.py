"""Memos: each format as an independent decoder sees it, and what is never let out."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest

from app.audio import Memo, MemoRefused, Pcm, encode, longest, tidy
from app.settings import Format
from tests.integration.speech_server import speech

FORMATS: tuple[Format, ...] = get_args(Format)
TEXT = "Good morning. We are open today from nine until half past six, and we are glad to help."
CODECS = {
    "m4a": "aac",
    "mp3": "mp3",
    "aac": "aac",
    "caf": "pcm_s16le",
    "wav": "pcm_s16le",
    "aiff": "pcm_s16be",
    "amr": "amr_nb",
}

needs_ffprobe = pytest.mark.skipif(
    not shutil.which("ffprobe"), reason="the ffprobe program, an independent decoder, is missing"
)


@pytest.fixture(scope="module")
def sound() -> Pcm:
    return tidy([speech(TEXT)])


@pytest.fixture(scope="module")
def memos(sound: Pcm) -> dict[Format, Memo]:
    return {format: encode(sound, format) for format in FORMATS}


@needs_ffprobe
@pytest.mark.parametrize("format", FORMATS)
def test_an_independent_decoder_agrees(
    memos: dict[Format, Memo], sound: Pcm, format: Format, tmp_path: Path
) -> None:
    memo = memos[format]
    file = tmp_path / f"memo.{memo.extension}"
    file.write_bytes(memo.data)
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-of", "json", str(file)]
    probed: dict[str, Any] = json.loads(subprocess.check_output(command))
    [stream] = probed["streams"]
    assert stream["codec_name"] == memo.codec == CODECS[format]
    assert stream["channels"] == memo.channels == 1
    assert int(stream["sample_rate"]) == memo.sample_rate == (8_000 if format == "amr" else 24_000)
    if format in ("m4a", "aac"):
        assert stream["profile"] == "LC"
    seconds = sum(float(packet["duration_time"]) for packet in probed["packets"])
    assert seconds == pytest.approx(memo.seconds, abs=0.1)
    assert memo.seconds == pytest.approx(sound.seconds, abs=0.1)


@needs_ffprobe
def test_the_m4a_says_how_long_it_is(memos: dict[Format, Memo], tmp_path: Path) -> None:
    file = tmp_path / "memo.m4a"
    file.write_bytes(memos["m4a"].data)
    command = ["ffprobe", "-v", "error", "-show_format", "-of", "json", str(file)]
    probed = json.loads(subprocess.check_output(command))["format"]
    assert float(probed["duration"]) == pytest.approx(memos["m4a"].seconds, abs=0.01)
    assert probed["tags"]["major_brand"] == "M4A "


def test_the_index_of_an_m4a_stands_in_front(sound: Pcm) -> None:
    for seconds in (1, 60):
        data = encode(Pcm((sound.samples * 20)[: seconds * 48_000], 24_000)).data
        assert data[4:12] == b"ftypM4A "
        assert data.index(b"moov") < data.index(b"mdat")


def test_each_format_has_the_type_that_linq_knows(memos: dict[Format, Memo]) -> None:
    assert {format: memo.mime_type for format, memo in memos.items()} == {
        "m4a": "audio/x-m4a",
        "mp3": "audio/mpeg",
        "aac": "audio/aac",
        "caf": "audio/x-caf",
        "wav": "audio/x-wav",
        "aiff": "audio/x-aiff",
        "amr": "audio/amr",
    }


@pytest.mark.parametrize("format", ["m4a", "caf", "wav", "aiff"])
def test_the_longest_memo_stays_below_ten_megabytes(sound: Pcm, format: Format) -> None:
    seconds = min(600.0, longest(format))
    pcm = Pcm((sound.samples * 300)[: int(seconds * 24_000) * 2], 24_000)
    memo = encode(pcm, format)
    assert memo.seconds == pytest.approx(seconds, abs=0.2)
    assert len(memo.data) < 10_000_000
    assert format != "m4a" or memo.data.index(b"moov") < memo.data.index(b"mdat")


def test_what_would_come_too_near_ten_megabytes_is_refused() -> None:
    with pytest.raises(MemoRefused, match="10 MB"):
        encode(Pcm(bytes(24_000 * 2 * 210), 24_000), "wav")


@pytest.mark.parametrize("format", FORMATS)
def test_silence_is_refused(format: Format) -> None:
    with pytest.raises(MemoRefused, match="silent"):
        encode(Pcm(bytes(96_000), 24_000), format)


@pytest.mark.parametrize("format", FORMATS)
def test_a_memo_too_short_to_show_is_refused(sound: Pcm, format: Format) -> None:
    with pytest.raises(MemoRefused):
        encode(Pcm(sound.samples[20_000:30_000], 24_000), format)
