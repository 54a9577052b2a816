"""One request to a voice service, its troubles told apart."""

from __future__ import annotations

import json
import re
import ssl

import httpx

from app.bounded_body import UnreadableBody, bounded_body
from app.speech.errors import EngineError, Kind

_MOST_BYTES = 32 * 2**20  # of an answer: some minutes of WAV
_CONNECT = 4.0  # seconds: an address that cannot be reached should not hold up the next engine

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")

_KINDS: dict[int, Kind] = {401: "key", 402: "quota", 403: "key", 404: "setup", 429: "quota"}


def client(tls: ssl.SSLContext | None, deadline: float, max_concurrency: int) -> httpx.AsyncClient:
    """A client that verifies TLS (with `tls` where given) and never waits without end.

    Redirects are not followed: services answer a limit or a captcha with one.
    """
    return httpx.AsyncClient(
        verify=tls or True,
        timeout=httpx.Timeout(deadline, connect=_CONNECT),
        limits=httpx.Limits(
            max_connections=max_concurrency,
            max_keepalive_connections=max_concurrency,
            keepalive_expiry=30.0,
        ),
        follow_redirects=False,
        headers={"Accept-Encoding": "gzip"},  # which `bounded_body` unpacks
    )


async def answer(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """The body of a 200 to `request`.

    Raises: EngineError with its kind for all else. Messages hold no part of the request.
    """
    try:
        response = await client.send(request, stream=True)
        try:
            body = await bounded_body(response, _MOST_BYTES)
        finally:
            await response.aclose()
    except UnreadableBody as error:
        raise EngineError("bad answer", str(error)) from error
    except httpx.TimeoutException as error:
        kind: Kind = "network" if isinstance(error, httpx.ConnectTimeout) else "timeout"
        raise EngineError(kind, f"no answer in time ({type(error).__name__})") from error
    except httpx.HTTPError as error:
        cause = _ERRNO.sub("", str(error)) or type(error).__name__
        raise EngineError("network", cause) from error
    if response.status_code != 200:
        raise EngineError(_kind(response, body), f"HTTP {response.status_code}")
    return body


def _kind(response: httpx.Response, body: bytes) -> Kind:
    status = response.status_code
    if response.is_redirect:
        # Google sends clients that ask too much to a captcha under /sorry/.
        return "quota" if "/sorry/" in response.headers.get("location", "") else "bad answer"
    if status >= 500:
        return "network"
    if status in (400, 401, 403) and _used_up(body):
        return "quota"
    return _KINDS.get(status, "bad answer")


def _used_up(body: bytes) -> bool:
    """Whether the service says that the credit is used up; ElevenLabs does so with 401."""
    try:
        said = json.dumps(json.loads(body[:10_000]))
    except ValueError:
        return False
    return "quota" in said
