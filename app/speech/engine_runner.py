"""The runner of one engine: concurrency, deadlines, retries, and the check of what it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from app.audio import FOREIGN_AUDIO, AudioError, WorkerPool
from app.speech.audio_jobs import LocalSpeech, Passage, decode_speech
from app.speech.circuit_breaker import CircuitBreaker
from app.speech.concurrency import gather_or_cancel
from app.speech.engines.protocol import Engine, SpokenAudio, Utterance
from app.speech.errors import EngineError
from app.speech.plan import Chunk, estimate
from app.speech.writing_systems import writing_system

log = structlog.get_logger()

_RETRIED = frozenset({"network", "timeout", "bad_response"})
_MAX_CHUNK_SECONDS = 600.0  # of audio for one request


class EngineRunner:
    """Speaks chunks with `engine`, several at once, each within its deadline and tried twice."""

    def __init__(self, engine: Engine, breaker: CircuitBreaker | None = None) -> None:
        self.engine = engine
        self.breaker = breaker or CircuitBreaker()
        self._slots = asyncio.Semaphore(engine.max_concurrency)

    async def speak(
        self, chunks: Sequence[Chunk], voice: str | None, workers: WorkerPool
    ) -> list[Passage]:
        """A passage for every chunk, in order; all of them or none. `workers` decode the audio.

        Raises: EngineError of the first chunk that failed twice; the others are cancelled.
        """
        for language in {chunk.language for chunk in chunks}:
            if not self.engine.supports_language(language):
                raise EngineError(
                    "unsupported_language", f"{self.engine.name} does not speak {language!r}"
                )
        if found := self._unreadable(chunks):
            raise EngineError("unreadable_script", f"{self.engine.name} cannot read {found}")
        return await gather_or_cancel(self._passage(chunk, voice, workers) for chunk in chunks)

    def _unreadable(self, chunks: Sequence[Chunk]) -> str:
        """What the engine would read as nonsense: `han in ja`; "" when it can read everything."""
        scripts = {
            (script, chunk.language)
            for chunk in chunks
            for script in set(map(writing_system, set(chunk.text))) - {""}
        }
        for script, language in sorted(scripts):
            if not self.engine.reads_script(script, language):
                return f"{script} in {language}"
        return ""

    async def _passage(self, chunk: Chunk, voice: str | None, workers: WorkerPool) -> Passage:
        async with self._slots:
            try:
                return await self._speak_once(chunk, voice, workers)
            except EngineError as error:
                if error.kind not in _RETRIED:
                    raise
                log.debug("speech chunk retried", engine=self.engine.name, kind=error.kind)
                return await self._speak_once(chunk, voice, workers)

    async def _speak_once(self, chunk: Chunk, voice: str | None, workers: WorkerPool) -> Passage:
        audio = await self._within_deadline(Utterance(chunk.text, chunk.language, voice))
        expected = estimate(chunk.text)
        if not isinstance(audio, LocalSpeech):
            try:
                audio = await workers.run(
                    FOREIGN_AUDIO, decode_speech, audio, expected, _MAX_CHUNK_SECONDS
                )
            except AudioError as error:
                raise EngineError("bad_response", str(error)) from error
        return Passage(audio, expected, chunk.pause_ms, chunk.ends_sentence)

    async def _within_deadline(self, utterance: Utterance) -> SpokenAudio:
        limit = self.engine.deadline_seconds
        try:
            async with asyncio.timeout(limit):
                return await self.engine.speak(utterance)
        except TimeoutError:
            raise EngineError("timeout", f"no audio within {limit:g} s") from None
