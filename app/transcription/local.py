"""A transcriber on this machine: faster-whisper, with no key and no server.

An optional extra (`pip install "voicememo-bot[hearing]"`), since its runtime is large. The model
(`MEMO_TRANSCRIBE_MODEL=local:base`) is a name of faster-whisper's, fetched by it on first use, or a
folder. It runs in a thread of the service: its computing does not hold the interpreter lock.
"""

from __future__ import annotations

import asyncio
import importlib.util
import threading
import time
from typing import Any

import httpx

from app.settings import ConfigurationError
from app.transcription.client import Transcript
from app.transcription.errors import TranscriptionError, TranscriptionFailure

PREFIX = "local:"
"""What a model's name begins with that is not a server's."""

_WAV_HEADER = 44  # bytes, as `voice_memo_transcriber` writes it: 16-bit mono PCM at 16 kHz
_SECONDS = 120.0  # for one voice memo
_CHARACTERS = 20_000


class LocalTranscriber:
    """Takes the place of a `TranscriptionClient`. One memo at a time, on all cores."""

    def __init__(self, model: str, *, seconds: float = _SECONDS) -> None:
        """model: without the prefix. Raises: ConfigurationError where the extra is missing."""
        if importlib.util.find_spec("faster_whisper") is None:
            raise ConfigurationError(
                f"MEMO_TRANSCRIBE_MODEL={PREFIX}{model} needs faster-whisper: "
                'pip install "voicememo-bot[hearing]"'
            )
        self._name = model
        self._seconds = seconds
        self._lock = threading.Lock()
        self._model: Any = None

    async def transcribe(
        self, _http: httpx.AsyncClient, wav: bytes, language: str | None = None
    ) -> Transcript:
        """The words in a WAV file. language: BCP 47, a hint.

        Raises: TranscriptionError (transcriber_failed).
        """
        return await asyncio.to_thread(self._transcribe, wav, language)

    def _transcribe(self, wav: bytes, language: str | None) -> Transcript:
        import numpy

        with self._lock:
            until = time.monotonic() + self._seconds
            audio = numpy.frombuffer(wav, dtype="<i2", offset=_WAV_HEADER)
            hint = language.partition("-")[0].lower() if language else None
            try:
                # Greedy: twice as quick as a beam of five, and as good on short messages.
                segments, info = self._loaded().transcribe(
                    audio.astype("float32") / 32_768, language=hint, beam_size=1
                )
                text = ""
                for segment in segments:  # each is worked out as it is asked for
                    text += segment.text
                    if time.monotonic() > until:
                        raise TimeoutError
            except TimeoutError as error:
                raise _failed(f"no end within {self._seconds:g} s", retryable=False) from error
            except Exception as error:  # the runtime's errors have no common base
                raise _failed(type(error).__name__, retryable=True) from error
        return Transcript(text[:_CHARACTERS].strip(), str(info.language) or None)

    def _loaded(self) -> Any:
        if self._model is None:
            from faster_whisper import WhisperModel

            self._model = WhisperModel(self._name, device="cpu", compute_type="int8")
        return self._model


def _failed(message: str, *, retryable: bool) -> TranscriptionError:
    return TranscriptionError(
        TranscriptionFailure.TRANSCRIBER_FAILED,
        f"local transcriber: {message}",
        retryable=retryable,
    )
