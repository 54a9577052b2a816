"""ElevenLabs, over HTTP: `POST /v1/text-to-speech/{voice_id}`."""

from __future__ import annotations

import ssl
from urllib.parse import quote

from app.languages import primary_subtag
from app.speech.audio_jobs import EncodedAudio
from app.speech.engines.http_client import fetch, new_client
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.voice_choice import VoiceChoice

_SLOWEST, _FASTEST = 0.7, 1.2  # times the usual speed that the service takes
# Others refuse a request with a language.
_TAKE_LANGUAGE = frozenset({"eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_v3"})
_OUTPUT = "mp3_44100_128"  # the service's own default, in every plan


class ElevenLabs:
    """Engine over ElevenLabs. A voice is a voice id."""

    name = "elevenlabs"
    max_chars = 300
    deadline_seconds = 25.0
    max_concurrency = 2  # the smallest plan allows no more

    def __init__(
        self,
        base_url: str,
        api_key: str,
        voice: str | None,
        model: str | None,
        tls: ssl.SSLContext | None = None,
        *,
        speed: float = 1.0,
        stability: float | None = None,
    ) -> None:
        """Without `model` the service takes its default.

        voice: one for all languages, or several as `VoiceChoice` reads them. speed: times as fast
        as usual; the service takes 0.7 to 1.2. stability: 0 (lively) to 1 (even).
        """
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._voice = VoiceChoice.parse(voice)
        self._model = model
        self._manner: dict[str, float] = {}
        if speed != 1.0:
            self._manner["speed"] = min(max(speed, _SLOWEST), _FASTEST)
        if stability is not None:
            self._manner["stability"] = stability
        self.settings: tuple[str, ...] = (self._base_url, model or "", voice or "")
        self.settings += tuple(f"{name}={value}" for name, value in self._manner.items())
        self._client = new_client(tls, self.deadline_seconds, self.max_concurrency)

    def unavailable_reason(self) -> str | None:
        if not self._key:
            return "ELEVENLABS_API_KEY is not set"
        return None if self._voice.default else "MEMO_ELEVENLABS_VOICE is not set"

    def supports_voice(self, _voice: str) -> bool:
        return True

    def supports_language(self, _language: str) -> bool:
        return True

    def reads_script(self, _script: str, _language: str) -> bool:
        return True

    async def speak(self, utterance: Utterance) -> EncodedAudio:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        voice = quote(utterance.voice or self._voice.voice_for(utterance.language), safe="")
        request = self._client.build_request(
            "POST",
            f"{self._base_url}/v1/text-to-speech/{voice}",
            params={"output_format": _OUTPUT},
            headers={"xi-api-key": self._key, "Accept": "audio/mpeg"},
            json=self._body(utterance),
        )
        return EncodedAudio((await fetch(self._client, request),))

    def _body(self, utterance: Utterance) -> dict[str, object]:
        body: dict[str, object] = {"text": utterance.text}
        if self._model:
            body["model_id"] = self._model
        if self._model in _TAKE_LANGUAGE:
            body["language_code"] = primary_subtag(utterance.language)
        if self._manner:
            body["voice_settings"] = self._manner
        return body

    async def aclose(self) -> None:
        await self._client.aclose()
