"""An engine whose troubles a test scripts, and a synthesizer that speaks with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app.audio import Pcm
from app.settings import Format
from app.speech.audio_jobs import EncodedAudio
from app.speech.engine_runner import EngineRunner
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import SpokenAudio, Utterance
from app.speech.errors import EngineError
from app.speech.synthesizer import SynthesizedMemo, Synthesizer
from tests.audio_workers import run, workers

T = TypeVar("T")


class Scripted:
    """An engine that speaks with espeak-ng, unless `trouble` has something against it."""

    max_chars = 60
    deadline_seconds = 5.0
    max_concurrency = 4
    settings: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        trouble: Callable[[Utterance], EngineError | EncodedAudio | Pcm | None] = lambda _: None,
        languages: frozenset[str] | None = None,
        unreadable: frozenset[str] = frozenset(),
    ) -> None:
        self._unreadable = unreadable
        self.name = name
        self.said: list[Utterance] = []
        self._trouble = trouble
        self._languages = languages

    def unavailable_reason(self) -> str | None:
        return None

    def supports_voice(self, voice: str) -> bool:
        return voice == f"{self.name}-voice"

    def supports_language(self, language: str) -> bool:
        return self._languages is None or language in self._languages

    def reads_script(self, script: str, language: str) -> bool:
        return script not in self._unreadable

    async def speak(self, utterance: Utterance) -> SpokenAudio:
        self.said.append(utterance)
        match self._trouble(utterance):
            case EngineError() as error:
                raise error
            case (EncodedAudio() | Pcm()) as sound:
                return sound
        return await Espeak().speak(Utterance(utterance.text, utterance.language))

    async def aclose(self) -> None:
        pass


def with_synthesizer(
    work: Callable[[Synthesizer], Awaitable[T]],
    *engines: Any,
    format: Format = "m4a",
    max_seconds: float = 120.0,
    language: str | None = None,
) -> T:
    async def main() -> T:
        runners = [EngineRunner(engine) for engine in engines or (Espeak(),)]
        synthesizer = Synthesizer(
            runners,
            workers=workers(),
            language=language,
            format=format,
            max_seconds=max_seconds,
        )
        try:
            return await work(synthesizer)
        finally:
            await synthesizer.aclose()

    return run(main())


async def speak(synthesizer: Synthesizer, text: str, **options: Any) -> SynthesizedMemo:
    return await synthesizer.synthesize(await synthesizer.prepare(text, **options))
