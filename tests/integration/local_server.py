"""A local web server with scripted replies, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    method: str = "GET"


@dataclass(frozen=True)
class Reply:
    """What to answer; or to hang, to drop the connection, to send without an end.

    `wait` is called before the answer is given.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    drops: bool = False
    endless: bool = False
    wait: Callable[[], None] = lambda: None


class Server:
    """A local web server that gives the replies of a path in turn, the last one for ever.

    Other paths get `otherwise`.
    """

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.otherwise = Reply(404)
        self.requests: list[Request] = []
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.serve(self)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def reply(self, path: str, *replies: Reply) -> str:
        self.replies[path] = list(replies)
        return self.address + path

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.path, headers, handler.rfile.read(length), handler.command)
        self.requests.append(request)
        waiting = self.replies.get(handler.path, [self.otherwise])
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        reply.wait()
        if reply.hangs:
            self.closing.wait(10)
        if reply.hangs or reply.drops:
            handler.close_connection = True
            return
        if "date" in reply.headers:
            handler.send_response_only(reply.status)
        else:
            handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if not reply.endless and "content-length" not in reply.headers:
            handler.send_header("content-length", str(len(reply.body)))
        handler.end_headers()
        try:
            handler.wfile.write(reply.body)
            while reply.endless:
                handler.wfile.write(bytes(1_000_000))
        except OSError:
            handler.close_connection = True

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.close()
