"""Encoding: PCM audio to a memo in one of the formats of Linq's voice memo endpoint, checked."""

from __future__ import annotations

import io

import av
from av.audio.resampler import AudioResampler
from av.codec.codec import UnknownCodecError
from av.error import FFmpegError

from app.audio.decoding import read
from app.audio.framing import converted
from app.audio.levelling import loudness as measured
from app.audio.mean_level import mean_level
from app.audio.memo import MAX_BYTES, PROFILES, Format, Memo, Profile, longest
from app.audio.pcm import AudioError, MemoRefused, Pcm

_MIN_SECONDS = 0.3  # seconds; shorter memos show as 0 seconds
_MAX_PADDING_SECONDS = 0.15  # seconds that codecs add at the ends
_SILENCE_LUFS = -50.0  # LUFS
_MAX_CHANGE_DB = 3.0  # dB that a codec may change; AMR leaves out what is above 4 kHz


def encode(pcm: Pcm, format: Format = "m4a") -> Memo:
    """`pcm` as a memo, decoded again and found to play as it should.

    Raises: MemoRefused when it does not, or would be 10 MB or more.
    """
    profile = PROFILES[format]
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


def _encoded(pcm: Pcm, profile: Profile) -> bytes:
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


def _checked(data: bytes, pcm: Pcm, profile: Profile, format: Format) -> Memo:
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
