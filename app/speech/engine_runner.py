"""The runner of one engine: concurrency, deadlines, retries, and the check of what it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from app.audio import FOREIGN_AUDIO, AudioError, WorkerPool
from app.audio.pcm import Pcm
from app.speech.audio_jobs import LocalSpeech, Passage, decode_speech
from app.speech.circuit_breaker import CircuitBreaker
from app.speech.concurrency import gather_or_cancel
from app.speech.engines.protocol import Engine, SpokenAudio, Utterance
from app.speech.errors import EngineError
from app.speech.plan import Chunk, estimate
from app.speech.writing_systems import writing_system

log = structlog.get_logger()

_RETRIED = frozenset({"network", "timeout", "bad_response"})
AHEAD_SECONDS = 60.0
"""How long what was spoken ahead waits to be asked for."""
MAX_AHEAD = 64
_MAX_CHUNK_SECONDS = 600.0  # of audio for one request


class EngineRunner:
    """Speaks chunks with `engine`, several at once, each within its deadline and tried twice."""

    def __init__(self, engine: Engine, breaker: CircuitBreaker | None = None) -> None:
        self.engine = engine
        self.breaker = breaker or CircuitBreaker()
        self._slots = asyncio.Semaphore(engine.max_concurrency)
        self._ahead: dict[Utterance, asyncio.Task[Pcm | LocalSpeech]] = {}

    def speak_ahead(self, utterance: Utterance, workers: WorkerPool) -> None:
        """Begin to speak what will probably be asked for, and keep it for AHEAD_SECONDS."""
        if utterance in self._ahead or len(self._ahead) >= MAX_AHEAD:
            return
        task = asyncio.create_task(self._spoken(utterance, workers))
        self._ahead[utterance] = task
        # Nobody may ever ask for it, nor hear that it failed.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        asyncio.get_running_loop().call_later(AHEAD_SECONDS, self._drop, utterance, task)

    def is_ahead(self, utterance: Utterance) -> bool:
        """Whether an utterance was begun by `speak_ahead`, and for good."""
        task = self._ahead.get(utterance)
        if task is None or not task.done():
            return task is not None
        # What a worker is to speak anyway is better spoken together with its neighbours.
        return not (task.cancelled() or task.exception() or isinstance(task.result(), LocalSpeech))

    def _drop(self, utterance: Utterance, task: asyncio.Task[Pcm | LocalSpeech]) -> None:
        if self._ahead.get(utterance) is task:
            del self._ahead[utterance]
        task.cancel()

    def cancel(self) -> None:
        """Give up what was begun ahead."""
        for utterance, task in list(self._ahead.items()):
            self._drop(utterance, task)

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
        utterance = Utterance(chunk.text, chunk.language, voice)
        audio = await self._from_ahead(utterance) or await self._spoken(utterance, workers)
        return Passage(audio, estimate(chunk.text), chunk.pause_ms, chunk.ends_sentence)

    async def _from_ahead(self, utterance: Utterance) -> Pcm | LocalSpeech | None:
        """What was spoken ahead; None where nothing was, or where that failed."""
        task = self._ahead.get(utterance)
        if task is None:
            return None
        await asyncio.wait({task})
        return None if task.cancelled() or task.exception() else task.result()

    async def _spoken(self, utterance: Utterance, workers: WorkerPool) -> Pcm | LocalSpeech:
        async with self._slots:
            try:
                return await self._speak_once(utterance, workers)
            except EngineError as error:
                if error.kind not in _RETRIED:
                    raise
                log.debug("speech chunk retried", engine=self.engine.name, kind=error.kind)
                return await self._speak_once(utterance, workers)

    async def _speak_once(self, utterance: Utterance, workers: WorkerPool) -> Pcm | LocalSpeech:
        audio = await self._within_deadline(utterance)
        if isinstance(audio, LocalSpeech):
            return audio
        try:
            return await workers.run(
                FOREIGN_AUDIO, decode_speech, audio, estimate(utterance.text), _MAX_CHUNK_SECONDS
            )
        except AudioError as error:
            raise EngineError("bad_response", str(error)) from error

    async def _within_deadline(self, utterance: Utterance) -> SpokenAudio:
        limit = self.engine.deadline_seconds
        try:
            async with asyncio.timeout(limit):
                return await self.engine.speak(utterance)
        except TimeoutError:
            raise EngineError("timeout", f"no audio within {limit:g} s") from None
