"""The gtts engine against a local TLS server that answers as Google Translate does."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Iterator

import pytest
import requests
from gtts import gTTS

from app.audio import Pcm, decode
from app.speech.engines.gtts import GoogleTranslate
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.plan import SpeechPlan
from tests.audio_workers import spoken_by
from tests.integration.speech_server import (
    Answer,
    Certificates,
    Received,
    Reply,
    SpeechServer,
    certificates,
    encoded,
    google,
    google_reply,
    google_text,
    mp3,
)

HELLO = "Hello, we are open today until half past six."
LONG = " ".join(
    f"This is sentence number {number} of an answer that is spoken in five chunks by Google."
    for number in ("one", "two", "three", "four", "five")
)


@pytest.fixture(scope="module")
def tls() -> Certificates:
    return certificates()


@pytest.fixture
def translate(tls: Certificates) -> Iterator[SpeechServer]:
    with SpeechServer(google, tls.server) as server:
        yield server


def speak(
    server: SpeechServer,
    tls: Certificates,
    text: str = HELLO,
    language: str = "en",
    deadline: float = 5.0,
) -> list[Pcm]:
    engine = GoogleTranslate(server.url, tls.client)
    engine.deadline_seconds = deadline
    return spoken_by(engine, SpeechPlan.of_text(text, language).chunks(engine.max_chars))


def failure(server: SpeechServer, tls: Certificates, deadline: float = 5.0) -> EngineError:
    with pytest.raises(EngineError) as caught:
        speak(server, tls, deadline=deadline)
    return caught.value


class _LocalGTTS(gTTS):  # type: ignore[misc]
    """gTTS itself, its own sending included, with only the host of its requests replaced."""

    def __init__(self, text: str, server: SpeechServer) -> None:
        super().__init__(text, lang="en", lang_check=False)
        self._server = server

    def _prepare_requests(self) -> list[requests.PreparedRequest]:
        prepared: list[requests.PreparedRequest] = super()._prepare_requests()
        for request in prepared:
            assert request.url
            request.url = request.url.replace("https://translate.google.com", self._server.url)
        return prepared


def test_speaks_what_google_says(translate: SpeechServer, tls: Certificates) -> None:
    [sound] = speak(translate, tls)
    assert sound == decode(mp3(HELLO))


def test_asks_and_hears_what_gtts_itself_asks_and_hears(
    translate: SpeechServer, tls: Certificates
) -> None:
    theirs = io.BytesIO()
    _LocalGTTS(HELLO, translate).write_to_fp(theirs)
    [sound] = speak(translate, tls)

    assert sound == decode(theirs.getvalue())
    expected, ours = translate.received
    assert (ours.path, ours.body) == (expected.path, expected.body)
    for header in ("Content-Type", "User-Agent", "Referer"):
        assert _header(ours, header) == _header(expected, header)


def _header(request: Received, name: str) -> str:
    return next(value for key, value in request.headers.items() if key.lower() == name.lower())


def test_chunks_are_requested_side_by_side_and_joined_in_order(tls: Certificates) -> None:
    all_there = threading.Barrier(5, timeout=10)

    def together(request: Received) -> Reply:
        all_there.wait()  # breaks, and so fails the test, unless five requests are under way
        return google(request)

    with SpeechServer(together, tls.server) as server:
        sound = speak(server, tls, LONG, deadline=10)
        said = [google_text(request)[0] for request in server.received]
    assert sorted(said) == sorted(
        chunk.text for chunk in SpeechPlan.of_text(LONG, "en").chunks(100)
    )
    assert sound == [
        decode(mp3(chunk.text)) for chunk in SpeechPlan.of_text(LONG, "en").chunks(100)
    ]


@pytest.mark.parametrize(
    ("language", "google_language"),
    [("zh", "zh-CN"), ("zh-Hant", "zh-TW"), ("he", "iw"), ("pt-BR", "pt"), ("en-GB", "en")],
)
def test_languages_are_requested_by_googles_names(
    translate: SpeechServer, tls: Certificates, language: str, google_language: str
) -> None:
    async def main() -> None:
        engine = GoogleTranslate(translate.url, tls.client)
        translate.answer = lambda _: google_reply(mp3(HELLO))
        await engine.speak(Utterance(HELLO, language))
        await engine.aclose()

    asyncio.run(main())
    [request] = translate.received
    assert google_text(request) == (HELLO, google_language)


def test_a_language_google_lacks_is_refused_without_asking(
    translate: SpeechServer, tls: Certificates
) -> None:
    with pytest.raises(EngineError) as caught:
        speak(translate, tls, "Saluton mondo, kiel vi fartas hodiaŭ?", "eo")
    assert caught.value.kind == "unsupported_language"
    assert not translate.received


@pytest.mark.parametrize("host", ["localhost", "translate.google.invalid"])
def test_a_certificate_that_does_not_verify_is_refused(tls: Certificates, host: str) -> None:
    strangers = certificates(host)
    trusted = tls.client if host == "localhost" else strangers.client
    with SpeechServer(google, strangers.server) as server:
        error = failure(server, Certificates(strangers.server, trusted, b""))
        assert error.kind == "network"
        assert "certificate verify failed" in str(error).lower()
        assert not server.received


def _cut_off(request: Received) -> Reply:
    reply = google(request)
    return Reply(reply.body, headers=reply.headers, cut=len(reply.body) // 2)


def _ends_early(request: Received) -> Reply:
    reply = google(request)
    return Reply(reply.body[: len(reply.body) // 2], headers=reply.headers)


def _sorry(_: Received) -> Reply:
    return Reply(status=302, headers={"Location": "https://www.google.com/sorry/index?continue=x"})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(lambda _: Reply(status=429), "quota", id="429"),
        pytest.param(_sorry, "quota", id="captcha"),
        pytest.param(lambda _: Reply(status=403), "unauthorized", id="403"),
        pytest.param(lambda _: Reply(status=503), "network", id="503"),
        pytest.param(_cut_off, "network", id="connection lost"),
        pytest.param(_ends_early, "bad_response", id="answer cut off"),
        pytest.param(lambda _: Reply(b""), "bad_response", id="empty"),
        pytest.param(lambda _: google_reply(None), "bad_response", id="no sound"),
        pytest.param(lambda _: google_reply(b""), "bad_response", id="empty sound"),
        pytest.param(lambda _: google_reply(mp3(HELLO)[:-200]), "bad_response", id="MP3 cut off"),
        pytest.param(
            lambda _: google_reply(mp3(HELLO)[: 192 * 20]),
            "bad_response",
            id="MP3 cut between frames",
        ),
        pytest.param(
            lambda _: google_reply(encoded(Pcm(bytes(96_000), 24_000))),
            "bad_response",
            id="silence",
        ),
        pytest.param(
            lambda _: google_reply(b"<html>no</html>" * 50), "bad_response", id="HTML as sound"
        ),
        pytest.param(
            lambda _: Reply(b"<html>jQ1olc</html>", headers={"Content-Type": "text/html"}),
            "bad_response",
            id="HTML",
        ),
        pytest.param(
            lambda _: Reply(json.dumps({"error": "jQ1olc"}).encode()), "bad_response", id="JSON"
        ),
    ],
)
def test_what_is_not_sound_is_a_failure_of_its_kind(
    translate: SpeechServer, tls: Certificates, answer: Answer, kind: str
) -> None:
    translate.answer = answer
    assert failure(translate, tls).kind == kind


def test_a_hanging_service_is_given_up_in_time(translate: SpeechServer, tls: Certificates) -> None:
    translate.answer = translate.hang
    assert failure(translate, tls, deadline=0.2).kind == "timeout"


def test_one_bad_chunk_is_requested_again_alone(translate: SpeechServer, tls: Certificates) -> None:
    refused: list[str] = []

    def once(request: Received) -> Reply:
        text, _ = google_text(request)
        if "three" in text and not refused:
            refused.append(text)
            return Reply(status=500)
        return google(request)

    translate.answer = once
    sound = speak(translate, tls, LONG)
    assert len(sound) == 5
    assert len(translate.received) == 6
    assert refused


def test_a_limit_is_not_made_worse_by_asking_again(
    translate: SpeechServer, tls: Certificates
) -> None:
    translate.answer = lambda _: Reply(status=429)
    failure(translate, tls)
    assert len(translate.received) == 1
