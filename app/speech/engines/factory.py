"""The engines of `MEMO_VOICES`."""

from __future__ import annotations

from collections.abc import Callable

from app.settings import Settings
from app.speech.engines.command import Command
from app.speech.engines.elevenlabs import ElevenLabs
from app.speech.engines.espeak import Espeak
from app.speech.engines.gtts import GoogleTranslate
from app.speech.engines.openai import OpenAISpeech
from app.speech.engines.piper import Piper
from app.speech.engines.protocol import Engine


def build(settings: Settings) -> list[Engine]:
    """The engines of `MEMO_VOICES`, in the order to try. None of them is called yet."""
    return [_BUILDERS[name](settings) for name in settings.voices]


def _openai(settings: Settings) -> Engine:
    return OpenAISpeech(
        base_url=settings.speech_base_url,
        api_key=settings.speech_api_key.get_secret_value(),
        model=settings.speech_model,
        voice=settings.speech_voice,
        speed=settings.speech_speed,
        instructions=settings.speech_instructions,
    )


def _elevenlabs(settings: Settings) -> Engine:
    return ElevenLabs(
        base_url=settings.elevenlabs_base_url,
        api_key=settings.elevenlabs_api_key.get_secret_value(),
        voice=settings.elevenlabs_voice,
        model=settings.elevenlabs_model,
        speed=settings.speech_speed,
        stability=settings.elevenlabs_stability,
    )


_BUILDERS: dict[str, Callable[[Settings], Engine]] = {
    "gtts": lambda _: GoogleTranslate(),
    "espeak": lambda settings: Espeak(speed=settings.speech_speed),
    "openai": _openai,
    "elevenlabs": _elevenlabs,
    "piper": lambda settings: Piper(settings.piper_voice, speed=settings.speech_speed),
    "command": lambda settings: Command(settings.voice_command),
}
