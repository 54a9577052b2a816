"""Writing systems: which one a letter belongs to, by the blocks of Unicode."""

from __future__ import annotations

from bisect import bisect_right
from types import MappingProxyType

from app.languages import primary_subtag

_BLOCKS = (
    (0x0041, 0x02AF, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x08A0, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"),
    (0x0A80, 0x0AFF, "gujarati"),
    (0x0B00, 0x0B7F, "oriya"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0C00, 0x0C7F, "telugu"),
    (0x0C80, 0x0CFF, "kannada"),
    (0x0D00, 0x0D7F, "malayalam"),
    (0x0D80, 0x0DFF, "sinhala"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x0F00, 0x0FFF, "tibetan"),
    (0x1000, 0x109F, "burmese"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"),
    (0x1780, 0x17FF, "khmer"),
    (0x1C90, 0x1CBF, "georgian"),
    (0x1E00, 0x1EFF, "latin"),
    (0x1F00, 0x1FFF, "greek"),
    (0x3005, 0x3007, "han"),
    (0x3040, 0x30FF, "kana"),
    (0x3130, 0x318F, "hangul"),
    (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xA960, 0xA97F, "hangul"),
    (0xAC00, 0xD7FF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB1D, 0xFB4F, "hebrew"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFC, "arabic"),
    (0xFF21, 0xFF5A, "latin"),
    (0xFF66, 0xFF9F, "kana"),
    (0x20000, 0x3FFFF, "han"),
)
_FIRSTS = tuple(first for first, _, _ in _BLOCKS)


SOLE = MappingProxyType(
    {
        "greek": "el", "armenian": "hy", "hebrew": "he", "bengali": "bn", "gurmukhi": "pa",
        "gujarati": "gu", "oriya": "or", "tamil": "ta", "telugu": "te", "kannada": "kn",
        "malayalam": "ml", "sinhala": "si", "thai": "th", "lao": "lo", "tibetan": "bo",
        "burmese": "my", "georgian": "ka", "hangul": "ko", "ethiopic": "am", "khmer": "km",
    }
)  # fmt: skip
# The first is taken where the default cannot be read and nothing else is likely.
SHARED = MappingProxyType(
    {
        "cyrillic": ("ru", "uk", "bg", "sr", "mk", "be", "kk"),
        "arabic": ("ar", "fa", "ur"),
        "devanagari": ("hi", "mr", "ne"),
        "latin": (
            "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk",
            "hu", "ro", "tr", "vi", "id", "ms", "ca", "gl", "eu", "hr", "bs", "sl", "sq", "et",
            "lv", "lt", "is", "cy", "af", "sw", "tl",
        ),
    }
)  # fmt: skip
"""The writing systems of several languages, the likeliest first."""

_OTHERS = MappingProxyType(
    {
        "ky": "cyrillic", "tt": "cyrillic", "ba": "cyrillic", "cv": "cyrillic", "ug": "arabic",
        "sd": "arabic", "ps": "arabic", "as": "bengali", "bpy": "bengali", "kok": "devanagari",
        "sa": "devanagari", "zh": "han", "yue": "han", "ja": "kana",
    }
)  # fmt: skip


def writing_system(character: str) -> str:
    """The writing system of a letter; "" for digits, signs, marks and scripts not known here."""
    if not character.isalpha():
        return ""
    code = ord(character)
    _, last, name = _BLOCKS[bisect_right(_FIRSTS, code) - 1]
    return name if code <= last else ""


def main_script(language: str) -> str:
    """The writing system that a language (BCP 47) is written in; of Japanese, kana."""
    primary = primary_subtag(language)
    if primary in _OTHERS:
        return _OTHERS[primary]
    for system, sole in SOLE.items():
        if sole == primary:
            return system
    return next((system for system, several in SHARED.items() if primary in several), "latin")
