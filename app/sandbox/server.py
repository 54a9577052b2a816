"""The sandbox's web application and the server that runs it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from app.sandbox.config import SandboxConfig
from app.sandbox.connection import CuttableProtocol
from app.sandbox.local_only import LocalOnlyMiddleware
from app.sandbox.routes import ENDPOINT_NAMES, answer_unknown_path, routes
from app.sandbox.sandbox import Sandbox


def create_sandbox(config: SandboxConfig) -> Starlette:
    """The application: Linq's API under /v3 and /api/partner/v3, control under /_sandbox."""
    sandbox = Sandbox(config)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await sandbox.courier.open()
        try:
            yield
        finally:
            await sandbox.close()

    app = Starlette(
        routes=routes(),
        lifespan=lifespan,
        middleware=[Middleware(LocalOnlyMiddleware, own_hosts=_own_hosts(config))],
        exception_handlers={404: answer_unknown_path, 405: answer_unknown_path},
    )
    sandbox.endpoint_names = ENDPOINT_NAMES
    app.state.sandbox = sandbox
    return app


def _own_hosts(config: SandboxConfig) -> frozenset[str]:
    public = urlsplit(config.public_url or "").hostname
    return frozenset({public} if public else ())


class SandboxUvicorn(uvicorn.Server):
    """A server that ends hanging answers and live feeds when it is told to stop."""

    def __init__(self, config: SandboxConfig, host: str = "127.0.0.1", port: int = 8001) -> None:
        self.app = create_sandbox(config)
        super().__init__(
            uvicorn.Config(
                self.app,
                host=host,
                port=port,
                http=CuttableProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )

    @property
    def url(self) -> str:
        """The address, once `started` is true; also when the port was chosen by the system."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops the server."""
        self.app.state.sandbox.begin_shutdown()
        await super().shutdown(sockets)


async def serve_sandbox(config: SandboxConfig, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Runs a sandbox until the process is told to stop."""
    await SandboxUvicorn(config, host, port).serve()
