"""Voices: from words written for the eye to a recording for the ear."""

from app.voices.errors import EngineFailure, NothingToSay, NoVoice, UnknownVoice, VoiceError
from app.voices.studio import EngineStatus, Recording, Studio

__all__ = [
    "EngineFailure",
    "EngineStatus",
    "NoVoice",
    "NothingToSay",
    "Recording",
    "Studio",
    "UnknownVoice",
    "VoiceError",
]
