"""HTTP requests to voice services, and the kind of each failure."""

from __future__ import annotations

import json
import re
import ssl

import httpx

from app.bounded_body import UnreadableBody, bounded_body
from app.retry import retry_after_seconds
from app.speech.errors import EngineError, FailureKind
from app.tls import tls_context

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_MAX_BYTES = 32 * 2**20  # of a body: some minutes of WAV
_CONNECT_SECONDS = 4.0  # what cannot be reached should not hold up the next engine

_KINDS: dict[int, FailureKind] = {
    401: "unauthorized",
    402: "quota",
    403: "unauthorized",
    404: "configuration",
    429: "quota",
}


def new_client(
    tls: ssl.SSLContext | None, deadline_seconds: float, max_concurrency: int
) -> httpx.AsyncClient:
    """A client that verifies TLS (with `tls` where given) and never waits without end.

    Redirects are not followed: services that limit us redirect to a captcha.
    """
    return httpx.AsyncClient(
        verify=tls or tls_context(),
        headers={"Accept-Encoding": "gzip"},  # which `bounded_body` unpacks
        timeout=httpx.Timeout(deadline_seconds, connect=_CONNECT_SECONDS),
        limits=httpx.Limits(
            max_connections=max_concurrency,
            max_keepalive_connections=max_concurrency,
            keepalive_expiry=30.0,
        ),
        follow_redirects=False,
    )


async def fetch(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """The body of a 200 to `request`.

    Raises: EngineError of a fitting kind for everything else. Messages hold no part of the request.
    """
    try:
        response = await client.send(request, stream=True)
        try:
            body = await bounded_body(response, _MAX_BYTES)
        finally:
            await response.aclose()
    except UnreadableBody as error:
        raise EngineError("bad_response", str(error)) from error
    except httpx.TimeoutException as error:
        kind: FailureKind = "network" if isinstance(error, httpx.ConnectTimeout) else "timeout"
        raise EngineError(kind, f"no response in time ({type(error).__name__})") from error
    except httpx.HTTPError as error:
        cause = _ERRNO.sub("", str(error)) or type(error).__name__
        raise EngineError("network", cause) from error
    if response.status_code != 200:
        raise EngineError(
            _kind(response, body),
            f"HTTP {response.status_code}",
            retry_after_seconds=retry_after_seconds(response.headers.get("retry-after")),
        )
    return body


def _kind(response: httpx.Response, body: bytes) -> FailureKind:
    status = response.status_code
    if response.is_redirect:
        # Google sends clients over its limit to a captcha under /sorry/.
        return "quota" if "/sorry/" in response.headers.get("location", "") else "bad_response"
    if status >= 500:
        return "network"
    if status in (400, 401, 403) and _credit_used_up(body):
        return "quota"
    return _KINDS.get(status, "bad_response")


def _credit_used_up(body: bytes) -> bool:
    """Whether the service says that the credit is used up; ElevenLabs does so with 401."""
    try:
        text = json.dumps(json.loads(body[:10_000]))
    except ValueError:
        return False
    return "quota" in text
