"""Voices: from words written for the eye to a recording for the ear."""

from app.speech.errors import EngineFailure, NothingToSay, NoVoice, UnknownVoice, VoiceError
from app.speech.synthesizer import EngineStatus, Recording, Synthesizer

__all__ = [
    "EngineFailure",
    "EngineStatus",
    "NoVoice",
    "NothingToSay",
    "Recording",
    "Synthesizer",
    "UnknownVoice",
    "VoiceError",
]
