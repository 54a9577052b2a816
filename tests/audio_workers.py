"""Audio workers that the tests of one process share, since starting some takes half a second."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Coroutine, Sequence
from functools import cache
from typing import Any, TypeVar

from app.audio import Pcm, WorkerPool
from app.speech.engine_runner import EngineRunner
from app.speech.engines.protocol import Engine
from app.speech.plan import Chunk
from app.speech.synthesizer import WORKER_MODULES

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, on the loop that `workers()` belong to."""
    return _runner().run(work)


@cache
def workers() -> WorkerPool:
    return WorkerPool(2, preload=WORKER_MODULES)


def spoken_by(engine: Engine, chunks: Sequence[Chunk], voice: str | None = None) -> list[Pcm]:
    """The audio of `chunks`, as a synthesizer gets it of `engine`, which is closed afterwards."""

    async def main() -> list[Pcm]:
        try:
            passages = await EngineRunner(engine).speak(chunks, voice, workers())
        finally:
            await engine.aclose()
        return [
            passage.audio if isinstance(passage.audio, Pcm) else passage.audio.spoken()
            for passage in passages
        ]

    return run(main())


@cache
def _runner() -> asyncio.Runner:
    runner = asyncio.Runner()
    atexit.register(runner.close)
    atexit.register(lambda: runner.run(workers().aclose()))
    return runner
