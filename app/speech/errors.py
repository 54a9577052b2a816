"""What can go wrong on the way from words to sound.

VoiceError
├── NothingToSay     no words are left once markup, links and emoji are gone
├── UnknownVoice     no engine knows the voice that was asked for
├── NoVoice          every engine failed; carries how each of them did
└── EngineError      one engine failed on one piece; carries the kind of failure
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "quota",  # 429, 402: asked too much of it
    "key",  # 401, 403: not let in
    "network",  # not reached, connection lost, 5xx
    "timeout",  # did not answer in time
    "bad answer",  # answered, but not with whole, audible sound
    "nothing to say",  # finds no words in the piece
    "language",  # does not speak it
    "setup",  # not usable as it is installed or configured
]


@dataclass(frozen=True)
class EngineFailure:
    """How an engine failed an answer."""

    engine: str
    kind: Kind
    message: str

    def __str__(self) -> str:
        return f"{self.engine}: {self.kind} ({self.message})"


class VoiceError(Exception):
    """The answer cannot be spoken."""


class NothingToSay(VoiceError):
    """Nothing speakable is left of the text; send it as text."""


class NoVoice(VoiceError):
    """Every engine failed; send the answer as text."""

    def __init__(self, failures: tuple[EngineFailure, ...]) -> None:
        super().__init__("no engine could speak: " + "; ".join(map(str, failures)))
        self.failures = failures


class UnknownVoice(VoiceError):
    """No engine that is set knows this voice; `voicememo voices` lists the engines."""

    def __init__(self, voice: str) -> None:
        super().__init__(f"no engine of MEMO_VOICES knows the voice {voice!r}")
        self.voice = voice


class EngineError(VoiceError):
    """An engine could not speak a piece."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind: Kind = kind
