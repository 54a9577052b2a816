"""Why a voice memo could not be heard."""

from __future__ import annotations

from enum import StrEnum


class TranscriptionFailure(StrEnum):
    """What to tell the person, and a code for log and ledger."""

    NO_TRANSCRIBER = "no_transcriber"
    """Nothing is set up to hear with: text is better."""
    EXPIRED = "expired"
    """Linq does not give the recording out any more: please send it again."""
    TOO_LARGE = "too_large"
    """More bytes or seconds than are listened to."""
    NOT_AUDIO = "not_audio"
    """No sound in there, or a damaged or unknown file."""
    NOTHING_SAID = "nothing_said"
    """Silence, or no words."""
    FOREIGN_ADDRESS = "foreign_address"
    """The recording is said to lie elsewhere than at Linq: not fetched."""
    FETCH_FAILED = "fetch_failed"
    TRANSCRIBER_FAILED = "transcriber_failed"


class TranscriptionError(Exception):
    """The memo could not be turned into text. The message holds nothing of what was said.

    `retryable`: the same may work later.
    """

    def __init__(
        self, kind: TranscriptionFailure, message: str, *, retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
