"""Speaks an answer that is still being written: whole sentences, while the next ones are written.

What comes of it is only audio that is there already when the answer is synthesized. An answer that
turns out otherwise, or a process that dies, loses nothing but that.
"""

from __future__ import annotations

import asyncio

import structlog

from app.audio import WorkerPool
from app.speech.engine_runner import EngineRunner
from app.speech.engines.protocol import Utterance
from app.speech.language import detect
from app.speech.plan import SpeechPlan
from app.speech.request import FALLBACK_LANGUAGE
from app.speech.sentences import spans
from app.speech.text import LONGEST_TEXT, speakable

log = structlog.get_logger()


class SpokenDraft:
    """One answer on its way. Made on the event loop that its engine is used from."""

    def __init__(
        self, runner: EngineRunner, workers: WorkerPool, language: str | None, max_seconds: float
    ) -> None:
        """language: BCP 47; detected in the words where None. max_seconds: of the longest memo."""
        self._runner = runner
        self._workers = workers
        self._language = language
        self._max_seconds = max_seconds
        self._loop = asyncio.get_running_loop()
        self._text = ""
        self._task: asyncio.Task[None] | None = None

    def write(self, text: str) -> None:
        """Take all that is written so far (markdown allowed). From any thread; returns at once."""
        self._loop.call_soon_threadsafe(self._take, text[:LONGEST_TEXT])

    def _take(self, text: str) -> None:
        self._text = text
        if self._task is None:
            self._task = asyncio.create_task(self._speak())
            self._task.add_done_callback(_forget)

    async def _speak(self) -> None:
        read = ""
        try:
            while read != self._text:
                read = self._text
                for utterance in await asyncio.to_thread(self._utterances, read):
                    self._runner.speak_ahead(utterance, self._workers)
        finally:
            self._task = None

    def _utterances(self, text: str) -> list[Utterance]:
        """The sentences of `text` that are whole: those behind which another has begun."""
        whole = text[: spans(text)[-1][0]] if text.strip() else ""
        if not whole or self._runner.engine.unavailable_reason() is not None:
            return []
        language = self._language or detect(whole, FALLBACK_LANGUAGE)
        plan = SpeechPlan.of_text(speakable(whole, language), language)
        plan = plan.readable_by(self._runner.engine.supports_language, language)
        most = self._runner.engine.max_chars
        return [
            Utterance(segment.text, segment.language)
            for segment in plan.limited(self._max_seconds).segments
            if len(segment.text) <= most
        ]


def _forget(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("sentence not spoken ahead", cause=str(error)[:200])
