"""Jobs on speech for the audio workers. What they work with is imported in the worker alone."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.audio import AudioError, Format, JobLimits, Memo, Pcm, decode_audible
from app.speech.errors import EngineError

MEMO_LIMITS = JobLimits(cpu_seconds=60.0, seconds=120.0, memory_bytes=384 * 2**20)
"""For the longest memo there can be, ten minutes; one of two minutes takes a fifth."""
_HANG_SECONDS = 20.0
"""After so long, and the length of the memo, a worker that has not made it hangs."""

_SAMPLE_RATE = 24_000  # Hz
_MAX_SPEED = 5.0  # times as fast as estimated: nobody speaks so fast, so the end is missing
_MIN_ESTIMATE_SECONDS = 2.0  # below, the estimate is too rough to judge by


@dataclass(frozen=True)
class EncodedAudio:
    """Audio as a voice service sent it: files that follow one another."""

    files: tuple[bytes, ...]


class LocalSpeech(ABC):
    """What a voice that runs in the audio worker is to say; pickled on its way there."""

    @abstractmethod
    def spoken(self) -> Pcm:
        """The audio. Raises: EngineError."""


@dataclass(frozen=True)
class Passage:
    """One chunk of a memo: its audio, the seconds it should about take, the pause behind it."""

    audio: Pcm | LocalSpeech
    expected_seconds: float
    pause_ms: int
    ends_sentence: bool


@dataclass(frozen=True)
class MadeMemo:
    """A memo of the first `count` passages; the seconds that its stages took."""

    memo: Memo
    count: int
    speak_seconds: float
    tidy_seconds: float
    encode_seconds: float


@dataclass(frozen=True)
class Overlong:
    """No sentence fits. `seconds` is what all the passages take."""

    seconds: float


def memo_limits(passages: Sequence[Passage]) -> JobLimits:
    """The limits of `make_memo`. A worker that hangs keeps a short memo waiting less long."""
    expected = sum(passage.expected_seconds for passage in passages)
    return replace(MEMO_LIMITS, seconds=min(_HANG_SECONDS + expected, MEMO_LIMITS.seconds))


def decode_speech(audio: EncodedAudio | Pcm, expected_seconds: float, max_seconds: float) -> Pcm:
    """What a voice service sent, as samples.

    Raises: EngineError when it is no whole, audible speech of about `expected_seconds`.
    """
    try:
        if isinstance(audio, EncodedAudio):
            parts = [decode_audible(file, _SAMPLE_RATE, max_seconds) for file in audio.files]
            audio = Pcm(b"".join(part.samples for part in parts), _SAMPLE_RATE)
    except AudioError as error:
        raise EngineError("bad_response", str(error)) from error
    _check_spoken(audio, expected_seconds)
    return audio


def check_speech(audio: EncodedAudio | LocalSpeech | Pcm) -> None:
    """Make or decode `audio` in this process. Raises: EngineError when there is no speech."""
    decode_speech(audio.spoken() if isinstance(audio, LocalSpeech) else audio, 0.0, 60.0)


def make_memo(
    passages: Sequence[Passage], format: Format, max_seconds: float
) -> MadeMemo | Overlong:
    """As many of `passages` as fit into `max_seconds`, up to the end of a sentence, as a memo.

    Raises: EngineError, MemoRefused, SilentAudio.
    """
    from app.audio.encoding import encode
    from app.audio.tidying import tidy

    started = time.perf_counter()
    audio = [_spoken(passage) for passage in passages]
    fitting = _count_fitting(passages, audio, max_seconds)
    if not fitting:
        return Overlong(sum(pcm.seconds for pcm in audio))
    spoken = time.perf_counter()
    pcm = tidy(audio[:fitting], [passage.pause_ms for passage in passages])
    tidied = time.perf_counter()
    memo = encode(pcm, format)
    encoded = time.perf_counter()
    return MadeMemo(memo, fitting, spoken - started, tidied - spoken, encoded - tidied)


def _spoken(passage: Passage) -> Pcm:
    if isinstance(passage.audio, Pcm):
        return passage.audio
    pcm = passage.audio.spoken()
    _check_spoken(pcm, passage.expected_seconds)
    return pcm


def _count_fitting(passages: Sequence[Passage], audio: Sequence[Pcm], max_seconds: float) -> int:
    """How many passages fit into `max_seconds`, counted up to the end of a sentence."""
    fitting = 0
    total = 0.0
    for count, (passage, pcm) in enumerate(zip(passages, audio, strict=True), start=1):
        total += pcm.seconds
        if total > max_seconds:
            break
        total += passage.pause_ms / 1000
        if passage.ends_sentence:
            fitting = count
    return fitting


def _check_spoken(pcm: Pcm, expected_seconds: float) -> None:
    from app.audio.mean_level import silent

    if silent(pcm):
        raise EngineError("bad_response", "only silence")
    if expected_seconds > _MIN_ESTIMATE_SECONDS and pcm.seconds < expected_seconds / _MAX_SPEED:
        raise EngineError(
            "bad_response",
            f"{pcm.seconds:.1f} s of audio for about {expected_seconds:.0f} s of words",
        )
