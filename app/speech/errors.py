"""What can go wrong between text and voice memo.

VoiceError
├── NothingToSay     no words are left once markup, links and emoji are gone
├── UnknownVoice     no engine supports the requested voice
├── NoVoice          every engine failed; carries the failure of each
└── EngineError      one engine failed; carries the kind of failure
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FailureKind = Literal[
    "quota",  # 429, 402: rate limit reached or credit used up
    "unauthorized",  # 401, 403
    "network",  # not reached, connection lost, 5xx
    "timeout",  # no result before the deadline
    "bad_response",  # a result, but not whole, audible speech
    "no_words",  # the engine finds no words in the text
    "unsupported_language",
    "unreadable_script",  # letters that the engine has no reading for
    "configuration",  # not usable as it is installed or configured
]


@dataclass(frozen=True)
class EngineFailure:
    """How an engine failed a memo. The message holds nothing of the text."""

    engine: str
    kind: FailureKind
    message: str

    def __str__(self) -> str:
        return f"{self.engine}: {self.kind} ({self.message})"


class VoiceError(Exception):
    """The text cannot be spoken."""


class NothingToSay(VoiceError):
    """Nothing speakable is left of the text; send it as text."""


class NoVoice(VoiceError):
    """Every engine failed; send the answer as text."""

    def __init__(self, failures: tuple[EngineFailure, ...]) -> None:
        super().__init__("no engine could speak: " + "; ".join(map(str, failures)))
        self.failures = failures


class UnknownVoice(VoiceError):
    """No configured engine supports this voice; `voicememo voices` lists the engines."""

    def __init__(self, voice: str) -> None:
        super().__init__(f"no engine of MEMO_VOICES knows the voice {voice!r}")
        self.voice = voice


class EngineError(VoiceError):
    """An engine could not speak.

    `retry_after_seconds` is the pause that the service asked for, if it did.
    """

    def __init__(
        self, kind: FailureKind, message: str, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.retry_after_seconds = retry_after_seconds

    def __reduce__(self) -> tuple[type[EngineError], tuple[FailureKind, str]]:
        return EngineError, (self.kind, str(self))  # as it comes back from an audio worker
