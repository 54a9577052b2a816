"""Servers that answer 200 with garbage, and Google's, which is reached through a proxy."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote_plus

from tests.integration.speech_server import (
    Answer,
    Received,
    Reply,
    SpeechServer,
    certificates,
)

_HTML = "<!doctype html><title>Sign in to the guest network</title>"
_WRONG = {
    "attachment_id": 7,
    "upload_url": ["https://cdn.linqapp.com/"],
    "voice_memo": {"id": 7},
    "message": {"id": None},
    "messages": [{"id": "m1", "is_from_me": "yes", "created_at": 1, "parts": "none"}],
    "download_url": 7,
    "phone_numbers": [{"phone_number": 7}],
    "choices": [{"index": "first", "message": {"role": 7, "content": {"a": 1}}}],
    "text": {"said": 1},
    "answer": 7,
}
BODIES: dict[str, str] = {
    "html": _HTML,
    "object": "{}",
    "list": "[]",
    "null": "null",
    "number": "7",
    "wrong": json.dumps(_WRONG),
    "empty": "",
    "cut": '{"message": {"id": "m1',
}
"""Names, which stand in what people write, and bodies."""


def garbage_or(decent: Answer) -> Answer:
    """The body whose name stands in the request; where none does, what `decent` answers."""

    def answer(request: Received) -> Reply:
        text = unquote_plus(request.body.decode(errors="replace"))
        name = next((name for name in BODIES if f"body {name}" in text), None)
        return garbage(name) if name else decent(request)

    return answer


def garbage(name: str) -> Reply:
    kind = "text/html" if name == "html" else "application/json"
    return Reply(BODIES[name].encode(), headers={"Content-Type": kind})


def garbage_in_turn() -> Answer:
    """All bodies, one a request, over and over."""
    lock, names = threading.Lock(), list(BODIES)

    def answer(_request: Received) -> Reply:
        with lock:
            names.append(name := names.pop(0))
        return garbage(name)

    return answer


@contextmanager
def serving_google(answer: Answer, folder: Path) -> Iterator[dict[str, str]]:
    """Google Translate's place; gives the environment of a bot that finds it there."""
    google = certificates("translate.google.com")
    with SpeechServer(answer, google.server) as server, closing(_Proxy(server.url)) as proxy:
        authority = folder / "authority.pem"
        authority.write_bytes(google.authority)
        yield {
            "HTTPS_PROXY": proxy.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(authority),
        }


class _Proxy:
    """A proxy whose every CONNECT leads to one server."""

    def __init__(self, target: str) -> None:
        self._port = int(target.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                if not (read := client.recv(1)):
                    return
                head += read
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
