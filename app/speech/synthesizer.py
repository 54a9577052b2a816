"""The synthesizer: text in, a checked voice memo out, by the first engine that can speak it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from app.audio import BREATHS, AudioError, Memo, WorkerPool, longest
from app.settings import Format, Settings
from app.speech.draft import SpokenDraft
from app.speech.engine_runner import EngineRunner
from app.speech.engines.factory import build
from app.speech.errors import EngineError, EngineFailure, NoVoice
from app.speech.plan import SpeechPlan, beginning
from app.speech.request import SpeechDefaults, SpeechRequest, prepare_request
from app.speech.synthesis_attempt import Timings, attempt_synthesis

log = structlog.get_logger()

WORKER_MODULES = ("app.speech.audio_jobs", "app.speech.engines.espeak")
"""What audio workers import before their first job, so that it does not wait for that."""


@dataclass(frozen=True)
class SynthesizedMemo:
    """A memo and how it was made.

    `spoken` is what it says; `rest` is what did not fit into the longest memo and should follow
    as text; `failures` are the engines that were tried before `engine`.
    """

    memo: Memo
    engine: str
    language: str
    spoken: str
    rest: str
    failures: tuple[EngineFailure, ...]
    timings: Timings


@dataclass(frozen=True)
class EngineStatus:
    """Whether an engine can be used here; `reason` says why not.

    paused_seconds: until its circuit breaker lets it try again; 0 when it may be used.
    last_failure: the kind of the failures that it has had since it spoke last.
    """

    name: str
    usable: bool
    reason: str
    paused_seconds: float = 0.0
    last_failure: str | None = None


class Synthesizer:
    """Makes voice memos of text. One for the process, used from one event loop."""

    def __init__(
        self,
        runners: Sequence[EngineRunner],
        *,
        workers: WorkerPool | None = None,
        language: str | None = None,
        format: Format = "m4a",
        max_seconds: float = 120.0,
    ) -> None:
        """The engines of `runners` are tried in their order.

        workers: left open by `aclose`; without any it has its own, started by the first memo.
        language: BCP 47; detected for each text where None.
        """
        self._runners = tuple(runners)
        self._workers = workers or WorkerPool(preload=WORKER_MODULES)
        self._owns_workers = workers is None
        self._defaults = SpeechDefaults(language, format, max_seconds)

    @classmethod
    def from_settings(cls, settings: Settings, workers: WorkerPool | None = None) -> Synthesizer:
        return cls(
            [EngineRunner(engine) for engine in build(settings)],
            workers=workers,
            language=settings.language,
            format=settings.format,
            max_seconds=settings.max_seconds,
        )

    async def prepare(
        self,
        text: str,
        *,
        language: str | None = None,
        voice: str | None = None,
        format: Format | None = None,
    ) -> SpeechRequest:
        """What is to be spoken of `text` (markdown or plain), worked out off the event loop.

        language: BCP 47, told by whoever worked out the words: it holds for all of them but those
        in another script. Else the configured one or what is detected, sentence by sentence. What
        is no tag is ignored.
        voice: only engines that support it will be tried.
        format: else the configured one.

        Raises: NothingToSay, UnknownVoice.
        """
        return await asyncio.to_thread(
            prepare_request,
            text,
            language,
            voice,
            format,
            self._defaults,
            [runner.engine for runner in self._runners],
        )

    async def synthesize(self, request: SpeechRequest) -> SynthesizedMemo:
        """A memo that says `request.text`, as much of it as fits.

        Raises: NoVoice.
        """
        max_seconds = min(self._defaults.max_seconds, longest(request.format)) - BREATHS
        plan = await asyncio.to_thread(
            SpeechPlan.in_language if request.is_language_told else SpeechPlan.of_text,
            beginning(request.text, max_seconds),
            request.language,
        )
        failures: list[EngineFailure] = []
        for runner in self._runners_for(request.voice):
            if (failure := await self._unusable(runner)) is not None:
                failures.append(failure)
                continue
            engine = runner.engine.name
            try:
                attempt = await attempt_synthesis(runner, self._workers, plan, request, max_seconds)
            except (EngineError, AudioError) as error:
                engine_error = _as_engine_error(error)
                runner.breaker.failed(engine_error)
                failures.append(EngineFailure(engine, engine_error.kind, str(error)))
                self._log_failure(failures[-1])
                continue
            except BaseException:
                runner.breaker.abandoned()
                raise
            runner.breaker.succeeded()
            return SynthesizedMemo(
                memo=attempt.memo,
                engine=engine,
                language=request.language,
                spoken=request.text[: attempt.end].strip(),
                rest=_rest(request, attempt.end),
                failures=tuple(failures),
                timings=attempt.timings,
            )
        raise NoVoice(tuple(failures))

    def draft(self) -> Callable[[str], None] | None:
        """Takes what is written so far of an answer that will be synthesized, and speaks its
        sentences ahead with the engine that comes first; None where no engine could."""
        for runner in self._runners:
            if not runner.breaker.open_seconds:
                defaults = self._defaults
                draft = SpokenDraft(runner, self._workers, defaults.language, defaults.max_seconds)
                return draft.write
        return None

    def engines(self) -> list[EngineStatus]:
        """The engines in the order they are tried, and whether each can be used here."""
        found = []
        for runner in self._runners:
            reason = runner.engine.unavailable_reason()
            found.append(
                EngineStatus(
                    runner.engine.name,
                    reason is None,
                    reason or "",
                    runner.breaker.open_seconds,
                    runner.breaker.reason,
                )
            )
        return found

    async def aclose(self) -> None:
        for runner in self._runners:
            runner.cancel()
            await runner.engine.aclose()
        if self._owns_workers:
            await self._workers.aclose()

    def _runners_for(self, voice: str | None) -> list[EngineRunner]:
        return [
            runner
            for runner in self._runners
            if voice is None or runner.engine.supports_voice(voice)
        ]

    async def _unusable(self, runner: EngineRunner) -> EngineFailure | None:
        engine = runner.engine
        if (reason := await asyncio.to_thread(engine.unavailable_reason)) is not None:
            failure = EngineFailure(engine.name, "configuration", reason)
            self._log_failure(failure)
            return failure
        if not runner.breaker.enter():
            seconds = runner.breaker.open_seconds
            return EngineFailure(
                engine.name, runner.breaker.reason or "network", f"paused for {seconds:.0f} s more"
            )
        return None

    def _log_failure(self, failure: EngineFailure) -> None:
        names = [runner.engine.name for runner in self._runners]
        following = names[names.index(failure.engine) + 1 :]
        log.warning(
            "voice engine failed",
            engine=failure.engine,
            kind=failure.kind,
            cause=failure.message,
            next_engine=following[0] if following else None,
        )


def _rest(request: SpeechRequest, end: int) -> str:
    rest = request.text[end:] + request.unread
    return rest.strip() if any(map(str.isalnum, rest)) else ""


def _as_engine_error(error: EngineError | AudioError) -> EngineError:
    return error if isinstance(error, EngineError) else EngineError("bad_response", str(error))
