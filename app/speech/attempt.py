"""A take: one engine's attempt at an answer, no longer than the memo may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.audio import Pcm
from app.speech.engine_runner import EngineRunner
from app.speech.errors import EngineError
from app.speech.plan import Line, Piece, estimate, opening, pieces

_MARGIN = 1.25  # how far the estimate of a text's seconds may be off
_ATTEMPTS = 4  # times that a text too long for the memo is tried shorter


@dataclass(frozen=True)
class SynthesisAttempt:
    """The sound of each piece in order, the silence behind it, and where in the text it ends."""

    sound: list[Pcm]
    pauses_ms: list[int]
    end: int


async def attempt_synthesis(
    runner: EngineRunner, script: Sequence[Line], language: str, voice: str | None, seconds: float
) -> SynthesisAttempt:
    """As much of the beginning of `script` as can be said in `seconds`, cut at a sentence.

    Lines in a language that the engine has no voice for are read in the voice of `language`.
    First by estimate, so that long texts are not spoken whole; then by what is measured.

    Raises: EngineError.
    """
    engine = runner.engine
    spoken = [
        line if engine.supports_language(line.language) else replace(line, language=language)
        for line in script
    ]
    budget = seconds * _MARGIN
    for _ in range(_ATTEMPTS):
        wanted = pieces(opening(spoken, budget), engine.max_chars)
        sound = await runner.speak(wanted, voice)
        if fitting := _fitting(wanted, sound, seconds):
            said = wanted[:fitting]
            return SynthesisAttempt(
                sound[:fitting], [piece.pause_ms for piece in said], said[-1].end
            )
        expected = sum(estimate(piece.text) for piece in wanted)
        measured = sum(pcm.seconds for pcm in sound)
        budget = 0.9 * seconds * min(budget, expected) / measured
    raise EngineError("bad answer", f"does not get a sentence said in {seconds:g} s")


def _fitting(said: Sequence[Piece], sound: Sequence[Pcm], seconds: float) -> int:
    """How many pieces fit into `seconds`, counted up to the end of a sentence."""
    fitting = 0
    total = 0.0
    for index, (piece, pcm) in enumerate(zip(said, sound, strict=True), start=1):
        total += pcm.seconds
        if total > seconds:
            break
        total += piece.pause_ms / 1000
        if piece.whole:
            fitting = index
    return fitting
