"""Audio: decode, tidy, encode, check; and the processes that do so.

What works on samples is imported when it is first asked for: PyAV and pydub take 20 MB, which a
process that leaves the work to a `WorkerPool` need not have.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from app.audio.jobs import decode_audible
from app.audio.memo import BREATHS, Format, Memo, longest
from app.audio.pcm import (
    AudioDamaged,
    AudioError,
    AudioTooCostly,
    AudioTooLong,
    MemoRefused,
    NotAudio,
    Pcm,
    SilentAudio,
    WorkerFailed,
)
from app.audio.worker_protocol import FOREIGN_AUDIO, JobLimits

if TYPE_CHECKING:
    from app.audio.decoding import decode
    from app.audio.encoding import encode
    from app.audio.levelling import TARGET_LUFS, TRUE_PEAK_CEILING, loudness
    from app.audio.mean_level import silent
    from app.audio.pool import WorkerPool
    from app.audio.tidying import tidy
    from app.audio.worker_process import Spawn, spawn_worker

__all__ = [
    "BREATHS",
    "FOREIGN_AUDIO",
    "TARGET_LUFS",
    "TRUE_PEAK_CEILING",
    "AudioDamaged",
    "AudioError",
    "AudioTooCostly",
    "AudioTooLong",
    "Format",
    "JobLimits",
    "Memo",
    "MemoRefused",
    "NotAudio",
    "Pcm",
    "SilentAudio",
    "Spawn",
    "WorkerFailed",
    "WorkerPool",
    "decode",
    "decode_audible",
    "encode",
    "longest",
    "loudness",
    "silent",
    "spawn_worker",
    "tidy",
]

_HOMES = {
    "WorkerPool": "pool",
    "TARGET_LUFS": "levelling",
    "TRUE_PEAK_CEILING": "levelling",
    "decode": "decoding",
    "encode": "encoding",
    "loudness": "levelling",
    "silent": "mean_level",
    "Spawn": "worker_process",
    "spawn_worker": "worker_process",
    "tidy": "tidying",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
