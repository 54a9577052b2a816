"""Around every endpoint: no details of a failure, and headers that keep browsers careful."""

from __future__ import annotations

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry import describe

log = structlog.get_logger()

_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Given where an endpoint sets none of its own."""


class SafeResponses:
    """ASGI middleware: an unexpected exception is a plain 500 and one line in the log.

    Starlette and uvicorn would log its message, which may hold what somebody wrote.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def careful_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, careful_send)
        except ClientDisconnect:
            return
        except Exception as error:
            endpoint = getattr(scope.get("endpoint"), "__qualname__", "none")
            log.error("request failed", reason=endpoint, **describe(error))
            if started:
                # Half a response cannot be taken back; without its end the server hangs up.
                return
            await PlainTextResponse("Internal Server Error\n", 500)(scope, receive, careful_send)
