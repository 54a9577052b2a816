"""Audio: decode, tidy, encode, check."""

from app.audio.decoding import decode
from app.audio.encoding import Memo, encode, longest
from app.audio.loudness import TARGET_LUFS, TRUE_PEAK_CEILING, loudness
from app.audio.mean_level import silent
from app.audio.pcm import AudioDamaged, AudioError, AudioTooLong, MemoRefused, NotAudio, Pcm
from app.audio.tidying import BREATHS, tidy

__all__ = [
    "BREATHS",
    "TARGET_LUFS",
    "TRUE_PEAK_CEILING",
    "AudioDamaged",
    "AudioError",
    "AudioTooLong",
    "Memo",
    "MemoRefused",
    "NotAudio",
    "Pcm",
    "decode",
    "encode",
    "longest",
    "loudness",
    "silent",
    "tidy",
]
