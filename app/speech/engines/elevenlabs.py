"""ElevenLabs, over HTTP: `POST /v1/text-to-speech/{voice_id}`."""

from __future__ import annotations

import ssl
from urllib.parse import quote

from app.speech.audio_jobs import EncodedAudio
from app.speech.engines.http_client import fetch, new_client
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError

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
    ) -> None:
        """Without `model` the service takes its default."""
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._voice = voice
        self._model = model
        self.settings: tuple[str, ...] = (self._base_url, model or "", voice or "")
        self._client = new_client(tls, self.deadline_seconds, self.max_concurrency)

    def unavailable_reason(self) -> str | None:
        if not self._key:
            return "ELEVENLABS_API_KEY is not set"
        return None if self._voice else "MEMO_ELEVENLABS_VOICE is not set"

    def supports_voice(self, _voice: str) -> bool:
        return True

    def supports_language(self, _language: str) -> bool:
        return True

    def reads_script(self, _script: str, _language: str) -> bool:
        return True

    async def speak(self, utterance: Utterance) -> EncodedAudio:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        voice = quote(utterance.voice or self._voice or "", safe="")
        request = self._client.build_request(
            "POST",
            f"{self._base_url}/v1/text-to-speech/{voice}",
            params={"output_format": _OUTPUT},
            headers={"xi-api-key": self._key, "Accept": "audio/mpeg"},
            json={"text": utterance.text} | ({"model_id": self._model} if self._model else {}),
        )
        return EncodedAudio((await fetch(self._client, request),))

    async def aclose(self) -> None:
        await self._client.aclose()
