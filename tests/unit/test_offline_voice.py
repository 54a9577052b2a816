"""The list of what the offline voice misreads is true, by its phonemes."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import pytest

from app.speech.engines.espeak_library import library

_DOCS = (Path(__file__).parents[2] / "docs" / "speech.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\w\w) \| ([^|]+) \| ([^|]+) \|[^|]+\|$", _DOCS, re.MULTILINE)
_VOICES = {"en": "en-us", "pt": "pt-br", "zh": "cmn"}


def phonemes(text: str, language: str) -> str:
    """As `espeak-ng -q --ipa` prints them."""
    c = library()._c
    c.espeak_TextToPhonemes.restype = ctypes.c_char_p
    c.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)
    c.espeak_SetVoiceByName(library().voices[_VOICES.get(language, language)].encode())
    written = ctypes.create_string_buffer(text.encode())
    at = ctypes.c_void_p(ctypes.addressof(written))
    clauses = []
    while at.value:
        clauses.append((c.espeak_TextToPhonemes(ctypes.byref(at), 1, 2) or b"").decode())
    return " ".join(" ".join(clauses).split())


def test_the_list_covers_the_languages() -> None:
    assert {language for language, _, _ in ROWS} >= {"en", "de", "fr", "es", "it", "pt", "ja"}


@pytest.mark.parametrize(("language", "given", "heard"), ROWS)
def test_the_offline_voice_still_misreads_it(language: str, given: str, heard: str) -> None:
    assert phonemes(given, language) == heard
