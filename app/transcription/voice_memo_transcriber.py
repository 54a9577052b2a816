"""VoiceMemoTranscriber: fetch, decode by what the bytes are, transcribe."""

from __future__ import annotations

import io
import time
import wave
from dataclasses import dataclass
from typing import Self

import httpx
import structlog

from app.audio import (
    FOREIGN_AUDIO,
    AudioError,
    AudioTooLong,
    Pcm,
    SilentAudio,
    WorkerPool,
    decode_audible,
)
from app.linq.events import Part
from app.settings import Settings
from app.transcription.client import TranscriptionClient
from app.transcription.errors import TranscriptionError, TranscriptionFailure
from app.transcription.media_downloader import FreshUrl, MediaDownloader

log = structlog.get_logger()

MAX_SECONDS = 600.0
_SAMPLE_RATE = 16_000  # Hz; what speech recognisers work with
_SHORTEST = 0.1  # seconds; OpenAI refuses less


@dataclass(frozen=True)
class Transcription:
    """What was said. `seconds` is the length of the recording."""

    text: str
    seconds: float
    language: str | None = None
    """BCP 47, where the transcriber tells it or it was given."""


class VoiceMemoTranscriber:
    """Turns voice memos into text. Built once, used by many answers at the same time."""

    def __init__(
        self,
        transcriber: TranscriptionClient | None,
        linq_base_url: str = "",
        workers: WorkerPool | None = None,
    ) -> None:
        """workers: decode the recordings; left open by `aclose`. It has its own without any."""
        self._http = httpx.AsyncClient(
            follow_redirects=False, timeout=httpx.Timeout(20.0, connect=5.0)
        )
        self._downloader = MediaDownloader(self._http, linq_base_url)
        self._client = transcriber
        self._workers = workers or WorkerPool()
        self._owns_workers = workers is None

    @classmethod
    def from_settings(cls, settings: Settings, workers: WorkerPool | None = None) -> Self:
        if not settings.transcribe_base_url:
            return cls(None, settings.linq_base_url, workers)
        transcriber = TranscriptionClient(
            settings.transcribe_base_url.rstrip("/"),
            settings.transcribe_api_key.get_secret_value(),
            settings.transcribe_model or TranscriptionClient.model,
        )
        return cls(transcriber, settings.linq_base_url, workers)

    async def transcribe(
        self, part: Part, *, fresh_url: FreshUrl | None = None, language: str | None = None
    ) -> Transcription:
        """The words spoken in an audio part.

        `fresh_url` gives a new address for an attachment id when the one of the event has
        expired; what it raises passes through. `language` (BCP 47) is a hint.

        Raises: TranscriptionError.
        """
        if self._client is None:
            raise TranscriptionError(
                TranscriptionFailure.NO_TRANSCRIBER, "MEMO_TRANSCRIBE_BASE_URL is not set"
            )
        started = time.monotonic()
        data = await self._downloader.fetch(part, fresh_url)
        pcm = await _decoded(data, self._workers)
        fetched = time.monotonic()
        transcript = await self._client.transcribe(self._http, _wav(pcm), language)
        if not transcript.text:
            raise TranscriptionError(
                TranscriptionFailure.NOTHING_SAID, "the transcriber heard no words"
            )
        log.info(
            "voice memo heard",
            bytes=len(data),
            audio_seconds=round(pcm.seconds, 2),
            fetch_ms=round((fetched - started) * 1000),
            transcribe_ms=round((time.monotonic() - fetched) * 1000),
        )
        return Transcription(transcript.text, pcm.seconds, transcript.language or language)

    async def aclose(self) -> None:
        await self._http.aclose()
        if self._owns_workers:
            await self._workers.aclose()


async def _decoded(data: bytes, workers: WorkerPool) -> Pcm:
    """The recording as sound, whatever its name and type claimed."""
    try:
        pcm = await workers.run(FOREIGN_AUDIO, decode_audible, data, _SAMPLE_RATE, MAX_SECONDS)
    except AudioTooLong as error:
        raise TranscriptionError(TranscriptionFailure.TOO_LARGE, str(error)) from error
    except SilentAudio as error:
        # Recognisers hear words in silence, so they are not asked about it.
        raise TranscriptionError(TranscriptionFailure.NOTHING_SAID, str(error)) from error
    except AudioError as error:
        raise TranscriptionError(TranscriptionFailure.NOT_AUDIO, str(error)) from error
    if pcm.seconds < _SHORTEST:
        raise TranscriptionError(TranscriptionFailure.NOTHING_SAID, f"{pcm.seconds:.1f} s of sound")
    return pcm


def _wav(pcm: Pcm) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(pcm.sample_rate)
        writer.writeframes(pcm.samples)
    return file.getvalue()
