"""Memos: the formats of Linq's voice memo endpoint, and how each is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.audio.pcm import SAMPLE_RATE

Format = Literal["m4a", "mp3", "aac", "caf", "wav", "aiff", "amr"]

MAX_BYTES = 10_000_000  # Linq: 413/5001 above 10 MB

BREATH_BEFORE = 120  # ms of silence, so that players do not clip the first sound
BREATH_AFTER = 220  # ms
BREATHS = (BREATH_BEFORE + BREATH_AFTER) / 1000  # seconds around what is said


@dataclass(frozen=True)
class Memo:
    """An encoded voice memo. `mime_type` is the name Linq's attachment upload knows.

    `sample_rate` in Hz; `loudness` in LUFS, of the sound as measured and the level as decoded.
    """

    data: bytes
    mime_type: str
    extension: str
    seconds: float
    sample_rate: int
    channels: int
    codec: str
    loudness: float


@dataclass(frozen=True)
class Profile:
    """How a format is made."""

    container: str
    codec: str  # FFmpeg's encoder
    sample_format: str
    mime_type: str
    max_bit_rate: int  # bit/s, never exceeded
    sample_rate: int = SAMPLE_RATE
    bit_rate: int = 0  # bit/s; 0 = what the codec needs
    options: dict[str, str] = field(default_factory=dict)


# AAC-LC, mono, 24 kHz is what Apple's own memos are. The encoder gets a quality, for with a bit
# rate it encodes frames again until they have the right size. Levelled speech comes to the size of
# pydub's export at 48k, sooner and closer to the original: benchmarks/audio.py compares them.
_AAC = {"aac_coder": "fast", "aac_tns": "0", "flags": "+qscale", "global_quality": "118"}
_PCM = 16 * SAMPLE_RATE  # bit/s
PROFILES: dict[Format, Profile] = {
    "m4a": Profile("ipod", "aac", "fltp", "audio/x-m4a", 130_000, options=_AAC),
    "mp3": Profile("mp3", "libmp3lame", "fltp", "audio/mpeg", 50_000, bit_rate=48_000),
    "aac": Profile("adts", "aac", "fltp", "audio/aac", 130_000, options=_AAC),
    # FFmpeg cannot put AAC into CAF; plain PCM is what every reader of CAF knows.
    "caf": Profile("caf", "pcm_s16le", "s16", "audio/x-caf", _PCM),
    "wav": Profile("wav", "pcm_s16le", "s16", "audio/x-wav", _PCM),
    "aiff": Profile("aiff", "pcm_s16be", "s16", "audio/x-aiff", _PCM),
    "amr": Profile(
        "amr",
        "libopencore_amrnb",
        "s16",
        "audio/amr",
        12_800,
        sample_rate=8_000,
        bit_rate=12_200,
    ),
}


def longest(format: Format) -> float:
    """Seconds of sound that surely stay below 10 MB in `format`."""
    return (MAX_BYTES - 100_000) * 8 / PROFILES[format].max_bit_rate
