"""gTTS: five chunks asked for all at once, beside gTTS's own sending. `python -m benchmarks.gtts`

Both ask the same local TLS server, which takes 300 ms for each chunk, for the same text. gTTS
itself sends as it always does; only the host of its requests is replaced.
Exits with 1 when the aim is missed.
"""

from __future__ import annotations

import io
import sys
import time

import requests
from gtts import gTTS

from app.audio import decode
from app.speech.engine_runner import EngineRunner
from app.speech.engines.gtts import GoogleTranslate
from app.speech.plan import SpeechPlan
from tests.audio_workers import run, workers
from tests.integration.speech_server import (
    Certificates,
    SpeechServer,
    certificates,
    google,
    google_text,
    mp3,
    slowly,
)

SECONDS = 0.3  # that the server takes for a chunk
PART = 0.35  # of gTTS's own time that ours may take
ROUNDS = 3
TEXT = " ".join(
    f"This is sentence number {number} of an answer that is spoken in five chunks by Google."
    for number in ("one", "two", "three", "four", "five")
)


class LocalGTTS(gTTS):  # type: ignore[misc]
    def __init__(self, text: str, base_url: str) -> None:
        super().__init__(text, lang="en", lang_check=False)
        self._base_url = base_url

    def _prepare_requests(self) -> list[requests.PreparedRequest]:
        prepared: list[requests.PreparedRequest] = super()._prepare_requests()
        for request in prepared:
            assert request.url
            request.url = request.url.replace("https://translate.google.com", self._base_url)
        return prepared


def main() -> int:
    tls = certificates()
    with SpeechServer(google, tls.server) as server:
        _by_gtts(server)  # has espeak-ng say all chunks once, so that the server is quick
        run(_by_us(server, tls))
        asked = len({google_text(request)[0].rstrip(".") for request in server.received})
        server.answer = slowly(google, SECONDS)
        theirs = min(_by_gtts(server) for _ in range(ROUNDS))
        ours = min(run(_by_us(server, tls)) for _ in range(ROUNDS))
    part = ours / theirs
    print(f"{asked} chunks at {SECONDS * 1000:.0f} ms each, over TLS, decoded")
    print(f"  gTTS's write_to_fp   {theirs * 1000:6.0f} ms")
    print(f"  ours, TLS verified   {ours * 1000:6.0f} ms   {part:.2f} of gTTS's (aim {PART})")
    return part > PART


def _by_gtts(server: SpeechServer) -> float:
    out = io.BytesIO()
    started = time.perf_counter()
    LocalGTTS(TEXT, server.url).write_to_fp(out)
    decode(out.getvalue())
    return time.perf_counter() - started


async def _by_us(server: SpeechServer, tls: Certificates) -> float:
    """With a new client each time, so that connections are made anew as gTTS does."""
    engine = GoogleTranslate(server.url, tls.client)
    started = time.perf_counter()
    passages = await EngineRunner(engine).speak(
        SpeechPlan.of_text(TEXT, "en").chunks(engine.max_chars), None, workers()
    )
    took = time.perf_counter() - started
    assert [passage.audio for passage in passages] == [
        decode(mp3(chunk.text)) for chunk in SpeechPlan.of_text(TEXT, "en").chunks(engine.max_chars)
    ]
    await engine.aclose()
    return took


if __name__ == "__main__":
    sys.exit(main())
