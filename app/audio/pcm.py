"""Plain sound, and what can be wrong with it.

AudioError
├── NotAudio        no sound in there: empty, HTML, JSON, silence, an unknown container
├── AudioDamaged    sound, but cut off or broken inside
├── AudioTooLong    more seconds than were allowed
└── MemoRefused     an encoded memo that would not play as it should
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.resampler import AudioResampler

SAMPLE_RATE = 24_000  # Hz, of memos
WIDTH = 2  # bytes a sample: s16le mono throughout


class AudioError(Exception):
    """This is not sound that can be sent."""


class NotAudio(AudioError):
    """There is no sound in the data."""


class AudioDamaged(AudioError):
    """The sound is cut off or broken."""


class AudioTooLong(AudioError):
    """The sound is longer than allowed."""


class MemoRefused(AudioError):
    """The encoded memo failed its check and must not be sent."""


@dataclass(frozen=True)
class Pcm:
    """Sound as signed 16-bit little-endian samples, mono; `sample_rate` in Hz."""

    samples: bytes
    sample_rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / WIDTH / self.sample_rate


def resampled(pcm: Pcm, sample_rate: int) -> Pcm:
    """`pcm` at `sample_rate` Hz."""
    if pcm.sample_rate == sample_rate or not pcm.samples:
        return Pcm(pcm.samples, sample_rate)
    resampler = AudioResampler(format="s16", layout="mono", rate=sample_rate)
    frames = [*resampler.resample(frame(pcm)), *resampler.resample(None)]
    return Pcm(b"".join(map(samples, frames)), sample_rate)


def frame(pcm: Pcm) -> av.AudioFrame:
    """All of `pcm` as one frame, as FFmpeg's filters and encoders take it."""
    whole = av.AudioFrame(format="s16", layout="mono", samples=len(pcm.samples) // WIDTH)
    whole.sample_rate = pcm.sample_rate
    whole.time_base = Fraction(1, pcm.sample_rate)
    whole.pts = 0
    whole.planes[0].update(pcm.samples)
    return whole


def samples(mono: av.AudioFrame) -> bytes:
    """The samples of a packed s16 mono frame, without FFmpeg's padding."""
    return bytes(mono.planes[0])[: mono.samples * WIDTH]
