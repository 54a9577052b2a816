"""A transcription server: anything that speaks OpenAI's `/audio/transcriptions`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.transcription.errors import TranscriptionError, TranscriptionFailure
from app.transcription.media_downloader import bounded

_ANSWER_BYTES = 1_000_000
_ANSWER_CHARACTERS = 20_000
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE = 5.0  # seconds, of what a server asks for by Retry-After


@dataclass(frozen=True)
class Transcript:
    """What was said, "" if no words were heard; `language` (BCP 47) if the server tells it."""

    text: str
    language: str | None = None


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

        Raises: TranscriptionError (transcriber_failed).
        """
        try:
            async with asyncio.timeout(self.seconds):
                try:
                    return await self._ask(http, wav, language)
                except _Again as again:
                    await asyncio.sleep(again.after_seconds)
                return await self._ask(http, wav, language)
        except _Again as again:
            raise _failed(str(again), retryable=True) from again
        except TimeoutError as error:
            raise _failed(f"no answer in {self.seconds:g} s", retryable=True) from error

    async def _ask(self, http: httpx.AsyncClient, wav: bytes, language: str | None) -> Transcript:
        """One request. Raises: _Again; TranscriptionError when asking again cannot help."""
        form = {"model": self.model, "response_format": "json"}
        if language:
            form["language"] = language.partition("-")[0].lower()  # ISO 639-1 is what is taken
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        try:
            async with http.stream(
                "POST",
                f"{self.base_url}/audio/transcriptions",
                data=form,
                files={"file": ("memo.wav", wav, "audio/wav")},
                headers=headers,
                timeout=httpx.Timeout(self.seconds, connect=5.0),
            ) as response:
                _check_status(response)
                body = await bounded(response, _ANSWER_BYTES)
        except httpx.InvalidURL as error:
            raise _failed("MEMO_TRANSCRIBE_BASE_URL is no address") from error
        except httpx.TransportError as error:
            raise _Again(f"no answer: {type(error).__name__}") from error
        if body is None:
            raise _failed(f"an answer of more than {_ANSWER_BYTES} bytes")
        return _transcript(body)


class _Again(Exception):
    """A failure that may pass."""

    def __init__(self, message: str, after_seconds: float = _PAUSE_SECONDS) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (408, 409, 429) or status >= 500:
        asked = response.headers.get("retry-after", "")
        pause = float(asked[:9]) if asked.isascii() and asked.isdigit() else _PAUSE_SECONDS
        raise _Again(f"status {status}", min(pause, _LONGEST_PAUSE))
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
        answer = json.loads(plain)
    except (ValueError, RecursionError):
        answer = plain
    if isinstance(answer, dict):
        text, language = answer.get("text"), answer.get("language")
        if not isinstance(text, str):
            raise _failed("an answer without a text")
    elif isinstance(answer, str):
        text = answer
    text = text[:_ANSWER_CHARACTERS].replace("\0", "").encode("utf-8", "replace").decode()
    known = isinstance(language, str) and len(language) == 2
    return Transcript(text.strip(), language if known else None)


def _failed(message: str, *, retryable: bool = False) -> TranscriptionError:
    return TranscriptionError(
        TranscriptionFailure.TRANSCRIBER_FAILED, f"transcriber: {message}", retryable=retryable
    )
