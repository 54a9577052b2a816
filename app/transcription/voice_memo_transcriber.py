"""VoiceMemoTranscriber: fetch, decode by what the bytes are, transcribe."""

from __future__ import annotations

import asyncio
import struct
import time
from contextlib import AsyncExitStack
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
from app.tls import tls_context
from app.transcription.byte_budget import ByteBudget
from app.transcription.client import Transcriber, TranscriptionClient
from app.transcription.errors import TranscriptionError, TranscriptionFailure
from app.transcription.local import PREFIX, LocalTranscriber
from app.transcription.media_downloader import FreshUrl, MediaDownloader, download_limit

log = structlog.get_logger()

MAX_SECONDS = 600.0
_SAMPLE_RATE = 16_000  # Hz; what speech recognisers work with
_SHORTEST = 0.1  # seconds; OpenAI refuses less

# Memory of all transcriptions together, in bytes. Files: two of the longest, or dozens of usual
# ones. WAV: two of ten minutes (19 200 000 bytes each). One is decoded at a time, which takes about
# three times its WAV: 50 + 40 + 60 MB at worst.
_FILES = 50_000_000
_WAVS = 40_000_000
_LEAST = 4_000_000  # what the shortest WAV counts as, so that ten at most are asked about at once


@dataclass(frozen=True)
class Transcription:
    """What was said in a voice memo."""

    text: str
    seconds: float
    """Length of the recording."""
    language: str | None = None
    """BCP 47, where the transcriber tells it or it was given."""


@dataclass(frozen=True)
class _Recording:
    """A voice memo as the transcription server gets it."""

    wav: bytes
    seconds: float


class VoiceMemoTranscriber:
    """Turns voice memos into text. Built once, used by many answers at the same time."""

    def __init__(
        self,
        transcriber: Transcriber | None,
        linq_base_url: str = "",
        workers: WorkerPool | None = None,
    ) -> None:
        """workers: decode the recordings; left open by `aclose`. It has its own without any."""
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            timeout=httpx.Timeout(20.0, connect=5.0),
            verify=tls_context(),
        )
        self._downloader = MediaDownloader(self._http, linq_base_url)
        self._client = transcriber
        self._workers = workers or WorkerPool()
        self._owns_workers = workers is None
        # Taken in this order, each by whoever holds the one before: nobody waits for ever.
        self._files = ByteBudget(_FILES)
        self._decoding = asyncio.Lock()
        self._wavs = ByteBudget(_WAVS)

    @classmethod
    def from_settings(cls, settings: Settings, workers: WorkerPool | None = None) -> Self:
        model = settings.transcribe_model or ""
        if not settings.transcribe_base_url and model.startswith(PREFIX):
            return cls(
                LocalTranscriber(model.removeprefix(PREFIX)), settings.linq_base_url, workers
            )
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
        """The words spoken in an audio part. Waits while others hold the memory for it.

        `fresh_url` gives a new address for an attachment id when the one of the event has
        expired; what it raises passes through. `language` (BCP 47) is a hint.

        Raises: TranscriptionError.
        """
        if self._client is None:
            raise TranscriptionError(
                TranscriptionFailure.NO_TRANSCRIBER, "MEMO_TRANSCRIBE_BASE_URL is not set"
            )
        started = time.monotonic()
        async with AsyncExitStack() as held:
            recording = await self._recording(part, fresh_url, held)
            decoded = time.monotonic()
            transcript = await self._client.transcribe(self._http, recording.wav, language)
        if not transcript.text:
            raise TranscriptionError(
                TranscriptionFailure.NOTHING_SAID, "the transcriber found no words"
            )
        log.info(
            "voice memo transcribed",
            audio_seconds=round(recording.seconds, 2),
            fetch_ms=round((decoded - started) * 1000),
            transcribe_ms=round((time.monotonic() - decoded) * 1000),
        )
        return Transcription(transcript.text, recording.seconds, transcript.language or language)

    async def aclose(self) -> None:
        await self._http.aclose()
        if self._owns_workers:
            await self._workers.aclose()

    async def _recording(
        self, part: Part, fresh_url: FreshUrl | None, held: AsyncExitStack
    ) -> _Recording:
        """Download and decode. `held` keeps the memory of the WAV reserved."""
        async with self._files.reserve(download_limit(part)):
            data = await self._downloader.fetch(part, fresh_url)
            async with self._decoding:
                recording = await _decoded(data, self._workers)
                size = max(len(recording.wav), _LEAST)
                await held.enter_async_context(self._wavs.reserve(size))
        return recording


async def _decoded(data: bytes, workers: WorkerPool) -> _Recording:
    """The recording as a WAV file, whatever its name and type claimed."""
    try:
        pcm = await workers.run(FOREIGN_AUDIO, decode_audible, data, _SAMPLE_RATE, MAX_SECONDS)
    except AudioTooLong as error:
        raise TranscriptionError(TranscriptionFailure.TOO_LARGE, str(error)) from error
    except SilentAudio as error:
        # Recognisers make up words for silence, so they are not asked about it.
        raise TranscriptionError(TranscriptionFailure.NOTHING_SAID, str(error)) from error
    except AudioError as error:
        raise TranscriptionError(TranscriptionFailure.NOT_AUDIO, str(error)) from error
    if pcm.seconds < _SHORTEST:
        raise TranscriptionError(TranscriptionFailure.NOTHING_SAID, f"{pcm.seconds:.1f} s of sound")
    return _Recording(_wav_header(pcm) + pcm.samples, pcm.seconds)


def _wav_header(pcm: Pcm) -> bytes:
    """RIFF and `fmt ` of 16-bit mono PCM (the `wave` module would hold the samples three times)."""
    length, rate, width = len(pcm.samples), pcm.sample_rate, 2
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * width, width, 8 * width)
    chunks = struct.pack("<4sI16s4sI", b"fmt ", len(form), form, b"data", length)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks) + length, b"WAVE") + chunks
