"""`serve` on a platform: instead of a crash loop, a page that says what is missing.

A platform starts a process that ends again and again, ever more slowly, and shows nobody why. So
there the web process stays: it answers webhooks with 503, which Linq repeats, says what is missing
at `/`, and tries every few seconds whether the service can start.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from app.environment import known_variables
from app.requirements import MissingSetting, needed_to_start, require_linq
from app.server import BotServer, bind, make_server, run, server_config
from app.service import Service
from app.settings import ConfigurationError, Settings, load_settings
from app.web.doctor_page import DoctorPage
from app.web.setup import create_setup_app

log = structlog.get_logger()

AGAIN_SECONDS = 10.0
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9_]{3,}\b")


def is_platform() -> bool:
    """Whether a platform runs this process: it sets PORT, or DYNO."""
    return bool(os.environ.get("PORT") or os.environ.get("DYNO"))


def serve_or_explain(load: Callable[[], Settings], again_seconds: float = AGAIN_SECONDS) -> int:
    """Run web and answering until SIGTERM, and until they can start what explains why not.

    load: reads the settings and begins the log. Returns the exit code.
    Raises: ConfigurationError when not even the port can be had.
    """
    with _bind() as listening:
        try:
            service = _prepared(load())
        except ConfigurationError as error:
            setup = _Setup(error, again_seconds)
            # A server closes its socket; connections that come until the next one wait.
            code = run(setup.server, listening.dup())
            if setup.service is None:
                return code
            service = setup.service
            log.info("setup is complete")
        return run(make_server(service.settings, service), listening)


class _Setup:
    """The server of the setup page; it ends when a signal says so or the service can start."""

    def __init__(self, error: ConfigurationError, again_seconds: float) -> None:
        self.service: Service | None = None
        self._again_seconds = again_seconds
        self._missing = explained(error)
        _tell(error)
        app = create_setup_app(
            lambda: self._missing,
            DoctorPage(load_settings, os.environ.get("MEMO_ADMIN_TOKEN", "").strip()),
        )
        app.router.lifespan_context = lambda _app: self._watched()
        self.server = BotServer(server_config(app))

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._again_seconds)
            try:
                self.service = await asyncio.to_thread(lambda: _prepared(load_settings()))
            except ConfigurationError as error:
                if (missing := explained(error)) != self._missing:
                    self._missing = missing
                    _tell(error)
            else:
                self.server.should_exit = True
                return


def _prepared(settings: Settings) -> Service:
    """The service with its tables made. Raises: ConfigurationError, with nothing left open."""
    require_linq(settings)
    service = Service(settings)
    try:
        service.prepare()
    except ConfigurationError:
        service.discard()
        raise
    return service


def explained(error: ConfigurationError) -> list[MissingSetting]:
    """All that is missing, in words that anybody may read: without any value."""
    with suppress(ConfigurationError):
        if missing := needed_to_start(load_settings()):
            return missing
    known = known_variables()
    named = [name for name in dict.fromkeys(_VARIABLE.findall(str(error))) if name in known]
    if not named:
        return [MissingSetting("setup", "The service cannot start", "The log says why.")]
    return [
        MissingSetting(name, f"{name} cannot be used as it is set", "The log says why.")
        for name in named
    ]


def _tell(error: ConfigurationError) -> None:
    log.error("setup needed, webhooks get 503 meanwhile", cause=str(error))


def _bind() -> socket.socket:
    port = os.environ.get("PORT", "")
    if not (port.isdigit() and 0 < int(port) < 65536):
        port = "8000"
    return bind("0.0.0.0", int(port), cure="set PORT to another one")  # noqa: S104
