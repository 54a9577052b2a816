"""Any server that speaks OpenAI's `POST /audio/speech`."""

from __future__ import annotations

import ssl

from app.speech.audio_jobs import EncodedAudio
from app.speech.engines.http_client import fetch, new_client
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.voice_choice import VoiceChoice


class OpenAISpeech:
    """Engine over `/audio/speech`. A voice is a name that the server knows."""

    name = "openai"
    max_chars = 300
    deadline_seconds = 25.0
    max_concurrency = 4

    def __init__(
        self,
        base_url: str | None,
        api_key: str,
        model: str | None,
        voice: str | None,
        tls: ssl.SSLContext | None = None,
        *,
        speed: float = 1.0,
        instructions: str | None = None,
    ) -> None:
        """`base_url` includes `/v1`. A server without keys gets no Authorization header.

        voice: one for all languages, or several as `VoiceChoice` reads them. speed: times as fast
        as usual. instructions: how to speak; not every model takes them.
        """
        self._base_url = (base_url or "").rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model = model
        self._voice = VoiceChoice.parse(voice)
        self._manner: dict[str, float | str] = {}
        if speed != 1.0:
            self._manner["speed"] = speed
        if instructions:
            self._manner["instructions"] = instructions
        self.settings: tuple[str, ...] = (self._base_url, model or "", voice or "")
        self.settings += tuple(f"{name}={value}" for name, value in self._manner.items())
        self._client = new_client(tls, self.deadline_seconds, self.max_concurrency)

    def unavailable_reason(self) -> str | None:
        for name, value in (
            ("MEMO_SPEECH_BASE_URL", self._base_url),
            ("MEMO_SPEECH_MODEL", self._model),
            ("MEMO_SPEECH_VOICE", self._voice.default),
        ):
            if not value:
                return f"{name} is not set"
        return None

    def supports_voice(self, _voice: str) -> bool:
        return True

    def supports_language(self, _language: str) -> bool:
        return True

    def reads_script(self, _script: str, _language: str) -> bool:
        return True

    async def speak(self, utterance: Utterance) -> EncodedAudio:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        request = self._client.build_request(
            "POST",
            f"{self._base_url}/audio/speech",
            headers=self._headers,
            json={
                "input": utterance.text,
                "model": self._model,
                "voice": utterance.voice or self._voice.voice_for(utterance.language),
                "response_format": "mp3",
            }
            | self._manner,
        )
        return EncodedAudio((await fetch(self._client, request),))

    async def aclose(self) -> None:
        await self._client.aclose()
