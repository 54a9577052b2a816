"""Listening to audio files: what they really contain, whatever they are called.

DecodeError  (the bytes are no audio that can be decoded)
"""

from __future__ import annotations

import io
import wave
from itertools import pairwise

import av
from av.audio.resampler import AudioResampler

from app.sandbox.records import Probe

WAVEFORM_PEAKS = 48
SILENCE_PEAK = 0.003  # about -50 dB of full scale
_PROBE_RATE = 8_000
_PLAY_RATE = 24_000
_MAX_SECONDS = 3_600

# What a decoder must find behind a declared type: containers as FFmpeg names them, and codecs.
_CONTENT: dict[str, tuple[frozenset[str], frozenset[str] | None]] = {
    "audio/mpeg": (frozenset({"mp3"}), frozenset({"mp3", "mp3float"})),
    "audio/x-m4a": (frozenset({"m4a", "mp4"}), frozenset({"aac", "alac"})),
    "audio/aac": (frozenset({"aac"}), frozenset({"aac"})),
    "audio/x-caf": (frozenset({"caf"}), None),
    "audio/x-wav": (frozenset({"wav"}), None),
    "audio/x-aiff": (frozenset({"aiff"}), None),
    "audio/amr": (frozenset({"amr"}), frozenset({"amrnb", "amrwb", "amr_nb", "amr_wb"})),
}
_ALIASES = {
    "audio/mp3": "audio/mpeg",
    "audio/mp4": "audio/x-m4a",
    "audio/m4a": "audio/x-m4a",
    "audio/wav": "audio/x-wav",
    "audio/aiff": "audio/x-aiff",
}


class DecodeError(Exception):
    """The bytes cannot be decoded as audio; the message says where it ended."""


def voice_memo_type(content_type: str) -> str | None:
    """The canonical name of a type that voice memos accept, or None for any other type."""
    canonical = _ALIASES.get(content_type, content_type)
    return canonical if canonical in _CONTENT else None


def matches(probe: Probe, content_type: str) -> bool:
    """Whether the content is what the declared type promises."""
    canonical = voice_memo_type(content_type)
    if canonical is None:
        return False
    containers, codecs = _CONTENT[canonical]
    found = set(probe.container.split(","))
    return bool(found & containers) and (codecs is None or probe.codec in codecs)


def probe_audio(data: bytes) -> Probe:
    """Decodes `data` from beginning to end and says what it is.

    Raises DecodeError when there is no audio stream, a packet is broken or no sample comes out.
    """
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            if not container.streams.audio:
                raise DecodeError("there is no audio stream")
            stream = container.streams.audio[0]
            resampler = AudioResampler(format="s16", layout="mono", rate=_PROBE_RATE)
            samples = bytearray()
            exact = 0
            for frame in container.decode(stream):
                exact += frame.samples
                for piece in resampler.resample(frame):
                    samples += bytes(piece.planes[0])[: piece.samples * 2]
                if exact > _MAX_SECONDS * stream.rate:
                    raise DecodeError("it is longer than an hour")
            for piece in resampler.resample(None):
                samples += bytes(piece.planes[0])[: piece.samples * 2]
            if exact == 0:
                raise DecodeError("it holds no samples")
            context = stream.codec_context
            duration = exact / stream.rate
            waveform = _waveform(memoryview(samples).cast("h"))
            peak = max(waveform, default=0.0)
            return Probe(
                container=container.format.name,
                codec=context.name,
                profile=context.profile,
                duration=round(duration, 4),
                sample_rate=stream.rate,
                channels=stream.channels,
                bit_rate=round(len(data) * 8 / duration),
                peak=peak,
                silent=peak < SILENCE_PEAK,
                waveform=waveform,
            )
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise DecodeError(str(error)) from error


def playable_wav(data: bytes) -> bytes:
    """`data` as a mono 16-bit WAV file of 24 kHz that every browser plays.

    Raises DecodeError as `probe_audio` does.
    """
    target = io.BytesIO()
    try:
        with av.open(io.BytesIO(data), mode="r") as container, wave.open(target, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(_PLAY_RATE)
            resampler = AudioResampler(format="s16", layout="mono", rate=_PLAY_RATE)
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    out.writeframes(bytes(piece.planes[0])[: piece.samples * 2])
            for piece in resampler.resample(None):
                out.writeframes(bytes(piece.planes[0])[: piece.samples * 2])
    except (av.FFmpegError, ValueError, IndexError, EOFError) as error:
        raise DecodeError(str(error)) from error
    return target.getvalue()


def _waveform(samples: memoryview) -> tuple[float, ...]:
    """The peaks of WAVEFORM_PEAKS equal slices, 0..1."""
    count = len(samples)
    edges = [count * index // WAVEFORM_PEAKS for index in range(WAVEFORM_PEAKS + 1)]
    peaks = []
    for start, end in pairwise(edges):
        piece = samples[start:end]
        loudest = max(max(piece), -min(piece)) if len(piece) else 0
        peaks.append(round(min(1.0, loudest / 32767), 4))
    return tuple(peaks)
