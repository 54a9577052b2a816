"""gTTS: Google Translate's voice. Needs no key but the internet, and is limited without notice.

The gtts package prepares the requests; it would send them one after the other, without verifying
TLS and without a timeout, so they are sent here instead. The response is read as gTTS 2.5.4
`tts.py` reads it: a line of JSON that names the procedure `jQ1olc` and holds MP3 in base64.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import ssl

import httpx
from gtts import gTTS
from gtts.lang import tts_langs

from app.languages import normalized
from app.speech.audio_jobs import EncodedAudio
from app.speech.concurrency import gather_or_cancel
from app.speech.engines.http_client import fetch, new_client
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError

logging.getLogger("gtts").setLevel(logging.INFO)  # below, it logs the texts

_LANGUAGES = {name.lower(): name for name in tts_langs()}
_OTHER_NAMES = {
    "zh": "zh-CN",
    "zh-hans": "zh-CN",
    "zh-sg": "zh-CN",
    "zh-hant": "zh-TW",
    "zh-hk": "yue",
    "he": "iw",
    "jv": "jw",
    "nb": "no",
    "nn": "no",
    "fil": "tl",
}
# Google speaks with the accent of the country whose host gets the request.
_ACCENTS = {
    "en-gb": "co.uk",
    "en-au": "com.au",
    "en-in": "co.in",
    "en-ca": "ca",
    "en-ie": "ie",
    "en-za": "co.za",
    "en-ng": "com.ng",
    "es-mx": "com.mx",
    "es-us": "com",
    "es-es": "es",
    "pt-br": "com.br",
    "fr-fr": "fr",
    "fr-ca": "ca",
}


class GoogleTranslate:
    """Engine over gTTS. A voice is the country part of Google's host, as gTTS's `tld`: `co.uk`."""

    name = "gtts"
    max_chars = gTTS.GOOGLE_TTS_MAX_CHARS
    deadline_seconds = 6.0
    max_concurrency = 8
    settings: tuple[str, ...] = ()

    def __init__(self, base_url: str | None = None, tls: ssl.SSLContext | None = None) -> None:
        """`base_url` takes the place of https://translate.google.com."""
        self._base_url = base_url
        self._client = new_client(tls, self.deadline_seconds, self.max_concurrency)

    def unavailable_reason(self) -> str | None:
        return None

    def supports_voice(self, voice: str) -> bool:
        return voice in _ACCENTS.values()

    def supports_language(self, language: str) -> bool:
        return _language(language) is not None

    def reads_script(self, _script: str, _language: str) -> bool:
        return True

    async def speak(self, utterance: Utterance) -> EncodedAudio:
        language = _language(utterance.language)
        if language is None:
            raise EngineError(
                "unsupported_language", f"Google does not speak {utterance.language!r}"
            )
        tld = utterance.voice or _ACCENTS.get(normalized(utterance.language), "com")
        requests = self._requests(utterance.text, language, tld)
        files = await gather_or_cancel(self._fetch_mp3(request) for request in requests)
        return EncodedAudio(tuple(files))

    async def aclose(self) -> None:
        await self._client.aclose()

    def _requests(self, text: str, language: str, tld: str) -> list[httpx.Request]:
        try:
            prepared = gTTS(text, lang=language, tld=tld, lang_check=False)._prepare_requests()
        except AssertionError:
            prepared = []
        if not prepared:
            raise EngineError("no_words", "gTTS finds no words")
        found = []
        for request in prepared:
            url = httpx.URL(request.url)
            if self._base_url:
                base = httpx.URL(self._base_url)
                url = url.copy_with(scheme=base.scheme, host=base.host, port=base.port)
            headers = {
                name: value
                for name, value in request.headers.items()
                if name.lower() != "content-length"
            }
            found.append(
                self._client.build_request("POST", url, headers=headers, content=request.body)
            )
        return found

    async def _fetch_mp3(self, request: httpx.Request) -> bytes:
        return _mp3(await fetch(self._client, request))


def _language(tag: str) -> str | None:
    tag = normalized(tag)
    primary = tag.partition("-")[0]
    for name in (tag, primary):
        if found := _OTHER_NAMES.get(name) or _LANGUAGES.get(name):
            return found
    return None


def _mp3(body: bytes) -> bytes:
    """The MP3 in Google's response. Raises: EngineError."""
    procedure = gTTS.GOOGLE_TTS_RPC
    for line in body.decode("utf-8", "replace").splitlines():
        if procedure not in line:
            continue
        try:
            results = json.loads(line)
            payload = next(result[2] for result in results if result[:2] == ["wrb.fr", procedure])
            if payload is None:
                raise EngineError("bad_response", "Google gave no audio for this")
            return base64.b64decode(json.loads(payload)[0], validate=True)
        except (ValueError, TypeError, LookupError, StopIteration, binascii.Error) as error:
            raise EngineError("bad_response", "Google's response is cut off or changed") from error
    raise EngineError("bad_response", "no audio in Google's response")
