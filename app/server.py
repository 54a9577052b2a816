"""Runs the web application under uvicorn, or answering without it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Generator

import structlog
import uvicorn
from starlette.applications import Starlette

from app.requirements import require_linq
from app.service import Service, create_app
from app.settings import ConfigurationError, Settings
from app.web.connections import KEEP_ALIVE_SECONDS, BoundedConnection, ConnectionLimits

log = structlog.get_logger()

WAITING_CONNECTIONS = 2048
"""Connections that the system keeps until they are accepted."""


class BotServer(uvicorn.Server):
    """A server that says where it listens, and leaves signals to whoever runs it."""

    def __init__(
        self, config: uvicorn.Config, end_streams: Callable[[], None] = lambda: None
    ) -> None:
        """end_streams: lets go of responses that would go on for ever, when the server stops."""
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in (sockets or []) if self.started else []:
            # asyncio accepts as many at once as it lets wait; more may wait.
            one.listen(WAITING_CONNECTIONS)
            host, port = one.getsockname()[:2]
            log.info("listening", address=f"http://{host}:{port}", webhooks="/webhooks/linq")

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # uvicorn would raise the signal again after its shutdown and so end in an error code.
        yield


def make_server(settings: Settings, service: Service | None = None) -> BotServer:
    """A server for the service, not yet running.

    Raises: ConfigurationError.
    """
    service = service or Service(settings)
    service.prepare()
    return BotServer(server_config(create_app(settings, service)), service.console.end_streams)


def server_config(app: Starlette) -> uvicorn.Config:
    """How any page of ours is served: connections bounded, nothing logged of requests."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http=BoundedConnection,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=ConnectionLimits.of_this_process().accepted_at_once,
        server_header=False,
        proxy_headers=False,
    )


def bind(host: str, port: int, *, cure: str) -> socket.socket:
    """A socket with this address, on which nobody else can listen from now on.

    port: 0 for any that is free. cure: how to choose another port, for the message.
    Raises: ConfigurationError when the address is taken or not to be had.
    """
    # With the protocol named, asyncio switches Nagle's algorithm off: 40 ms less per answer.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Without it a port could not be had for a minute after its last connections.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"Port {port} is in use; {cure}.") from None
        raise ConfigurationError(
            f"Port {port} of {host} cannot be listened on ({error.strerror}); {cure}."
        ) from None
    return found


def serve(settings: Settings, service: Service | None = None) -> int:
    """Run web and answering until SIGTERM. Returns the exit code.

    Raises: ConfigurationError, before anything runs.
    """
    require_linq(settings)
    with bind(settings.host, settings.port, cure="set PORT to another one") as listening:
        return run(make_server(settings, service), listening)


def run(server: uvicorn.Server, listening: socket.socket) -> int:
    """Run a server on a socket until SIGTERM or Ctrl-C. Returns the exit code."""
    asyncio.run(_serve(server, listening))
    _ignore_signals()
    return 0 if server.started else 1


async def _serve(server: uvicorn.Server, listening: socket.socket) -> None:
    _on_signal(lambda: server.handle_exit(signal.SIGTERM, None))
    await server.serve(sockets=[listening])


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
