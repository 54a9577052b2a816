"""Voice engines: each turns pieces of plain text into sound."""

from __future__ import annotations

from app.settings import ConfigurationError, Settings
from app.voices.engines.espeak import Espeak
from app.voices.engines.protocol import Engine


def build(settings: Settings) -> list[Engine]:
    """The engines of `MEMO_VOICES` that exist so far, in the order to try.

    Raises: ConfigurationError when there is none.
    """
    engines: list[Engine] = [Espeak() for name in settings.voices if name == "espeak"]
    if not engines:
        raise ConfigurationError("MEMO_VOICES names no engine that is built in; add espeak")
    return engines
