"""Downloads what people recorded: from Linq's own host only, bounded in bytes and time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from app.bounded_body import BodyTooLarge, UnreadableBody, bounded_body
from app.linq.events import Part
from app.settings import is_loopback
from app.transcription.errors import TranscriptionError, TranscriptionFailure

CDN = ("https", "cdn.linqapp.com", 443)
"""Where Linq serves what people send, nowhere else (linq-python, `resources/attachments.py`)."""
MAX_BYTES = 25_000_000
"""Longest recording that is fetched: ten minutes as uncompressed WAV of 16 kHz are 19 200 000."""

_FETCH_SECONDS = 30.0
_REDIRECTS = 3

Origin = tuple[str, str, int]
FreshUrl = Callable[[str], Awaitable[str]]
"""Gives a new address for an attachment id; "" if there is none."""


def download_limit(part: Part) -> int:
    """Bytes that are fetched of a part at most.

    What is announced may be of another codec than what is given out (Linq converts CAF), so that
    the file may be some times longer; but no small memo takes the room of a large one.
    """
    if part.size_bytes is None:
        return MAX_BYTES
    return min(MAX_BYTES, 1_000_000 + 8 * part.size_bytes)


class MediaDownloader:
    """Fetches what people recorded. No credentials are ever sent along."""

    def __init__(
        self, http: httpx.AsyncClient, linq_base_url: str = "", *, seconds: float = _FETCH_SECONDS
    ) -> None:
        """`linq_base_url` matters only if it is on this machine: recordings may then be, too.

        `seconds` is the time for one download.
        """
        self._http = http
        self._origins = {CDN} | _local_origin(linq_base_url)
        self._seconds = seconds

    async def fetch(self, part: Part, fresh_url: FreshUrl | None = None) -> bytes:
        """The bytes of an audio part, `download_limit` at most.

        Asks once for a new address if its own is used up.

        Raises: TranscriptionError (expired, too_large, foreign_address, fetch_failed), and what
        `fresh_url` raises.
        """
        if part.size_bytes is not None and part.size_bytes > MAX_BYTES:
            raise TranscriptionError(
                TranscriptionFailure.TOO_LARGE, f"{part.size_bytes} bytes are announced"
            )
        limit = download_limit(part)
        data = await self._download(part.url, limit) if part.url else None
        if data is None and fresh_url is not None and part.attachment_id:
            url = await fresh_url(part.attachment_id)
            data = await self._download(url, limit) if url else None
        if data is None:
            raise TranscriptionError(
                TranscriptionFailure.EXPIRED, "Linq does not give the recording out any more"
            )
        return data

    async def _download(self, address: str, limit: int) -> bytes | None:
        """What lies at `address`, or None if it is not (any longer) given out there."""
        headers = {"Accept": "audio/*, */*;q=0.5", "Accept-Encoding": "identity"}
        try:
            url = httpx.URL(address)
            async with asyncio.timeout(self._seconds):
                for _ in range(_REDIRECTS + 1):
                    self._check(url)
                    async with self._http.stream("GET", url, headers=headers) as response:
                        if not response.has_redirect_location:
                            return await _body(response, limit)
                        url = url.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError) as error:
            # ValueError: a host name that is none, such as `xn--`.
            raise TranscriptionError(
                TranscriptionFailure.FOREIGN_ADDRESS, "no usable address"
            ) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise TranscriptionError(
                TranscriptionFailure.FETCH_FAILED,
                f"no answer: {type(error).__name__}",
                retryable=True,
            ) from error
        raise TranscriptionError(
            TranscriptionFailure.FETCH_FAILED, f"more than {_REDIRECTS} redirects"
        )

    def _check(self, url: httpx.URL) -> None:
        """Raises: TranscriptionError (foreign_address); ValueError for a host that is none."""
        origin = _origin(url)
        if url.userinfo or origin not in self._origins:
            ours = " and ".join(sorted(map(_shown, self._origins)))
            raise TranscriptionError(
                TranscriptionFailure.FOREIGN_ADDRESS,
                f"{_shown(origin)} is not where Linq's files lie: only {ours}, scheme and port "
                "included",
            )


async def _body(response: httpx.Response, limit: int) -> bytes | None:
    if response.status_code in (403, 404, 410):
        return None
    if response.status_code != 200:
        raise TranscriptionError(
            TranscriptionFailure.FETCH_FAILED,
            f"status {response.status_code}",
            retryable=response.status_code >= 500 or response.status_code in (408, 429),
        )
    try:
        return await bounded_body(response, limit)
    except BodyTooLarge as error:
        raise TranscriptionError(TranscriptionFailure.TOO_LARGE, str(error)) from error
    except UnreadableBody as error:
        raise TranscriptionError(TranscriptionFailure.FETCH_FAILED, str(error)) from error


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _shown(origin: Origin) -> str:
    scheme, host, port = origin
    return f"{scheme}://{host[:100]}:{port}"


def _local_origin(base_url: str) -> set[Origin]:
    """The origin of a Linq that runs on this machine, e.g. the sandbox."""
    return {_origin(httpx.URL(base_url))} if is_loopback(base_url) else set()
