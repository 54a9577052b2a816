"""Tidying: spoken pieces joined to one memo with natural pauses, clean ends and an even level."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Sequence

from app.audio.loudness import level
from app.audio.pcm import SAMPLE_RATE, WIDTH, NotAudio, Pcm, resampled

with warnings.catch_warnings():
    # pydub looks for the ffmpeg program on import, and imports audioop. It is asked for neither.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

BREATH_BEFORE = 120  # ms of silence, so that players do not clip the first sound
BREATH_AFTER = 220  # ms
BREATHS = (BREATH_BEFORE + BREATH_AFTER) / 1000  # seconds that `tidy` adds
_EDGE = 30  # ms kept of what looks like silence: soft consonants begin and end there
_FADE = 5  # ms, so that cut edges do not click
_BELOW = 34.0  # dB under a piece's mean level that count as silence
_FLOOR = -60.0  # dBFS: a piece that never gets louder is silence
_UNEVEN = 2.0  # dB that pieces may differ in loudness
_CORRECTION = 8.0  # dB, the most that a piece is brought nearer to the others


def tidy(pieces: Sequence[Pcm], pauses_ms: Sequence[int] = ()) -> Pcm:
    """One sound of all `pieces`, in order, at 24 kHz, levelled to `TARGET_LUFS`.

    `pauses_ms[i]` is the silence behind piece i (the last is not used); pieces without one get
    none. Pieces may have different sample rates. Pieces that are silent are left out.

    Raises: NotAudio when nothing can be heard.
    """
    trimmed = [_trimmed(_segment(resampled(piece, SAMPLE_RATE))) for piece in pieces]
    heard = [segment for segment in trimmed if segment is not None]
    if not heard:
        raise NotAudio("only silence")
    even = iter(_even(heard))
    parts = [_silence(BREATH_BEFORE)]
    for index, segment in enumerate(trimmed):
        if segment is None:
            continue
        if len(parts) > 1:
            parts.append(_silence(pauses_ms[index - 1] if index <= len(pauses_ms) else 0))
        parts.append(next(even).raw_data)
    parts.append(_silence(BREATH_AFTER))
    return level(Pcm(b"".join(parts), SAMPLE_RATE))


def silent(pcm: Pcm) -> bool:
    """Whether nothing can be heard in `pcm`."""
    return not pcm.samples or bool(_segment(pcm).max_dBFS < _FLOOR)


def _segment(piece: Pcm) -> AudioSegment:
    return AudioSegment(
        data=piece.samples, sample_width=WIDTH, frame_rate=piece.sample_rate, channels=1
    )


def _trimmed(segment: AudioSegment) -> AudioSegment | None:
    if not len(segment) or segment.max_dBFS < _FLOOR:
        return None
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
