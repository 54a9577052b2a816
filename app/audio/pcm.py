"""PCM audio, and the errors of this package.

AudioError
├── NotAudio        empty, HTML, JSON, silence, an unknown container
├── AudioDamaged    audio, but cut off or broken inside
├── AudioTooLong    more seconds than were allowed
└── MemoRefused     an encoded memo that would not play as it should
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

SAMPLE_RATE = 24_000  # Hz, of memos
WIDTH = 2  # bytes a sample: s16le mono throughout
_FRAME_SECONDS = 5


class AudioError(Exception):
    """This is no audio that can be used."""


class NotAudio(AudioError):
    """There is no audio in the data."""


class AudioDamaged(AudioError):
    """The audio is cut off or broken."""


class AudioTooLong(AudioError):
    """The audio is longer than allowed."""


class MemoRefused(AudioError):
    """The encoded memo failed its check and must not be sent."""


@dataclass(frozen=True)
class Pcm:
    """Audio as signed 16-bit little-endian samples, mono; `sample_rate` in Hz.

    `loudness` in LUFS, where it has been measured.
    """

    samples: bytes
    sample_rate: int
    loudness: float | None = None

    @property
    def seconds(self) -> float:
        return len(self.samples) / WIDTH / self.sample_rate


def resampled(pcm: Pcm, sample_rate: int) -> Pcm:
    """`pcm` at `sample_rate` Hz."""
    if pcm.sample_rate == sample_rate:
        return pcm
    resampler = AudioResampler(format="s16", layout="mono", rate=sample_rate)
    return Pcm(b"".join(samples(frame) for frame in converted(pcm, resampler)), sample_rate)


def converted(pcm: Pcm, resampler: AudioResampler) -> Iterator[AudioFrame]:
    """The frames of `pcm` as `resampler` makes them."""
    for frame in frames(pcm):
        yield from resampler.resample(frame)
    if pcm.samples:
        yield from resampler.resample(None)


def frames(pcm: Pcm) -> Iterator[AudioFrame]:
    """`pcm` in frames of some seconds, as FFmpeg takes it: large enough to be quick, small enough
    that what its filters make of one does not matter beside the whole."""
    size = _FRAME_SECONDS * pcm.sample_rate * WIDTH
    for at in range(0, len(pcm.samples), size):
        part = pcm.samples[at : at + size]
        frame = AudioFrame(format="s16", layout="mono", samples=len(part) // WIDTH)
        frame.sample_rate = pcm.sample_rate
        frame.time_base = Fraction(1, pcm.sample_rate)
        frame.pts = at // WIDTH
        frame.planes[0].update(part)
        yield frame


def samples(mono: AudioFrame) -> bytes:
    """The samples of a packed s16 mono frame, without FFmpeg's padding."""
    return bytes(mono.planes[0])[: mono.samples * WIDTH]
