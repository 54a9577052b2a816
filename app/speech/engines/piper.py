"""Piper: local neural voices, in this process, from voice files.

An optional extra (`pip install "voicememo-bot[piper]"`), since its runtime is large. A voice is
two files: one ending in `.onnx`, and its description beside it, in `.onnx.json`.
`MEMO_PIPER_VOICE` is such a file, or a folder of them with one voice a language;
`voicememo voices get NAME` fetches them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.audio.pcm import Pcm
from app.languages import normalized, primary_subtag
from app.speech.engines.espeak import readable_scripts
from app.speech.engines.espeak_library import short_path
from app.speech.engines.protocol import Utterance
from app.speech.errors import EngineError
from app.speech.writing_systems import main_script

logging.getLogger("piper").setLevel(logging.INFO)  # below, it logs the texts

_MAX_LOADED = 2  # voices in memory, some 100 MB each


class Piper:
    """Engine over Piper's voices, each of which speaks one language."""

    name = "piper"
    max_chars = 300
    deadline_seconds = 60.0
    max_concurrency = 1  # the runtime uses every core for one text

    def __init__(self, voice: Path | None, *, speed: float = 1.0) -> None:
        """voice: a voice file, or a folder of them. speed: times as fast as usual."""
        self._path = voice
        self._speed = speed
        self._lock = threading.Lock()
        self._loaded: dict[Path, Any] = {}
        self.settings: tuple[str, ...] = (str(voice),)
        if speed != 1.0:
            self.settings += (f"speed={speed}",)

    def unavailable_reason(self) -> str | None:
        if self._path is None:
            return "MEMO_PIPER_VOICE is not set"
        if self._path.is_dir():
            if not any(self._path.glob("*.onnx")):
                return f"MEMO_PIPER_VOICE: there is no voice (.onnx) in the folder {self._path}"
        else:
            for file in (self._path, Path(f"{self._path}.json")):
                if not file.is_file():
                    return f"MEMO_PIPER_VOICE: there is no file {file}"
        if importlib.util.find_spec("piper") is None:
            return 'piper is not installed: pip install "voicememo-bot[piper]"'
        return None

    def supports_voice(self, _voice: str) -> bool:
        return False

    def supports_language(self, language: str) -> bool:
        return self._file_for(language) is not None

    def reads_script(self, script: str, language: str) -> bool:
        # Nearly all voices are given espeak-ng's phonemes; a Japanese one of another kind has its
        # own reading of kanji.
        file = self._file_for(language)
        if file and file.phoneme_type != "espeak":
            return script in ("latin", "kana", "han", main_script(language))
        return script in readable_scripts(language)

    async def speak(self, utterance: Utterance) -> Pcm:
        if (problem := self.unavailable_reason()) is not None:
            raise EngineError("configuration", problem)
        file = self._file_for(utterance.language)
        if file is None:
            raise EngineError(
                "unsupported_language", f"no voice of Piper's speaks {utterance.language!r}"
            )
        return await asyncio.to_thread(self._synthesize, utterance.text, file.path)

    async def aclose(self) -> None:
        self._loaded.clear()

    def _file_for(self, language: str) -> _VoiceFile | None:
        """The voice of this very variety, else of the language it is a kind of."""
        found = [file for file in self._files() if file.speaks == primary_subtag(language)]
        exact = (file for file in found if file.language == normalized(language))
        return next(exact, found[0] if found else None)

    def _files(self) -> list[_VoiceFile]:
        if self._path is None:
            return []
        files = sorted(self._path.glob("*.onnx")) if self._path.is_dir() else [self._path]
        return [_VoiceFile.described(file) for file in files if Path(f"{file}.json").is_file()]

    def _synthesize(self, text: str, file: Path) -> Pcm:
        with self._lock:
            voice = self._voice(file)
            plain = text.replace("[[", "[ [")  # Piper reads [[…]] as phonemes
            try:
                audio = [chunk.audio_int16_bytes for chunk in self._chunks(voice, plain)]
            except Exception as error:  # the runtime's errors have no common base
                raise EngineError(
                    "bad_response", f"Piper failed: {type(error).__name__}"
                ) from error
            return Pcm(b"".join(audio), voice.config.sample_rate)

    def _chunks(self, voice: Any, text: str) -> Any:
        if self._speed == 1.0:
            return voice.synthesize(text)
        from piper import SynthesisConfig

        length = (voice.config.length_scale or 1.0) / self._speed
        return voice.synthesize(text, SynthesisConfig(length_scale=length))

    def _voice(self, file: Path) -> Any:
        if file not in self._loaded:
            from piper import PiperVoice
            from piper.phonemize_espeak import ESPEAK_DATA_DIR

            while len(self._loaded) >= _MAX_LOADED:
                self._loaded.pop(next(iter(self._loaded)))
            try:
                self._loaded[file] = PiperVoice.load(
                    str(file), espeak_data_dir=short_path(Path(ESPEAK_DATA_DIR))
                )
            except Exception as error:  # the runtime's errors have no common base
                raise EngineError(
                    "configuration", f"MEMO_PIPER_VOICE is no Piper voice: {type(error).__name__}"
                ) from error
        return self._loaded[file]


@dataclass(frozen=True)
class _VoiceFile:
    """A voice by its description. `language` is its whole tag, `speaks` the primary subtag."""

    path: Path
    language: str
    speaks: str
    phoneme_type: str

    @classmethod
    def described(cls, path: Path) -> _VoiceFile:
        description = _read(Path(f"{path}.json"))
        try:
            code = description.get("language", {}).get("code") or description["espeak"]["voice"]
        except (LookupError, AttributeError, TypeError):
            code = ""
        phonemes = str(description.get("phoneme_type", "espeak"))
        return cls(path, normalized(str(code)), primary_subtag(str(code)), phonemes)


def _read(file: Path) -> Mapping[str, Any]:
    """A voice's description; empty where it cannot be read."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
