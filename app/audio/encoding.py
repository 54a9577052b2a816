"""Encoding: PCM audio to a memo in one of the formats of Linq's voice memo endpoint, checked."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Literal

import av
from av.audio.resampler import AudioResampler
from av.codec.codec import UnknownCodecError
from av.error import FFmpegError

from app.audio.decoding import read
from app.audio.loudness import loudness as measured
from app.audio.mean_level import mean_level
from app.audio.pcm import SAMPLE_RATE, AudioError, MemoRefused, Pcm, converted

Format = Literal["m4a", "mp3", "aac", "caf", "wav", "aiff", "amr"]

MAX_BYTES = 10_000_000  # Linq: 413/5001 above 10 MB
_MIN_SECONDS = 0.3  # seconds; shorter memos show as 0 seconds
_MAX_PADDING_SECONDS = 0.15  # seconds that codecs add at the ends
_SILENCE_LUFS = -50.0  # LUFS
_MAX_CHANGE_DB = 3.0  # dB that a codec may change; AMR leaves out what is above 4 kHz


@dataclass(frozen=True)
class Memo:
    """An encoded voice memo. `mime_type` is the name Linq's attachment upload knows.

    `sample_rate` in Hz; `loudness` in LUFS, of the sound as measured and the level as decoded.
    """

    data: bytes
    mime_type: str
    extension: str
    seconds: float
    sample_rate: int
    channels: int
    codec: str
    loudness: float


@dataclass(frozen=True)
class _Profile:
    container: str
    codec: str  # FFmpeg's encoder
    sample_format: str
    mime_type: str
    max_bit_rate: int  # bit/s, never exceeded
    sample_rate: int = SAMPLE_RATE
    bit_rate: int = 0  # bit/s; 0 = what the codec needs
    options: dict[str, str] = field(default_factory=dict)


# AAC-LC, mono, 24 kHz is what Apple's own memos are. The encoder gets a quality, for with a bit
# rate it encodes frames again until they have the right size. Levelled speech comes to the size of
# pydub's export at 48k, sooner and closer to the original: benchmarks/audio.py compares them.
_AAC = {"aac_coder": "fast", "aac_tns": "0", "flags": "+qscale", "global_quality": "118"}
_PCM = 16 * SAMPLE_RATE  # bit/s
_PROFILES: dict[str, _Profile] = {
    "m4a": _Profile("ipod", "aac", "fltp", "audio/x-m4a", 130_000, options=_AAC),
    "mp3": _Profile("mp3", "libmp3lame", "fltp", "audio/mpeg", 50_000, bit_rate=48_000),
    "aac": _Profile("adts", "aac", "fltp", "audio/aac", 130_000, options=_AAC),
    # FFmpeg cannot put AAC into CAF; plain PCM is what every reader of CAF knows.
    "caf": _Profile("caf", "pcm_s16le", "s16", "audio/x-caf", _PCM),
    "wav": _Profile("wav", "pcm_s16le", "s16", "audio/x-wav", _PCM),
    "aiff": _Profile("aiff", "pcm_s16be", "s16", "audio/x-aiff", _PCM),
    "amr": _Profile(
        "amr",
        "libopencore_amrnb",
        "s16",
        "audio/amr",
        12_800,
        sample_rate=8_000,
        bit_rate=12_200,
    ),
}


def longest(format: Format) -> float:
    """Seconds of sound that surely stay below 10 MB in `format`."""
    return (MAX_BYTES - 100_000) * 8 / _PROFILES[format].max_bit_rate


def encode(pcm: Pcm, format: Format = "m4a") -> Memo:
    """`pcm` as a memo, decoded again and found to play as it should.

    Raises: MemoRefused when it does not, or would be 10 MB or more.
    """
    profile = _PROFILES[format]
    if pcm.seconds > longest(format):
        raise MemoRefused(f"{pcm.seconds:.0f} s of {format} come too near 10 MB")
    try:
        data = _encoded(pcm, profile)
    except UnknownCodecError as error:
        raise MemoRefused(
            f"the installed PyAV {av.__version__} has no {profile.codec} to encode {format} with; "
            "its wheels have it up to version 18"
        ) from error
    except FFmpegError as error:
        raise MemoRefused(f"{format} could not be encoded: {error.strerror}") from error
    return _checked(data, pcm, profile, format)


def _encoded(pcm: Pcm, profile: _Profile) -> bytes:
    out = io.BytesIO()
    muxing = {}
    if profile.container == "ipod":
        # Keeps room for the index in front of the sound; 5 bytes a packet of 1024 samples.
        muxing["moov_size"] = str(2_000 + int(pcm.seconds * profile.sample_rate / 1024 * 8))
    with av.open(out, "w", format=profile.container, options=muxing) as container:
        stream = container.add_stream(
            profile.codec, rate=profile.sample_rate, options=profile.options
        )
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.format = profile.sample_format
        if profile.bit_rate:
            stream.bit_rate = profile.bit_rate
        resampler = AudioResampler(
            format=profile.sample_format, layout="mono", rate=profile.sample_rate
        )
        for frame in converted(pcm, resampler):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def _checked(data: bytes, pcm: Pcm, profile: _Profile, format: Format) -> Memo:
    if len(data) >= MAX_BYTES:
        raise MemoRefused(f"{len(data)} bytes are too many; Linq takes up to 10 MB")
    try:
        found = read(data, sample_rate=profile.sample_rate, max_seconds=pcm.seconds + 1)
    except AudioError as error:
        raise MemoRefused(f"the {format} does not decode: {error}") from error
    played = found.pcm
    if (found.channels, found.sample_rate) != (1, profile.sample_rate):
        raise MemoRefused(f"the {format} has {found.channels} channels at {found.sample_rate} Hz")
    if played.seconds < _MIN_SECONDS or abs(played.seconds - pcm.seconds) > _MAX_PADDING_SECONDS:
        raise MemoRefused(
            f"the {format} plays {played.seconds:.2f} s instead of {pcm.seconds:.2f} s"
        )
    change = mean_level(played) - mean_level(pcm)
    loudness = (measured(pcm, "none").integrated if pcm.loudness is None else pcm.loudness) + change
    if loudness < _SILENCE_LUFS:
        raise MemoRefused(f"the {format} is silent ({loudness:.0f} LUFS)")
    if abs(change) > _MAX_CHANGE_DB:
        raise MemoRefused(f"the {format} plays {change:+.1f} dB louder than it should")
    return Memo(
        data=data,
        mime_type=profile.mime_type,
        extension=format,
        seconds=played.seconds,
        sample_rate=found.sample_rate,
        channels=found.channels,
        codec=found.codec,
        loudness=loudness,
    )
