"""Loudness after ITU-R BS.1770 / EBU R 128, measured and set with FFmpeg's filters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext

from app.audio.framing import frames, samples
from app.audio.mean_level import amplified, decibels, mean_level
from app.audio.pcm import WIDTH, Pcm, SilentAudio

Peak = Literal["true", "sample", "none"]

TARGET_LUFS = -19.0
"""Measured as the one channel that a memo has. A phone plays it on all of its speakers, where it is
as loud as −16 LUFS in stereo, which is what Apple asks of spoken word."""
TRUE_PEAK_CEILING = -1.0  # dBFS
_CEILING = -2.0  # of the samples: what the codec overshoots stays under the true peak
_CLOSE = 0.5  # LU off the target that nobody hears
_LIMITED = 1.8  # dB of gain for 1 LU more of speech, once the limiter holds its peaks
_SOFTER = 3.5  # times the LU that clipping would cost: about what the limiter does
_MAX_ROUNDS = 4  # times that the limiter is tried with another gain
_MOST = 40.0  # dB of gain: what is quieter than that is silence, not speech
_BLOCK = 0.4  # seconds: the shortest sound R 128 can measure
_SILENCE = -70.0  # LUFS: what R 128 does not count


@dataclass(frozen=True)
class Loudness:
    """`integrated` in LUFS, `true_peak` in dBFS."""

    integrated: float
    true_peak: float


def loudness(pcm: Pcm, peak: Peak = "true") -> Loudness:
    """How loud `pcm` is. Sounds shorter than 0.4 s are measured with silence behind them.

    `peak` "sample" takes the highest sample for the peak, in a third of the time.
    """
    padded = Pcm(pcm.samples + bytes(_lacking(pcm)), pcm.sample_rate)
    measured: dict[str, str] = {}
    for frame in _filtered(padded, [("ebur128", f"peak={peak}:metadata=1:framelog=quiet")]):
        measured = frame.metadata or measured
    peaks = [float(value) for key, value in measured.items() if key.endswith("_peak")]
    return Loudness(
        integrated=float(measured.get("lavfi.r128.I", _SILENCE)),
        true_peak=decibels(max(peaks, default=0.0)),
    )


def level(pcm: Pcm) -> Pcm:
    """`pcm` brought to `TARGET_LUFS`, its peaks held under the ceiling instead of clipped.

    Measured once: what gain and limiter then change is told from the mean level.

    Raises: SilentAudio when there is only silence.
    """
    measured = loudness(pcm, "sample")
    gain = TARGET_LUFS - measured.integrated
    if gain > _MOST:
        raise SilentAudio("only silence")
    before = mean_level(pcm)
    if measured.true_peak + gain <= _CEILING:
        return Pcm(amplified(pcm, gain).samples, pcm.sample_rate, TARGET_LUFS)
    clipped = before + gain - _CEILING - mean_level(amplified(pcm, gain - _CEILING))
    gain += _LIMITED * _SOFTER * clipped
    for _ in range(_MAX_ROUNDS):
        levelled = _limited(pcm, gain)
        reached = measured.integrated + mean_level(levelled) - before
        missing = TARGET_LUFS - reached
        if abs(missing) < _CLOSE:
            break
        gain += _LIMITED * missing
    return Pcm(levelled.samples, pcm.sample_rate, reached)


def _limited(pcm: Pcm, gain: float) -> Pcm:
    """`pcm` louder by `gain` dB, with what would pass the ceiling held below it."""
    limit = 10 ** (_CEILING / 20)
    filters = [
        ("volume", f"volume={gain:.3f}dB:precision=float"),
        ("alimiter", f"limit={limit:.4f}:attack=3:release=60:level=0:latency=1"),
        ("aformat", "sample_fmts=s16"),
    ]
    held = b"".join(map(samples, _filtered(pcm, filters)))
    return Pcm(held[: len(pcm.samples)], pcm.sample_rate)


def _filtered(pcm: Pcm, filters: list[tuple[str, str]]) -> Iterator[AudioFrame]:
    """The frames that FFmpeg's `filters` make of `pcm`."""
    rate = pcm.sample_rate
    graph = Graph()
    first = last = graph.add(
        "abuffer", f"sample_rate={rate}:sample_fmt=s16:channel_layout=mono:time_base=1/{rate}"
    )
    for name, arguments in (*filters, ("abuffersink", None)):
        following = graph.add(name, arguments)
        last.link_to(following)
        last = following
    graph.configure()
    for frame in (*frames(pcm), None):
        first.push(frame)
        yield from _pulled(last)


def _pulled(sink: FilterContext) -> Iterator[AudioFrame]:
    with suppress(BlockingIOError, EOFError):  # not yet, not any more
        while True:
            frame = sink.pull()
            assert isinstance(frame, AudioFrame)
            yield frame


def _lacking(pcm: Pcm) -> int:
    return max(0, math.ceil(_BLOCK * pcm.sample_rate) * WIDTH - len(pcm.samples))
