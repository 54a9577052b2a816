"""A synthesis attempt: one engine speaks a plan, for no longer than the memo may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.audio import Pcm
from app.speech.engine_runner import EngineRunner
from app.speech.errors import EngineError
from app.speech.plan import Chunk, SpeechPlan, estimate

_ESTIMATE_MARGIN = 1.25  # how far the estimate of a text's seconds may be off
_MAX_ROUNDS = 4  # times that a text too long for the memo is tried shorter


@dataclass(frozen=True)
class SynthesisAttempt:
    """What one engine made of a plan.

    `chunks` is the audio of each chunk in order, `pauses_ms` the silence behind each, and `end`
    the place in the text behind the last.
    """

    chunks: list[Pcm]
    pauses_ms: list[int]
    end: int


async def attempt_synthesis(
    runner: EngineRunner, plan: SpeechPlan, language: str, voice: str | None, max_seconds: float
) -> SynthesisAttempt:
    """As much of the beginning of `plan` as can be said in `max_seconds`, cut at a sentence.

    Segments in a language that the engine does not support are read in the voice of `language`.
    The plan is cut by estimate first, so that long texts are not spoken whole; then by what is
    measured.

    Raises: EngineError.
    """
    engine = runner.engine
    supported = SpeechPlan(
        tuple(
            segment
            if engine.supports_language(segment.language)
            else replace(segment, language=language)
            for segment in plan.segments
        )
    )
    budget = max_seconds * _ESTIMATE_MARGIN
    for _ in range(_MAX_ROUNDS):
        wanted = supported.limited(budget).chunks(engine.max_chars)
        audio = await runner.speak(wanted, voice)
        if fitting := _count_fitting(wanted, audio, max_seconds):
            spoken = wanted[:fitting]
            pauses_ms = [chunk.pause_ms for chunk in spoken]
            return SynthesisAttempt(audio[:fitting], pauses_ms, spoken[-1].end)
        expected = sum(estimate(chunk.text) for chunk in wanted)
        measured = sum(pcm.seconds for pcm in audio)
        budget = 0.9 * max_seconds * min(budget, expected) / measured
    raise EngineError("bad_response", f"no sentence fits into {max_seconds:g} s")


def _count_fitting(chunks: Sequence[Chunk], audio: Sequence[Pcm], max_seconds: float) -> int:
    """How many chunks fit into `max_seconds`, counted up to the end of a sentence."""
    fitting = 0
    total = 0.0
    for count, (chunk, pcm) in enumerate(zip(chunks, audio, strict=True), start=1):
        total += pcm.seconds
        if total > max_seconds:
            break
        total += chunk.pause_ms / 1000
        if chunk.ends_sentence:
            fitting = count
    return fitting
