"""Runs the web application under uvicorn, or answering without it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

import uvicorn

from app.service import Service, create_app
from app.settings import Settings


def make_server(
    settings: Settings, *, host: str | None = None, service: Service | None = None
) -> uvicorn.Server:
    """A server for the service, not yet running.

    Listens on all interfaces on a platform that sets PORT or DYNO, else on this machine alone.
    Raises: ConfigurationError.
    """
    service = service or Service(settings)
    service.prepare()
    if host is None:
        host = "0.0.0.0" if settings.dyno or "PORT" in os.environ else "127.0.0.1"  # noqa: S104
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings, service),
            host=host,
            port=settings.port,
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=5,
            server_header=False,
            proxy_headers=False,
        )
    )


def serve(settings: Settings, service: Service | None = None) -> int:
    """Run web and answering until SIGTERM. Returns the exit code."""
    return run(make_server(settings, service=service))


def run(server: uvicorn.Server) -> int:
    """Run a server until SIGTERM or Ctrl-C. Returns the exit code."""
    asyncio.run(_serve(server))
    _ignore_signals()
    return 0 if server.started else 1


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn would raise the signal again after its shutdown and so end in an error code.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    _on_signal(lambda: server.handle_exit(signal.SIGTERM, None))
    await server.serve()


def work(settings: Settings, service: Service | None = None) -> int:
    """Answer without serving the web, until SIGTERM. Returns the exit code."""
    service = service or Service(settings)
    service.prepare()

    async def answer() -> None:
        stop = asyncio.Event()
        _on_signal(stop.set)
        await service.start()
        try:
            await stop.wait()
        finally:
            await service.stop()

    asyncio.run(answer())
    _ignore_signals()
    return 0


def _on_signal(stop: Callable[[], None]) -> None:
    """Call `stop` on the running event loop at SIGTERM or Ctrl-C.

    The handler outlives the loop, whose own would let a second signal kill the process while it
    ends.
    """
    loop = asyncio.get_running_loop()

    def handle(_number: int, _frame: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it ends already
            loop.call_soon_threadsafe(stop)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _ignore_signals() -> None:
    """What is left is to end: Python would give a late signal back its power to kill."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
