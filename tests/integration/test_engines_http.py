"""The openai and elevenlabs engines against local servers that speak the protocols."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from app.audio import Pcm, decode
from app.speech.engines.elevenlabs import ElevenLabs
from app.speech.engines.openai import OpenAISpeech
from app.speech.engines.protocol import Engine
from app.speech.errors import EngineError
from app.speech.plan import SpeechPlan
from tests.audio_workers import spoken_by
from tests.integration.speech_server import (
    Answer,
    Received,
    Reply,
    SpeechServer,
    elevenlabs,
    encoded,
    mp3,
    openai,
)

HELLO = "Hello, we are open today until half past six."


@pytest.fixture
def speech() -> Iterator[SpeechServer]:
    with SpeechServer(openai) as server:
        yield server


def over_openai(server: SpeechServer) -> OpenAISpeech:
    return OpenAISpeech(f"{server.url}/v1", "sk-test", "tts-small", "alloy")


def over_elevenlabs(server: SpeechServer) -> ElevenLabs:
    return ElevenLabs(server.url, "xi-test", "voice/1", "eleven_flash_v2_5")


def say(engine: Engine, voice: str | None = None) -> list[Pcm]:
    return spoken_by(engine, SpeechPlan.of_text(HELLO, "en").chunks(engine.max_chars), voice)


def test_openai_speaks_what_the_server_says(speech: SpeechServer) -> None:
    assert say(over_openai(speech)) == [decode(mp3(HELLO))]


def test_openai_sends_what_the_official_client_sends(speech: SpeechServer) -> None:
    import openai as official  # takes half a second, in each process of a run

    say(over_openai(speech), "verse")
    with official.OpenAI(base_url=f"{speech.url}/v1", api_key="sk-test", max_retries=0) as client:
        client.audio.speech.create(
            input=HELLO, model="tts-small", voice="verse", response_format="mp3"
        ).read()
    ours, theirs = speech.received
    assert ours.path == theirs.path == "/v1/audio/speech"
    assert json.loads(ours.body) == json.loads(theirs.body)
    for name in ("authorization", "content-type"):
        assert _headers(ours)[name] == _headers(theirs)[name]


def test_a_server_without_keys_gets_no_authorization(speech: SpeechServer) -> None:
    say(OpenAISpeech(f"{speech.url}/v1/", "", "kokoro", "af_sky"))
    [request] = speech.received
    assert "authorization" not in _headers(request)
    assert request.path == "/v1/audio/speech"


def test_elevenlabs_is_called_as_its_reference_says(speech: SpeechServer) -> None:
    speech.answer = elevenlabs
    assert say(over_elevenlabs(speech)) == [decode(mp3(HELLO))]
    [request] = speech.received
    assert request.path == "/v1/text-to-speech/voice%2F1?output_format=mp3_44100_128"
    assert json.loads(request.body) == {
        "text": HELLO,
        "model_id": "eleven_flash_v2_5",
        "language_code": "en",
    }
    assert _headers(request)["xi-api-key"] == "xi-test"


def test_what_is_not_set_is_named() -> None:
    assert (
        OpenAISpeech(None, "", "m", "v").unavailable_reason() == "MEMO_SPEECH_BASE_URL is not set"
    )
    assert (
        OpenAISpeech("http://x/v1", "", None, "v").unavailable_reason()
        == "MEMO_SPEECH_MODEL is not set"
    )
    assert (
        OpenAISpeech("http://x/v1", "", "m", None).unavailable_reason()
        == "MEMO_SPEECH_VOICE is not set"
    )
    assert (
        ElevenLabs("http://x", "", "v", None).unavailable_reason()
        == "ELEVENLABS_API_KEY is not set"
    )
    assert (
        ElevenLabs("http://x", "k", None, None).unavailable_reason()
        == "MEMO_ELEVENLABS_VOICE is not set"
    )


def _said(status: int, text: str) -> Answer:
    reply = Reply(text.encode(), status, {"Content-Type": "application/json"})
    return lambda _: reply


def _lost(_: Received) -> Reply:
    return Reply(mp3(HELLO), cut=4_000)


@pytest.mark.parametrize("build", [over_openai, over_elevenlabs])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(_said(429, '{"error":{"code":"rate_limit_exceeded"}}'), "quota", id="429"),
        pytest.param(_said(402, "{}"), "quota", id="402"),
        pytest.param(
            _said(401, '{"detail":{"status":"invalid_api_key"}}'), "unauthorized", id="401"
        ),
        pytest.param(_said(401, '{"detail":{"status":"quota_exceeded"}}'), "quota", id="used up"),
        pytest.param(_said(403, "{}"), "unauthorized", id="403"),
        pytest.param(_said(404, '{"error":"no such model"}'), "configuration", id="404"),
        pytest.param(_said(500, "oops"), "network", id="500"),
        pytest.param(
            _said(200, '{"error":"model is loading"}'), "bad_response", id="JSON with 200"
        ),
        pytest.param(_said(200, "<!doctype html><p>busy"), "bad_response", id="HTML with 200"),
        pytest.param(_said(200, ""), "bad_response", id="empty"),
        pytest.param(_lost, "network", id="connection lost"),
        pytest.param(lambda _: Reply(mp3(HELLO)[:5_000]), "bad_response", id="MP3 cut off"),
        pytest.param(
            lambda _: Reply(encoded(Pcm(bytes(96_000), 24_000))), "bad_response", id="silence"
        ),
    ],
)
def test_what_is_not_sound_is_a_failure_of_its_kind(
    speech: SpeechServer, build: Callable[[SpeechServer], Engine], answer: Answer, kind: str
) -> None:
    speech.answer = answer
    with pytest.raises(EngineError) as caught:
        say(build(speech))
    assert caught.value.kind == kind
    assert HELLO not in str(caught.value)


def test_a_server_that_is_not_there_is_a_network_failure() -> None:
    with SpeechServer(openai) as server:
        pass
    with pytest.raises(EngineError) as caught:
        say(over_openai(server))
    assert caught.value.kind == "network"


def _headers(request: Received) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def test_a_voice_for_each_language_and_a_manner(speech: SpeechServer) -> None:
    for language in ("de-AT", "en", "pt-br", "fr"):
        engine = OpenAISpeech(
            f"{speech.url}/v1",
            "sk-test",
            "tts-small",
            "en:alloy,de:onyx,pt-BR:nova",
            speed=1.2,
            instructions="calm",
        )
        spoken_by(engine, SpeechPlan.in_language(HELLO, language).chunks(engine.max_chars))
    bodies = [json.loads(request.body) for request in speech.received]
    assert [body["voice"] for body in bodies] == ["onyx", "alloy", "nova", "alloy"]
    assert {(body["speed"], body["instructions"]) for body in bodies} == {(1.2, "calm")}
    assert len(engine.settings) == 5, "the manner decides which clips are the same"


def test_elevenlabs_is_told_language_and_manner_where_the_model_takes_them(
    speech: SpeechServer,
) -> None:
    speech.answer = elevenlabs
    for model in ("eleven_flash_v2_5", "eleven_multilingual_v2"):
        engine = ElevenLabs(speech.url, "xi", "a,de:b", model, speed=2.0, stability=0.4)
        spoken_by(engine, SpeechPlan.in_language(HELLO, "de-CH").chunks(engine.max_chars))
    first, second = (json.loads(request.body) for request in speech.received)
    assert first["language_code"] == "de"
    assert "language_code" not in second
    assert second["voice_settings"] == {"speed": 1.2, "stability": 0.4}
    assert all("/v1/text-to-speech/b?" in request.path for request in speech.received)
