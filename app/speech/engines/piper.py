"""Piper: a local neural voice, in this process, from a voice file.

An optional extra (`pip install "voicememo-bot[piper]"`), since its runtime is large. A voice is
two files: `MEMO_PIPER_VOICE`, ending in `.onnx`, and its description beside it, in `.onnx.json`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.audio.pcm import Pcm
from app.languages import primary_subtag
from app.speech.engines.espeak import readable_scripts
from app.speech.engines.espeak_library import short_path
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.writing_systems import main_script

logging.getLogger("piper").setLevel(logging.INFO)  # below, it logs the texts


class Piper:
    """Engine over one Piper voice, which speaks one language."""

    name = "piper"
    max_chars = 300
    deadline_seconds = 60.0
    max_concurrency = 1  # the runtime uses every core for one text

    def __init__(self, voice: Path | None) -> None:
        self._path = voice
        self._lock = threading.Lock()
        self._voice: Any = None
        self.settings: tuple[str, ...] = (str(voice),)

    def unavailable_reason(self) -> str | None:
        if self._path is None:
            return "MEMO_PIPER_VOICE is not set"
        for file in (self._path, Path(f"{self._path}.json")):
            if not file.is_file():
                return f"MEMO_PIPER_VOICE: there is no file {file}"
        if importlib.util.find_spec("piper") is None:
            return 'piper is not installed: pip install "voicememo-bot[piper]"'
        return None

    def supports_voice(self, _voice: str) -> bool:
        return False

    def supports_language(self, language: str) -> bool:
        return primary_subtag(language) == self._language()

    def reads_script(self, script: str, language: str) -> bool:
        # Nearly all voices are given espeak-ng's phonemes; a Japanese one of another kind has its
        # own reading of kanji.
        if self._description().get("phoneme_type", "espeak") != "espeak":
            return script in ("latin", "kana", main_script(language))
        return script in readable_scripts(language)

    async def speak(self, utterance: Utterance) -> Pcm:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        return await asyncio.to_thread(self._synthesize, utterance.text)

    async def aclose(self) -> None:
        self._voice = None

    def _language(self) -> str:
        """The primary subtag of the voice's language, by its description; "" where it has none."""
        description = self._description()
        try:
            code = description.get("language", {}).get("code") or description["espeak"]["voice"]
        except (LookupError, AttributeError):
            return ""
        return primary_subtag(str(code))

    def _description(self) -> Mapping[str, Any]:
        """What stands beside the voice; empty where that cannot be read."""
        try:
            found = json.loads(Path(f"{self._path}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _synthesize(self, text: str) -> Pcm:
        with self._lock:
            voice = self._loaded()
            plain = text.replace("[[", "[ [")  # Piper reads [[…]] as phonemes
            try:
                audio = [chunk.audio_int16_bytes for chunk in voice.synthesize(plain)]
            except Exception as error:  # the runtime's errors have no common base
                raise EngineError(
                    "bad_response", f"Piper failed: {type(error).__name__}"
                ) from error
            return Pcm(b"".join(audio), voice.config.sample_rate)

    def _loaded(self) -> Any:
        if self._voice is None:
            from piper import PiperVoice
            from piper.phonemize_espeak import ESPEAK_DATA_DIR

            try:
                self._voice = PiperVoice.load(
                    str(self._path), espeak_data_dir=short_path(Path(ESPEAK_DATA_DIR))
                )
            except Exception as error:  # the runtime's errors have no common base
                raise EngineError(
                    "configuration", f"MEMO_PIPER_VOICE is no Piper voice: {type(error).__name__}"
                ) from error
        return self._voice
