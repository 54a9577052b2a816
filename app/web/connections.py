"""HTTP connections with bounds: slow ones end, and many of them do not lock the others out."""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass
from typing import Any, Self

import h11
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

log = structlog.get_logger()

REQUEST_SECONDS = 10.0
"""From the connection or the first byte of a request to the last byte of its body. Linq takes a
webhook without an answer after 10 s for a failed one anyway."""
RESPONSE_SECONDS = 30.0
"""How long a client may leave unread what fills the send buffer."""
KEEP_ALIVE_SECONDS = 95
"""Heroku's router keeps connections for 90 s and reports H13 or H18 when the server is the first
to hang up (help.heroku.com/Y6M4QI4V). When connections run short, idle ones end earlier."""
LINGER_SECONDS = 5.0
"""How long a connection that was closed may take to fetch what is left of its response."""
MAX_CONNECTIONS = 512
_RESERVED_FILES = 96
"""Files for the database, calls to Linq and engines, and the audio processes."""


@dataclass(frozen=True)
class ConnectionLimits:
    """How many connections are kept, and how many are taken in one turn of the event loop."""

    kept: int
    accepted_at_once: int

    @classmethod
    def for_open_files(cls, open_files: int) -> Self:
        """open_files: the process's limit. Connections being opened and closed take files, too."""
        free = max(16, open_files - _RESERVED_FILES)
        kept = min(MAX_CONNECTIONS, free // 2)
        return cls(kept, max(4, min(100, kept // 8)))

    @classmethod
    def of_this_process(cls) -> Self:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return cls.for_open_files(1 << 20 if soft == resource.RLIM_INFINITY else soft)


class BoundedConnection(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for each request and a place among `kept` connections.

    Whoever comes when all places are taken gets that of the connection which has been sending
    nothing for longest: a webhook arrives within milliseconds, so slow ones make way for it.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._kept = ConnectionLimits.of_this_process().kept
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._waiting_since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_deadline()
        if len(self.connections) > self._kept:
            self._make_way()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._end_deadline()
        elif self._deadline is None:
            self._begin_deadline()

    def on_response_complete(self) -> None:
        self._waiting_since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(RESPONSE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # Who does not read would otherwise keep it open with what is left to send.
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    @property
    def _is_at_work(self) -> bool:
        """Whether a whole request waits for its response."""
        return (
            self.cycle is not None
            and not self.cycle.response_complete
            and self.conn.their_state is not h11.SEND_BODY
        )

    def _make_way(self) -> None:
        """End one connection: this one, if all others are at work."""
        waiting = [
            one
            for one in self.connections
            if isinstance(one, BoundedConnection) and not one._is_at_work
        ]
        # Those that never had a request first: a proxy's idle ones are of use.
        oldest = min(waiting, key=lambda one: (one.cycle is not None, one._waiting_since))
        log.warning("connection closed", reason="too_many_connections", kept=self._kept)
        oldest.transport.abort()
        self.connections.discard(oldest)

    def _begin_deadline(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._too_slow)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if self.cycle is not None or self.conn.trailing_data[0]:
            log.warning("connection closed", reason="request_too_slow")
        self.transport.abort()
