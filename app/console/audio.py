"""Plays memos through the bot: fetched from Linq with a fresh address, given out as audio only."""

from __future__ import annotations

import asyncio
import re

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import Response

from app.console.pages import HEADERS
from app.console.sessions import Session
from app.linq.client import LinqClient
from app.linq.errors import LinqError, Refused
from app.linq.events import Part
from app.linq.ids import is_id
from app.store import chat_log, published
from app.store.database import Database, DatabaseUnavailable
from app.tls import tls_context
from app.transcription.errors import TranscriptionError
from app.transcription.media_downloader import MediaDownloader
from app.web.published_media import ranged

log = structlog.get_logger()

AT_ONCE = 3
"""Memos that are in memory at a time, 25 MB each at most."""
WAIT_SECONDS = 10.0

_NUMBER = re.compile(r"\d{1,3}")


class Audio:
    """Memos of both sides, for whoever is logged in."""

    def __init__(self, database: Database, linq_base_url: str) -> None:
        self._database = database
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            timeout=httpx.Timeout(20.0, connect=5.0),
            verify=tls_context(),
        )
        self._downloader = MediaDownloader(self._http, linq_base_url)
        self._places = asyncio.Semaphore(AT_ONCE)
        self.linq: LinqClient | None = None
        """Set once the service has started."""

    async def aclose(self) -> None:
        await self._http.aclose()

    async def of_answer(self, request: Request, _session: Session) -> Response:
        """`GET /console/audio/answers/{answer_id}`: the memo that went out."""
        answer_id = request.path_params["answer_id"]
        try:
            key = await self._database.read(lambda c: chat_log.memo_key(c, answer_id))
            if key is None:
                return Response(status_code=404)
            memo = await self._database.read(lambda c: published.find_token(c, key))
        except DatabaseUnavailable:
            return Response(status_code=503)
        if memo:
            return _playable(request, memo.data)
        return await self._fetched(request, key)

    async def of_message(self, request: Request, _session: Session) -> Response:
        """`GET /console/audio/messages/{message_id}/{number}`: a voice memo that came in."""
        message_id, number = request.path_params["message_id"], request.path_params["number"]
        if not is_id(message_id) or not _NUMBER.fullmatch(number):
            return Response(status_code=404)
        try:
            key = await self._database.read(lambda c: chat_log.audio_id(c, message_id, int(number)))
        except DatabaseUnavailable:
            return Response(status_code=503)
        return await self._fetched(request, key) if key else Response(status_code=404)

    async def _fetched(self, request: Request, attachment_id: str) -> Response:
        if self.linq is None:
            return Response(status_code=503)
        part = Part("audio", attachment_id=attachment_id)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            return Response(status_code=503, headers={"Retry-After": "5"})
        try:
            data = await self._downloader.fetch(part, self.linq.attachment_url)
        except Refused:
            return Response(status_code=404)
        except (LinqError, TranscriptionError) as error:
            log.warning("memo not fetched for the console", cause=str(error))
            return Response(status_code=502)
        finally:
            self._places.release()
        return _playable(request, data)


def _playable(request: Request, data: bytes) -> Response:
    """Audio by its first bytes, whatever it was called; anything else is not given out."""
    media_type = audio_type(data)
    if media_type is None:
        return Response(status_code=415, headers=HEADERS)
    return ranged(request, data, media_type, HEADERS)


def audio_type(data: bytes) -> str | None:
    """The media type of an audio file; None if it is none that phones record or the bot makes."""
    if data[4:8] == b"ftyp":
        return "audio/mp4"
    for begins, media_type in (
        (b"ID3", "audio/mpeg"), (b"RIFF", "audio/wav"), (b"caff", "audio/x-caf"),
        (b"FORM", "audio/aiff"), (b"#!AMR", "audio/amr"), (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
    ):  # fmt: skip
        if data.startswith(begins):
            return media_type
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "audio/aac" if data[1] & 0x06 == 0 else "audio/mpeg"
    return None
