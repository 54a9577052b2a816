"""A webhook endpoint for tests: keeps what it gets and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """One request, with the raw bytes of its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The event in the body."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    def header(self, name: str) -> str | None:
        """A header, whatever its case."""
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), None)


class WebhookReceiver:
    """Runs in threads on a free port; `answer(count)` gives the status of the count-th request.

    An answer of 0 means never to answer.
    """

    def __init__(self, answer: Callable[[int], int] = lambda _: 200) -> None:
        self.received: list[Received] = []
        self.answer = answer
        self.answer_headers: dict[str, str] = {}
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/linq"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def of_type(self, event_type: str) -> list[Received]:
        """The requests that carried an event of this type."""
        return [item for item in list(self.received) if item.event["event_type"] == event_type]

    def wait_for(self, count: int, event_type: str = "message.received") -> list[Received]:
        """Waits until `count` events of this type have come."""
        deadline = time.monotonic() + 10
        while len(found := self.of_type(event_type)) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} {event_type} came")
            time.sleep(0.01)
        return found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(Received(self.path, dict(self.headers.items()), body))
                status = receiver.answer(len(receiver.received))
                if status == 0:
                    receiver._over.wait(30)
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                for name, value in receiver.answer_headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keeps quiet."""

        return Handler
