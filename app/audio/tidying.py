"""Tidying: spoken chunks joined to one memo with natural pauses, clean ends and an even level."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Sequence

from app.audio.framing import resampled
from app.audio.levelling import level
from app.audio.mean_level import segment as segment_of
from app.audio.mean_level import silent
from app.audio.memo import BREATH_AFTER, BREATH_BEFORE
from app.audio.pcm import SAMPLE_RATE, WIDTH, Pcm, SilentAudio

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

_EDGE = 30  # ms kept of what looks like silence: soft consonants begin and end there
_FADE = 5  # ms, so that cut edges do not click
_BELOW = 34.0  # dB under a chunk's mean level that count as silence
_FLOOR = -60.0  # dBFS: what stays below is silence at the edges of any chunk
_UNEVEN = 2.0  # dB that chunks may differ in loudness
_CORRECTION = 8.0  # dB, the most that a chunk is brought nearer to the others


def tidy(chunks: Sequence[Pcm], pauses_ms: Sequence[int] = ()) -> Pcm:
    """All `chunks` in order, as one at 24 kHz, levelled to `TARGET_LUFS`.

    `pauses_ms[i]` is the silence behind chunk i (the last is not used); chunks without one get
    none. Chunks may have different sample rates. Chunks that are silent are left out.

    Raises: SilentAudio when nothing is audible.
    """
    trimmed = [_trimmed(resampled(chunk, SAMPLE_RATE)) for chunk in chunks]
    audible = [segment for segment in trimmed if segment is not None]
    if not audible:
        raise SilentAudio("only silence")
    even = iter(_even(audible))
    parts = [_silence(BREATH_BEFORE)]
    for index, segment in enumerate(trimmed):
        if segment is None:
            continue
        if len(parts) > 1:
            parts.append(_silence(pauses_ms[index - 1] if index <= len(pauses_ms) else 0))
        parts.append(next(even).raw_data)
    parts.append(_silence(BREATH_AFTER))
    return level(Pcm(b"".join(parts), SAMPLE_RATE))


def _trimmed(pcm: Pcm) -> AudioSegment | None:
    if silent(pcm):
        return None
    segment = segment_of(pcm)
    threshold = max(segment.dBFS - _BELOW, _FLOOR)
    start = max(0, detect_leading_silence(segment, threshold) - _EDGE)
    end = max(0, detect_leading_silence(segment.reverse(), threshold) - _EDGE)
    kept = segment[start : len(segment) - end]
    return kept.fade_in(_FADE).fade_out(_FADE) if len(kept) > 2 * _FADE else kept


def _even(segments: list[AudioSegment]) -> list[AudioSegment]:
    """Segments of clearly different loudness (other voices, other languages) brought together."""
    middle = statistics.median(segment.dBFS for segment in segments)
    return [
        segment.apply_gain(max(-_CORRECTION, min(_CORRECTION, middle - segment.dBFS)))
        if abs(middle - segment.dBFS) > _UNEVEN
        else segment
        for segment in segments
    ]


def _silence(milliseconds: int) -> bytes:
    return bytes(SAMPLE_RATE * milliseconds // 1000 * WIDTH)
