"""The voice engines one by one: whether each is named, set up, and really speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from app.audio import AudioError
from app.settings import ENGINES, Settings
from app.speech.audio_jobs import check_speech
from app.speech.engines.factory import build
from app.speech.engines.protocol import Engine, Utterance
from app.speech.errors import EngineError

_WORD = Utterance("Hello", "en")


@dataclass(frozen=True)
class EngineState:
    """One engine. `place` in MEMO_VOICES counts from 1, None if it is not named there.

    `reason` says why it is not usable.
    """

    name: str
    place: int | None
    usable: bool
    reason: str


async def engine_states(settings: Settings, *, speak: Collection[str] = ()) -> list[EngineState]:
    """All engines there are: those of MEMO_VOICES in their order, then the others.

    speak: names of engines that speak a word, for which they may ask a service; of the rest only
    the set-up is looked at.
    Raises: ConfigurationError when one would send its key in the clear.
    """
    if speak:
        settings.require_encrypted_keys()
    others = tuple(name for name in ENGINES if name not in settings.voices)
    engines = build(settings.model_copy(update={"voices": settings.voices + others}))
    try:
        return await asyncio.gather(
            *(_state(engine, settings, speak=engine.name in speak) for engine in engines)
        )
    finally:
        for engine in engines:
            await engine.aclose()


async def _state(engine: Engine, settings: Settings, *, speak: bool) -> EngineState:
    reason = await asyncio.to_thread(engine.unavailable_reason)
    if reason is None and speak:
        reason = await _failure(engine)
    named = engine.name in settings.voices
    place = settings.voices.index(engine.name) + 1 if named else None
    return EngineState(engine.name, place, reason is None, reason or "")


async def _failure(engine: Engine) -> str | None:
    """Why an engine does not speak; None when it does."""
    try:
        async with asyncio.timeout(engine.deadline_seconds):
            await asyncio.to_thread(check_speech, await engine.speak(_WORD))
    except TimeoutError:
        return f"no answer within {engine.deadline_seconds:g} s"
    except (EngineError, AudioError) as error:
        return str(error)
    return None
