"""Why a voice memo could not be transcribed.

TranscriptionError   `kind`: what to tell the person; `retryable`: the same may work later
"""

from __future__ import annotations

from enum import StrEnum


class TranscriptionFailure(StrEnum):
    """What to tell the person, and a code for log and ledger."""

    NO_TRANSCRIBER = "no_transcriber"
    """No transcription server is set up: text is better."""
    EXPIRED = "expired"
    """Linq does not give the recording out any more: please send it again."""
    TOO_LARGE = "too_large"
    """More bytes or seconds than are transcribed."""
    NOT_AUDIO = "not_audio"
    """No audio in there, or a damaged or unknown file."""
    NOTHING_SAID = "nothing_said"
    """Silence, or no words."""
    FOREIGN_ADDRESS = "foreign_address"
    """The recording is said to lie elsewhere than at Linq: not fetched."""
    FETCH_FAILED = "fetch_failed"
    """The recording could not be downloaded."""
    TRANSCRIBER_FAILED = "transcriber_failed"
    """The transcription server did not answer, or not with a transcript."""


class TranscriptionError(Exception):
    """The memo could not be turned into text. The message holds nothing of what was said."""

    def __init__(
        self, kind: TranscriptionFailure, message: str, *, retryable: bool = False
    ) -> None:
        """retryable: whether the same may work later."""
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
