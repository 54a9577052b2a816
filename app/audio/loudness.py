"""Loudness after ITU-R BS.1770 / EBU R 128, measured and set with FFmpeg's filters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext

from app.audio.pcm import WIDTH, NotAudio, Pcm, frames, samples

TARGET_LUFS = -16.0  # what Apple asks of spoken word; measured as one channel
TRUE_PEAK_CEILING = -1.0  # dBFS
_CEILING = -2.0  # of the samples: what the codec overshoots stays under the true peak
_CLOSE = 0.4  # LU off the target that nobody hears
_LIMITED = 1.8  # dB of gain for 1 LU more of speech, once the limiter holds its peaks
_MOST = 40.0  # dB of gain: what is quieter than that is silence, not speech
_BLOCK = 0.4  # seconds: the shortest sound R 128 can measure


@dataclass(frozen=True)
class Loudness:
    """`integrated` in LUFS, `true_peak` in dBFS."""

    integrated: float
    true_peak: float


def loudness(pcm: Pcm) -> Loudness:
    """How loud `pcm` is. Sounds shorter than 0.4 s are measured with silence behind them."""
    return _through(pcm, [])[1]


def integrated(pcm: Pcm) -> float:
    """The loudness of `pcm` in LUFS alone, three times as quick as with its true peak."""
    return _through(pcm, [], peak="none")[1].integrated


def level(pcm: Pcm) -> Pcm:
    """`pcm` brought to `TARGET_LUFS`, its peaks held under the ceiling instead of clipped.

    Raises: NotAudio when there is only silence.
    """
    measured = _through(pcm, [], peak="sample")[1]
    gain = TARGET_LUFS - measured.integrated
    if gain > _MOST:
        raise NotAudio("only silence")
    levelled = pcm
    for _ in range(4):
        filters = [("volume", f"volume={gain:.3f}dB:precision=float")]
        if measured.true_peak + gain > _CEILING:
            limit = 10 ** (_CEILING / 20)
            filters.append(("alimiter", f"limit={limit:.4f}:attack=3:release=60:level=0:latency=1"))
        levelled, reached = _through(pcm, filters, peak="none")
        missing = TARGET_LUFS - reached.integrated
        if abs(missing) < _CLOSE:
            break
        gain += _LIMITED * missing
    return levelled


def _through(pcm: Pcm, filters: list[tuple[str, str]], peak: str = "true") -> tuple[Pcm, Loudness]:
    """`pcm` through `filters`, and the loudness of what comes out."""
    rate = pcm.sample_rate
    graph = Graph()
    first = last = graph.add(
        "abuffer", f"sample_rate={rate}:sample_fmt=s16:channel_layout=mono:time_base=1/{rate}"
    )
    for name, arguments in (
        *filters,
        ("ebur128", f"peak={peak}:metadata=1:framelog=quiet"),
        ("aformat", f"sample_fmts=s16:sample_rates={rate}:channel_layouts=mono"),
        ("abuffersink", None),
    ):
        following = graph.add(name, arguments)
        last.link_to(following)
        last = following
    graph.configure()
    out = bytearray()
    measured: dict[str, str] = {}
    for frame in (*frames(Pcm(pcm.samples + bytes(_lacking(pcm)), rate)), None):
        first.push(frame)
        for filtered in _pulled(last):
            out += samples(filtered)
            measured = filtered.metadata or measured
    peaks = [float(value) for key, value in measured.items() if key.endswith("_peak")]
    return (
        Pcm(bytes(out[: len(pcm.samples)]), rate),
        Loudness(
            integrated=float(measured.get("lavfi.r128.I", -70.0)),
            true_peak=20 * math.log10(max(peaks, default=0.0) or 1e-9),
        ),
    )


def _pulled(sink: FilterContext) -> Iterator[AudioFrame]:
    with suppress(BlockingIOError, EOFError):  # not yet, not any more
        while True:
            frame = sink.pull()
            assert isinstance(frame, AudioFrame)
            yield frame


def _lacking(pcm: Pcm) -> int:
    return max(0, math.ceil(_BLOCK * pcm.sample_rate) * WIDTH - len(pcm.samples))
