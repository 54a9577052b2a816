"""PCM audio as the frames that FFmpeg works on, and back."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from app.audio.pcm import WIDTH, Pcm

_FRAME_SECONDS = 5


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
