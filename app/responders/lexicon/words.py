"""Text as words that compare equal however they are written: case, accents and width folded.

A word is a run of letters, digits and their marks. Scripts written without spaces (Chinese,
Japanese, Thai, Lao, Khmer, Burmese) have no such runs: there every character is a word, so that
what is looked for is found anywhere. Emoji are words, too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A folded word, and where it stands in `normal(text)`."""

    text: str
    start: int
    end: int


def normal(text: str) -> str:
    """The text with one way to write each character (NFKC), as offsets and patterns see it."""
    return unicodedata.normalize("NFKC", text)


def words(text: str) -> tuple[Word, ...]:
    """The words of `normal(text)`, in order."""
    text = normal(text)
    spans: list[tuple[int, int]] = []
    in_run = False
    for index, character in enumerate(text):
        if _belongs_to_word_before(character):
            if spans and spans[-1][1] == index:
                spans[-1] = (spans[-1][0], index + 1)
            continue
        alone = _is_spaceless(character) or unicodedata.category(character) == "So"
        in_word = alone or character.isalnum()
        if in_word and not alone and in_run and spans[-1][1] == index:
            spans[-1] = (spans[-1][0], index + 1)
        elif in_word:
            spans.append((index, index + 1))
        in_run = in_word and not alone
    return tuple(Word(fold(text[start:end]), start, end) for start, end in spans)


def fold(word: str) -> str:
    """One word without case, accents, vowel points and joiners."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    bare = "".join(c for c in decomposed if not _is_dropped(c)).translate(_SAME)
    return unicodedata.normalize("NFC", bare)


# Letters that Unicode does not take apart, and those that people type one for the other.
_SAME = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
    }
)

# Accents, Hebrew points, Arabic vowel signs and tatweel. Marks of other scripts carry meaning.
_DROPPED = (
    (0x0300, 0x036F),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x0640, 0x0640),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x200B, 0x200F),
    (0xFE00, 0xFE0F),
    (0x1F3FB, 0x1F3FF),
)

# Thai to Lao, Burmese, Khmer, kana, Han with its extensions, Yi.
_SPACELESS = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3041, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)


def _is_spaceless(character: str) -> bool:
    point = ord(character)
    return (
        point >= 0x0E00
        and character.isalpha()
        and any(first <= point <= last for first, last in _SPACELESS)
    )


def _belongs_to_word_before(character: str) -> bool:
    """Marks, skin tones, joiners, soft hyphens."""
    return unicodedata.category(character).startswith("M") or _is_dropped(character)


def _is_dropped(character: str) -> bool:
    point = ord(character)
    return point == 0xAD or (
        point >= 0x0300 and any(first <= point <= last for first, last in _DROPPED)
    )
