"""Keeps web pages of other sites out: the sandbox asks for no token on its control calls.

A page on any site can make a browser post to this machine, and with a name that it points here
(DNS rebinding) also read the answers. So the `Host` must be this machine's, and a call that
changes something must not come from a page of another origin. Programs such as the bot and curl
send no `Origin`.
"""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.sandbox.addresses import is_loopback
from app.sandbox.api.errors import ApiError, error_response

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class LocalOnlyMiddleware:
    """Answers 403/2005 to requests for a foreign `Host` or from a foreign `Origin`.

    `own_hosts` are the names, besides those of this machine, under which the sandbox is reached.
    """

    def __init__(self, app: ASGIApp, own_hosts: frozenset[str]) -> None:
        self.app = app
        self._own_hosts = own_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on when it is a local one."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            return await self.app(scope, receive, send)
        trace_id = uuid.uuid4().hex
        response = error_response(ApiError(2005, problem), trace_id)
        response.headers["X-Trace-ID"] = trace_id
        await response(scope, receive, send)

    def _problem(self, scope: Scope) -> str | None:
        headers = HTTPConnection(scope).headers
        host = headers.get("host", "")
        if not self._is_own(host, scope):
            return (
                "The Host is not this sandbox's: reach it by a loopback address or set public_url"
            )
        origin = headers.get("origin")
        if origin is None or scope["method"] in _SAFE_METHODS:
            return None
        if _netloc(origin) == host.lower():
            return None
        return "The Origin is another site's: only the sandbox's own page may make this call"

    def _is_own(self, host: str, scope: Scope) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if not name:
            return False
        # A literal address that the connection really came to is no name that rebinds.
        bound_to = (scope.get("server") or ("",))[0]
        return is_loopback(name) or name in self._own_hosts or name == bound_to


def _netloc(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") else None
