"""Characters: which of them a voice can say, and the full stop of each script."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

from app.speech.writing_systems import writing_system

_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")
_AS_EMOJI = re.compile(r"(?:[^\w\s]|ℹ)\ufe0f")
_ARROW = re.compile(r"[\u2190-\u21ff\u2794-\u27be\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b11\u2b95]")
_JOINERS = "\u200c\u200d"

# The word characters of scripts that need joiners: Arabic, and the Indic scripts to Sinhala.
_JOINED = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u0900-\u0dff]")
_VIRAMA = 9  # canonical combining class
_MOST_MARKS = 4  # on one letter; more is decoration, and slow to normalise

# Letters and marks by category that show nothing, or only choose how another one looks.
_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe0e\ufe0f")
# Signs among the pictographs that voices do read.
_READ = frozenset("°©®™℠℃℉№℗")

_FULL_STOPS = MappingProxyType(
    {
        "armenian": "։", "devanagari": "।", "bengali": "।", "gurmukhi": "।", "oriya": "।",
        "tibetan": "།", "burmese": "။", "ethiopic": "።", "khmer": "។", "han": "。", "kana": "。",
    }
)  # fmt: skip


def visible(text: str) -> str:
    """`text` without emoji and without hidden, control and bidirectional characters.

    Joiners stay where a word needs them (Persian, Indic scripts). Arrows become commas, line and
    paragraph separators newlines. Composed to NFC, the form that voices know.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _AS_EMOJI.sub(" ", _KEYCAP.sub(" ", _ARROW.sub(", ", text)))
    text = text.translate({ord(character): _shown(character) for character in set(text)})
    return unicodedata.normalize("NFC", _unstacked(_joined(text)))


def full_stop(text: str) -> str:
    """The full stop of the script that the last letter of `text` belongs to."""
    last = next(filter(str.isalpha, reversed(text)), "a")
    return _FULL_STOPS.get(writing_system(last), ".")


def _shown(character: str) -> str:
    """What stays of `character`: itself, a space or newline, or nothing."""
    if character in _JOINERS or character in _READ or "\u3200" <= character <= "\u33ff":
        return character
    if character in _HIDDEN or "\U000e0100" <= character <= "\U000e01ef":
        return ""
    category = unicodedata.category(character)
    if character == "\n" or category in ("Zl", "Zp"):
        return "\n"
    if character == "\t" or category in ("Zs", "So") or (category == "Sk" and character > "~"):
        return " "
    return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Me") else character


def _joined(text: str) -> str:
    """`text` with joiners only where they shape a word."""
    if not any(joiner in text for joiner in _JOINERS):
        return text
    kept = [
        character
        for at, character in enumerate(text)
        if character not in _JOINERS or _shapes_a_word(text[at - 1 : at], text[at + 1 : at + 2])
    ]
    return "".join(kept)


def _shapes_a_word(before: str, after: str) -> bool:
    if not _JOINED.match(before):
        return False
    return bool(_JOINED.match(after)) or unicodedata.combining(before) == _VIRAMA


def _unstacked(text: str) -> str:
    """`text` with no more than a few marks on one letter."""
    if not any(map(unicodedata.combining, text)):
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
