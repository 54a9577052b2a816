"""A transcription server: anything that speaks OpenAI's `/audio/transcriptions`."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.bounded_body import UnreadableBody, bounded_body
from app.retry import Backoff, retry_after_seconds
from app.transcription.errors import TranscriptionError, TranscriptionFailure

_ANSWER_BYTES = 1_000_000
_ANSWER_CHARACTERS = 20_000
_BACKOFF = Backoff(longest_asked=5.0)


@dataclass(frozen=True)
class Transcript:
    """What was said, "" if there were no words; `language` (BCP 47) if the server tells it."""

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
            raise _failed(f"no answer in {self.seconds:g} s", retryable=True) from error

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
                    body = await bounded_body(response, _ANSWER_BYTES)
        except httpx.InvalidURL as error:
            raise _failed("MEMO_TRANSCRIBE_BASE_URL is no address") from error
        except UnreadableBody as error:
            raise _failed(f"an answer that cannot be read: {error}") from error
        except httpx.TransportError as error:
            raise _Again(f"no answer: {type(error).__name__}") from error
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
