"""The synthesizer: words in, a checked voice memo out, by whichever engine can."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from app.audio import BREATHS, AudioError, Memo, encode, longest, tidy
from app.settings import Format, Settings
from app.speech.attempt import attempt_synthesis
from app.speech.engine_runner import EngineRunner
from app.speech.engines import build
from app.speech.errors import EngineError, EngineFailure, NothingToSay, NoVoice, UnknownVoice
from app.speech.language import detect
from app.speech.plan import beginning, lines
from app.speech.text import speakable

log = structlog.get_logger()
T = TypeVar("T")

DEFAULT_LANGUAGE = "en"
_TAG = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")  # BCP 47, as far as engines see it
SOUND = "1"  # raised whenever a change makes the same words sound different


@dataclass(frozen=True)
class Timings:
    """Seconds spent on each stage of a recording."""

    speak: float
    tidy: float
    encode: float


@dataclass(frozen=True)
class Recording:
    """A memo and how it came about.

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
    """Whether an engine can be used here; `reason` says why not."""

    name: str
    usable: bool
    reason: str


class Synthesizer:
    """Records answers. One for the process, used from one event loop."""

    def __init__(
        self,
        runners: Sequence[EngineRunner],
        *,
        language: str | None = None,
        format: Format = "m4a",
        max_seconds: float = 120.0,
    ) -> None:
        self._runners = tuple(runners)
        self._language = language
        self._format: Format = format
        self._max_seconds = max_seconds
        self._hands = ThreadPoolExecutor(max_workers=2, thread_name_prefix="synthesizer")

    @classmethod
    def from_settings(cls, settings: Settings) -> Synthesizer:
        return cls(
            [EngineRunner(engine) for engine in build(settings)],
            language=settings.language,
            format=settings.format,
            max_seconds=settings.max_seconds,
        )

    async def record(
        self,
        text: str,
        *,
        language: str | None = None,
        voice: str | None = None,
        format: Format | None = None,
    ) -> Recording:
        """A memo that says `text` (markdown is welcome).

        `language` is a BCP 47 tag, told or else set or else detected. With `voice` only engines
        that know it are tried. `format` is one of Linq's.

        Raises: NothingToSay, UnknownVoice, NoVoice.
        """
        spoken_in, spoken = await asyncio.to_thread(self._spoken, text, language)
        chosen = format or self._format
        seconds = min(self._max_seconds, longest(chosen)) - BREATHS
        script = await asyncio.to_thread(lines, beginning(spoken, seconds), spoken_in)
        if not script:
            raise NothingToSay("nothing speakable is left of the text")
        failures: list[EngineFailure] = []
        for runner in self._knowing(voice):
            engine = runner.engine.name
            if (problem := await self._closed(runner)) is not None:
                failures.append(problem)
                continue
            try:
                started = time.perf_counter()
                take = await attempt_synthesis(runner, script, spoken_in, voice, seconds)
                taken = time.perf_counter()
                sound = await self._work(tidy, take.sound, take.pauses_ms)
                tidied = time.perf_counter()
                memo = await self._work(encode, sound, chosen)
                encoded = time.perf_counter()
            except (EngineError, AudioError) as error:
                failure = _failure(engine, error)
                runner.breaker.failed(failure.kind)
                failures.append(failure)
                self._report(failure)
                continue
            except BaseException:
                runner.breaker.abandoned()
                raise
            runner.breaker.succeeded()
            return Recording(
                memo=memo,
                engine=engine,
                language=spoken_in,
                spoken=spoken[: take.end].strip(),
                rest=_worth_saying(spoken[take.end :]),
                failures=tuple(failures),
                timings=Timings(taken - started, tidied - taken, encoded - tidied),
            )
        raise NoVoice(tuple(failures))

    def clip_key(
        self,
        text: str,
        *,
        language: str | None = None,
        voice: str | None = None,
        format: Format | None = None,
    ) -> str:
        """A name for everything that decides how the recording sounds; stable across processes."""
        spoken_in, spoken = self._spoken(text, language)
        engines = [(runner.engine.name, *runner.engine.settings) for runner in self._runners]
        parts = (SOUND, spoken, spoken_in, voice, format or self._format, self._max_seconds)
        return hashlib.sha256(repr((parts, engines)).encode()).hexdigest()

    def engines(self) -> list[EngineStatus]:
        """The engines in the order they are tried, and whether each can be used here."""
        found = []
        for runner in self._runners:
            problem = runner.engine.unavailable_reason()
            found.append(EngineStatus(runner.engine.name, problem is None, problem or ""))
        return found

    async def aclose(self) -> None:
        for runner in self._runners:
            await runner.engine.aclose()
        self._hands.shutdown(wait=False, cancel_futures=True)

    def _spoken(self, text: str, told: str | None) -> tuple[str, str]:
        if told and not _TAG.fullmatch(told):
            log.warning("language is no tag", language=told[:40])
            told = None
        language = told or self._language or detect(text, DEFAULT_LANGUAGE)
        return language, speakable(text, language)

    def _knowing(self, voice: str | None) -> list[EngineRunner]:
        if voice is None:
            return list(self._runners)
        knowing = [runner for runner in self._runners if runner.engine.supports_voice(voice)]
        if not knowing:
            raise UnknownVoice(voice)
        return knowing

    async def _closed(self, runner: EngineRunner) -> EngineFailure | None:
        engine = runner.engine
        if (problem := await asyncio.to_thread(engine.unavailable_reason)) is not None:
            failure = EngineFailure(engine.name, "setup", problem)
            self._report(failure)
            return failure
        if not runner.breaker.enter():
            reason = runner.breaker.reason or "network"
            return EngineFailure(
                engine.name, reason, f"left alone for {runner.breaker.open_for:.0f} s more"
            )
        return None

    def _report(self, failure: EngineFailure) -> None:
        names = [runner.engine.name for runner in self._runners]
        after = names[names.index(failure.engine) + 1 :]
        log.warning(
            "voice engine failed",
            engine=failure.engine,
            kind=failure.kind,
            cause=failure.message,
            next_engine=after[0] if after else None,
        )

    async def _work(self, job: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._hands, job, *arguments)


def _worth_saying(rest: str) -> str:
    return rest.strip() if any(map(str.isalnum, rest)) else ""


def _failure(engine: str, error: EngineError | AudioError) -> EngineFailure:
    kind = error.kind if isinstance(error, EngineError) else "bad answer"
    return EngineFailure(engine, kind, str(error))
