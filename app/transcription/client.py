"""A transcription server: anything that speaks OpenAI's `/audio/transcriptions`."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import httpx

from app.bounded_body import UnreadableBody, bounded_body
from app.retry import Backoff, retry_after_seconds
from app.transcription.errors import TranscriptionError, TranscriptionFailure

_RESPONSE_BYTES = 1_000_000
_RESPONSE_CHARACTERS = 20_000
_NAMES = MappingProxyType(
    {
        "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
        "portuguese": "pt", "dutch": "nl", "japanese": "ja", "chinese": "zh", "arabic": "ar",
        "russian": "ru", "polish": "pl", "turkish": "tr", "korean": "ko", "hindi": "hi",
        "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi", "greek": "el",
        "hebrew": "he", "ukrainian": "uk", "czech": "cs", "romanian": "ro", "hungarian": "hu",
        "thai": "th", "vietnamese": "vi", "indonesian": "id",
    }
)  # fmt: skip
_BACKOFF = Backoff(longest_asked=5.0)


@dataclass(frozen=True)
class Transcript:
    """What was said, "" if there were no words; `language` (BCP 47) if the server tells it."""

    text: str
    language: str | None = None


class Transcriber(Protocol):
    """What turns a WAV file into words: a server, or a model on this machine."""

    async def transcribe(
        self, http: httpx.AsyncClient, wav: bytes, language: str | None = None, /
    ) -> Transcript:
        """The words in a WAV file. Raises: TranscriptionError (transcriber_failed)."""


@dataclass(frozen=True)
class TranscriptionClient:
    """Where and how to ask. `base_url` includes the server's `/v1`."""

    base_url: str
    api_key: str = field(default="", repr=False)
    model: str = "whisper-1"
    seconds: float = 60.0
    """For both attempts together."""

    async def transcribe(
        self, http: httpx.AsyncClient, wav: bytes, language: str | None = None
    ) -> Transcript:
        """The words in a WAV file; asked again once when the failure may pass.

        language: BCP 47, a hint.
        Raises: TranscriptionError (transcriber_failed).
        """
        try:
            async with asyncio.timeout(self.seconds):
                try:
                    return await self._ask(http, wav, language)
                except _Again as again:
                    await asyncio.sleep(_BACKOFF.pause(1, again.asked))
                return await self._ask(http, wav, language)
        except _Again as again:
            raise _failed(str(again), retryable=True) from again
        except TimeoutError as error:
            raise _failed(f"no response in {self.seconds:g} s", retryable=True) from error

    async def _ask(self, http: httpx.AsyncClient, wav: bytes, language: str | None) -> Transcript:
        """One request. Raises: _Again; TranscriptionError when asking again cannot help."""
        form = {"model": self.model, "response_format": "json"}
        if language:
            form["language"] = language.partition("-")[0].lower()  # ISO 639-1 is what is taken
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        try:
            # As a file it is sent in small pieces; bytes would be copied whole on their way. It is
            # closed, because httpx's request and response keep each other in memory for a while.
            with io.BytesIO(wav) as file:
                async with http.stream(
                    "POST",
                    f"{self.base_url}/audio/transcriptions",
                    data=form,
                    files={"file": ("memo.wav", file, "audio/wav")},
                    headers=headers,
                    timeout=httpx.Timeout(self.seconds, connect=5.0),
                ) as response:
                    _check_status(response)
                    body = await bounded_body(response, _RESPONSE_BYTES)
        except httpx.InvalidURL as error:
            raise _failed("MEMO_TRANSCRIBE_BASE_URL is no address") from error
        except UnreadableBody as error:
            raise _failed(f"a response that cannot be read: {error}") from error
        except httpx.TransportError as error:
            raise _Again(f"no response: {type(error).__name__}") from error
        return _transcript(body)


class _Again(Exception):
    """A failure that may pass. asked: seconds that the server wants to be left alone for."""

    def __init__(self, message: str, asked: float | None = None) -> None:
        super().__init__(message)
        self.asked = asked


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (408, 409, 429) or status >= 500:
        asked = retry_after_seconds(response.headers.get("retry-after"))
        raise _Again(f"status {status}", asked)
    if status in (401, 403):
        raise _failed(f"status {status}: check MEMO_TRANSCRIBE_API_KEY")
    if status != 200:
        raise _failed(f"status {status}")
    if "html" in response.headers.get("content-type", ""):
        raise _failed("a web page instead of a transcript")


def _transcript(body: bytes) -> Transcript:
    """JSON with `text` (and `language` in two letters), or the plain text itself."""
    plain = body.decode("utf-8", "replace")
    text: Any = plain
    language: Any = None
    try:
        response = json.loads(plain)
    except (ValueError, RecursionError):
        response = plain
    if isinstance(response, dict):
        text, language = response.get("text"), response.get("language")
        if not isinstance(text, str):
            raise _failed("a response without a text")
    elif isinstance(response, str):
        text = response
    text = text[:_RESPONSE_CHARACTERS].replace("\0", "").encode("utf-8", "replace").decode()
    return Transcript(text.strip(), _tag(language))


def _tag(language: object) -> str | None:
    """The language as its tag; servers tell it in two letters or by its English name."""
    if not isinstance(language, str):
        return None
    language = language.strip().lower()
    if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", language):
        return language
    return _NAMES.get(language)


def _failed(message: str, *, retryable: bool = False) -> TranscriptionError:
    return TranscriptionError(
        TranscriptionFailure.TRANSCRIBER_FAILED, f"transcriber: {message}", retryable=retryable
    )
