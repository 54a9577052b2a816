"""The connection below a request: cutting it without an answer, and noticing that it is gone."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "sandbox_transport"


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also hands the transport to the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Puts the transport into the state that every request of this connection gets."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


async def abort_connection(request: Request) -> None:
    """Resets the connection: the client sees it break and gets no answer at all.

    Raises RuntimeError when the server is not one of `app.sandbox.server`.
    """
    transport = request.scope.get("state", {}).get(_TRANSPORT)
    if transport is None:
        raise RuntimeError("connections can only be cut by the sandbox's own server")
    cast(asyncio.Transport, transport).abort()
    await _until_disconnected(request)


async def wait_for_disconnect(request: Request, closing: asyncio.Event) -> None:
    """Returns when the client has gone or `closing` is set."""
    waits: set[asyncio.Task[Any]] = {
        asyncio.create_task(_until_disconnected(request)),
        asyncio.create_task(closing.wait()),
    }
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _until_disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
