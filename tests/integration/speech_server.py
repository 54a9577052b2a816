"""A local voice service over real HTTP(S): speaks with espeak-ng, or misbehaves on demand.

Used by the engine tests and by benchmarks/gtts.py.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import av
import trustme

from app.audio import Pcm
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What to answer. The connection is cut after `cut` bytes of the body, if given."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


Answer = Callable[[Received], Reply]


class SpeechServer:
    """`answer` decides every reply; `received` is what came in so far."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self._released = threading.Event()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if tls else 'http'}://localhost:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> SpeechServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hang(self, _request: Received) -> Reply:
        """An answer that does not come until the server is closed."""
        self._released.wait(30)
        return Reply(status=503)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                request = Received(self.path, dict(self.headers), self.rfile.read(length))
                outer.received.append(request)
                reply = outer.answer(request)
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body[: reply.cut])
                except OSError:
                    self.close_connection = True  # the caller did not wait
                if reply.cut is not None:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or does not trust the certificate, is meant to."""


@dataclass(frozen=True)
class Certificates:
    """A server's certificate for a host, and what a client needs to trust it.

    authority: the same as PEM, for a client in another process.
    """

    server: ssl.SSLContext
    client: ssl.SSLContext
    authority: bytes


def certificates(host: str = "localhost") -> Certificates:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Certificates(server, client, authority.cert_pem.bytes())


@functools.cache
def speech(text: str, language: str = "en") -> Pcm:
    """`text` as espeak-ng says it."""
    engine = Espeak()
    return engine.say(Utterance(text, language))


@functools.cache
def mp3(text: str, language: str = "en") -> bytes:
    """`text` as an MP3 like Google's: 24 kHz, mono, no tags, no frame count at its head."""
    return encoded(speech(text, language))


def encoded(sound: Pcm) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as file:
        stream = file.add_stream("libmp3lame", rate=24_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.bit_rate = 64_000
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound.samples) // 2)
        frame.sample_rate = sound.sample_rate
        frame.planes[0].update(sound.samples)
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=24_000)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def google(request: Received) -> Reply:
    """Answers like Google Translate: reads the text out of the form, speaks it."""
    text, language = google_text(request)
    return google_reply(mp3(text, {"zh-CN": "zh", "iw": "he"}.get(language, language)))


def google_text(request: Received) -> tuple[str, str]:
    """The text and language that a request to `batchexecute` holds."""
    form = urllib.parse.parse_qs(request.body.decode())
    [[[procedure, parameters, _, _]]] = json.loads(form["f.req"][0])
    assert procedure == "jQ1olc"
    text, language, _, _ = json.loads(parameters)
    return text, language


def google_reply(sound: bytes | None) -> Reply:
    payload = None if sound is None else _compact([base64.b64encode(sound).decode()])
    results = [["wrb.fr", "jQ1olc", payload, None, None, None, "generic"], ["di", 31]]
    body = f")]}}'\n\n{_compact(results)}"
    return Reply(body.encode(), headers={"Content-Type": "application/json; charset=utf-8"})


def openai(request: Received) -> Reply:
    """Answers like `/v1/audio/speech`."""
    return Reply(mp3(json.loads(request.body)["input"]), headers={"Content-Type": "audio/mpeg"})


def elevenlabs(request: Received) -> Reply:
    """Answers like `/v1/text-to-speech/{voice_id}`."""
    return Reply(mp3(json.loads(request.body)["text"]), headers={"Content-Type": "audio/mpeg"})


def slowly(answer: Answer, seconds: float) -> Answer:
    def later(request: Received) -> Reply:
        reply = answer(request)
        time.sleep(seconds)
        return reply

    return later


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[SpeechServer]:
    with SpeechServer(answer, tls) as server:
        yield server


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
