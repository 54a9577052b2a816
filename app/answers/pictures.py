"""Fetches the pictures that people send, for models that can see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httpx
import structlog

from app.linq.client import LinqClient
from app.linq.errors import LinqError
from app.linq.events import InboundMessage, Part
from app.responders.protocol import Image
from app.tls import tls_context
from app.transcription.errors import TranscriptionError
from app.transcription.media_downloader import MediaDownloader

log = structlog.get_logger()

MAX_PICTURES = 4
"""Of one question; the latest count."""
MAX_BYTES = 5_000_000
"""Of one picture; OpenAI takes 20 MB, others less."""

# What models take, by how the files begin. An iPhone's HEIC is none of them.
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
)


class PictureFetcher:
    """Downloads from Linq's host only, as voice memos are. Used by many answers at once."""

    def __init__(self, linq: LinqClient, linq_base_url: str) -> None:
        self._linq = linq
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            timeout=httpx.Timeout(20.0, connect=5.0),
            verify=tls_context(),
        )
        self._downloader = MediaDownloader(self._http, linq_base_url)

    async def fetch(self, messages: Iterable[InboundMessage]) -> tuple[Image, ...]:
        """The pictures in `messages` that can be had and shown, in order."""
        parts = [
            part
            for message in messages
            for part in message.parts
            if part.kind == "media" and (part.size_bytes or 0) <= MAX_BYTES
        ]
        found = await asyncio.gather(*map(self._fetch, parts[-MAX_PICTURES:]))
        return tuple(image for image in found if image)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _fetch(self, part: Part) -> Image | None:
        try:
            data = await self._downloader.fetch(part, self._linq.attachment_url)
        except (TranscriptionError, LinqError) as error:
            log.warning("picture not fetched", cause=str(error)[:200])
            return None
        media_type = _media_type(data)
        return Image(media_type, data) if media_type and len(data) <= MAX_BYTES else None


def _media_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)
