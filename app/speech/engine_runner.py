"""The runner of one engine: concurrency, deadlines, retries, and the check of what it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from app.audio import AudioError, Pcm, silent
from app.speech.circuit_breaker import CircuitBreaker
from app.speech.concurrency import gather_or_cancel
from app.speech.engines.protocol import Engine, Utterance
from app.speech.errors import EngineError
from app.speech.plan import Chunk, estimate

log = structlog.get_logger()

_RETRIED = frozenset({"network", "timeout", "bad_response"})
_MAX_SPEED = 5.0  # times as fast as estimated: nobody speaks so fast, so the end is missing
_MIN_ESTIMATE_SECONDS = 2.0  # below, the estimate is too rough to judge by


class EngineRunner:
    """Speaks chunks with `engine`, several at once, each within its deadline and tried twice."""

    def __init__(self, engine: Engine, breaker: CircuitBreaker | None = None) -> None:
        self.engine = engine
        self.breaker = breaker or CircuitBreaker()
        self._slots = asyncio.Semaphore(engine.max_concurrency)

    async def speak(self, chunks: Sequence[Chunk], voice: str | None) -> list[Pcm]:
        """The audio of every chunk, in order; all of them or none.

        Raises: EngineError of the first chunk that failed twice; the others are cancelled.
        """
        for language in {chunk.language for chunk in chunks}:
            if not self.engine.supports_language(language):
                raise EngineError(
                    "unsupported_language", f"{self.engine.name} does not speak {language!r}"
                )
        return await gather_or_cancel(self._speak_chunk(chunk, voice) for chunk in chunks)

    async def _speak_chunk(self, chunk: Chunk, voice: str | None) -> Pcm:
        async with self._slots:
            try:
                return await self._speak_once(chunk, voice)
            except EngineError as error:
                if error.kind not in _RETRIED:
                    raise
                log.debug("speech chunk retried", engine=self.engine.name, kind=error.kind)
                return await self._speak_once(chunk, voice)

    async def _speak_once(self, chunk: Chunk, voice: str | None) -> Pcm:
        limit = self.engine.deadline_seconds
        try:
            async with asyncio.timeout(limit):
                pcm = await self.engine.speak(Utterance(chunk.text, chunk.language, voice))
        except TimeoutError:
            raise EngineError("timeout", f"no audio within {limit:g} s") from None
        except AudioError as error:
            raise EngineError("bad_response", str(error)) from error
        _check_audible(pcm, chunk.text)
        return pcm


def _check_audible(pcm: Pcm, text: str) -> None:
    expected = estimate(text)
    if silent(pcm):
        raise EngineError("bad_response", "only silence")
    if expected > _MIN_ESTIMATE_SECONDS and pcm.seconds < expected / _MAX_SPEED:
        raise EngineError(
            "bad_response", f"{pcm.seconds:.1f} s of audio for about {expected:.0f} s of words"
        )
