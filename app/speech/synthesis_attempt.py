"""A synthesis attempt: one engine speaks a plan, for no longer than the memo may be."""

from __future__ import annotations

import time
from dataclasses import dataclass

from app.audio import Memo, WorkerPool
from app.speech.audio_jobs import MadeMemo, make_memo, memo_limits
from app.speech.engine_runner import EngineRunner
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.plan import SpeechPlan, estimate
from app.speech.request import SpeechRequest

_ESTIMATE_MARGIN = 1.25  # how far the estimate of a text's seconds may be off
_MAX_ROUNDS = 4  # times that a text too long for the memo is tried shorter


@dataclass(frozen=True)
class Timings:
    """Seconds spent on each stage of a synthesis."""

    speak: float
    tidy: float
    encode: float


@dataclass(frozen=True)
class SynthesisAttempt:
    """What one engine made of a plan. `end` is the place in the text behind what `memo` says."""

    memo: Memo
    end: int
    timings: Timings


async def attempt_synthesis(
    runner: EngineRunner,
    workers: WorkerPool,
    plan: SpeechPlan,
    request: SpeechRequest,
    max_seconds: float,
) -> SynthesisAttempt:
    """As much of the beginning of `plan` as can be said in `max_seconds`, cut at a sentence.

    Segments in a language that the engine does not support are read in that of `request`. The
    plan is cut by estimate first, so that long texts are not spoken whole; then by what is
    measured.

    Raises: EngineError, AudioError.
    """
    engine = runner.engine
    supported = plan.readable_by(engine.supports_language, request.language)
    budget = max_seconds * _ESTIMATE_MARGIN
    for _ in range(_MAX_ROUNDS):
        wanted = supported.limited(budget).chunks(
            engine.max_chars,
            alone=lambda segment: runner.is_ahead(
                Utterance(segment.text, segment.language, request.voice)
            ),
        )
        started = time.perf_counter()
        passages = await runner.speak(wanted, request.voice, workers)
        fetched = time.perf_counter() - started
        limits = memo_limits(passages)
        made = await workers.run(limits, make_memo, passages, request.format, max_seconds)
        if isinstance(made, MadeMemo):
            timings = Timings(fetched + made.speak_seconds, made.tidy_seconds, made.encode_seconds)
            return SynthesisAttempt(made.memo, wanted[made.count - 1].end, timings)
        expected = sum(estimate(chunk.text) for chunk in wanted)
        budget = 0.9 * max_seconds * min(budget, expected) / made.seconds
    raise EngineError("bad_response", f"no sentence fits into {max_seconds:g} s")
