"""The plain level of PCM audio, by pydub: quick where R 128 would be exact."""

from __future__ import annotations

import math
import warnings

from app.audio.pcm import WIDTH, Pcm

with warnings.catch_warnings():
    # pydub looks for the ffmpeg program on import, and imports audioop. Neither is used here.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

_FLOOR = -60.0  # dBFS: what never gets louder is silence


def segment(pcm: Pcm) -> AudioSegment:
    """`pcm` as pydub edits it."""
    return AudioSegment(
        data=pcm.samples, sample_width=WIDTH, frame_rate=pcm.sample_rate, channels=1
    )


def mean_level(pcm: Pcm) -> float:
    """The mean (RMS) level of `pcm` in dBFS."""
    return decibels(segment(pcm).rms / 32768)


def silent(pcm: Pcm) -> bool:
    """Whether nothing is audible in `pcm`."""
    return not pcm.samples or bool(segment(pcm).max_dBFS < _FLOOR)


def amplified(pcm: Pcm, gain: float) -> Pcm:
    """`pcm` louder by `gain` dB. What does not fit is clipped."""
    return Pcm(segment(pcm).apply_gain(gain).raw_data, pcm.sample_rate)


def decibels(ratio: float) -> float:
    return 20 * math.log10(ratio or 1e-9)
