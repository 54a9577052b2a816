"""A runner: one engine with all that keeps its troubles away from the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from app.audio import AudioError, Pcm, silent
from app.speech.breaker import Breaker
from app.speech.engines.protocol import Engine, Utterance
from app.speech.errors import EngineError
from app.speech.plan import Piece, estimate
from app.speech.together import together

log = structlog.get_logger()

_RETRIED = frozenset({"network", "timeout", "bad answer"})
_FASTEST = 5.0  # times as quick as estimated: nobody speaks so fast, so the end is missing
_TELLING = 2.0  # seconds of estimate from which on that can be judged


class EngineRunner:
    """Has `engine` speak pieces side by side, each within its deadline and tried twice."""

    def __init__(self, engine: Engine, breaker: Breaker | None = None) -> None:
        self.engine = engine
        self.breaker = breaker or Breaker()
        self._free = asyncio.Semaphore(engine.max_concurrency)

    async def speak(self, script: Sequence[Piece], voice: str | None) -> list[Pcm]:
        """The sound of every piece, in order; all of them or none.

        Raises: EngineError of the first piece that failed twice; the others are given up.
        """
        for language in {piece.language for piece in script}:
            if not self.engine.supports_language(language):
                raise EngineError("language", f"{self.engine.name} does not speak {language!r}")
        return await together(self._piece(piece, voice) for piece in script)

    async def _piece(self, piece: Piece, voice: str | None) -> Pcm:
        async with self._free:
            try:
                return await self._once(piece, voice)
            except EngineError as error:
                if error.kind not in _RETRIED:
                    raise
                log.debug("voice piece retried", engine=self.engine.name, kind=error.kind)
                return await self._once(piece, voice)

    async def _once(self, piece: Piece, voice: str | None) -> Pcm:
        try:
            async with asyncio.timeout(self.engine.deadline):
                pcm = await self.engine.speak(Utterance(piece.text, piece.language, voice))
        except TimeoutError:
            raise EngineError("timeout", f"no sound within {self.engine.deadline:g} s") from None
        except AudioError as error:
            raise EngineError("bad answer", str(error)) from error
        _audible(pcm, piece.text)
        return pcm


def _audible(pcm: Pcm, text: str) -> None:
    expected = estimate(text)
    if silent(pcm):
        raise EngineError("bad answer", "only silence")
    if expected > _TELLING and pcm.seconds < expected / _FASTEST:
        raise EngineError(
            "bad answer", f"{pcm.seconds:.1f} s of sound for about {expected:.0f} s of words"
        )
