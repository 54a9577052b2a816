"""Sentences: where a text may be cut so that it still sounds whole."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from app.speech.abbreviations import ABBREVIATIONS, BEFORE_NUMBERS, BEFORE_ORDINALS, MONTHS
from app.speech.writing_systems import writing_system

# With the spaces of French: « Oui. »
_CLOSERS = r"(?:[\"'”’»›)\]）」』】》]|[ \u00a0\u202f][»›](?=[\s,;]|\Z))*"
# What ends a sentence: wherever it stands, or where white space follows.
_END = re.compile(
    rf"\n+|[。！？｡｟۔؟।॥။።։༎།]+[。！？!?…]*{_CLOSERS}|[។៕]+|ฯลฯ(?=\s)|([.!?…;‽⸮]+{_CLOSERS})"
)
_CLAUSE = re.compile(r"[、，；：،؛၊፣]+|([,;:–—)\]]+)")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\S")
_LAST_WORD = re.compile(r"[^\s(\"'“«\[]*\Z")

_LONGEST_ABBREVIATION = 24  # characters around a dot that are looked at
_DOTTED = re.compile(r"(?:[^\W\d]\.)+[^\W\d]")
_DOTTED_ENDS = frozenset(("a.m", "p.m"))

_VIRAMA = 9  # canonical combining class
_LEADING_VOWELS = "เแโใไເແໂໃໄ"  # of Thai and Lao, written before their consonant
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_JAMO = ("\u1100", "\u11ff")
_FLAGS = ("\U0001f1e6", "\U0001f1ff")  # in pairs


def sentences(text: str) -> list[str]:
    """The sentences of `text`, in order, without the white space between them."""
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence of `text` begins and ends, as in a slice."""
    found = []
    for start, end in pairwise([0, *_sentence_ends(text), len(text)]):
        sentence = text[start:end]
        if stripped := sentence.strip():
            start += len(sentence) - len(sentence.lstrip())
            found.append((start, start + len(stripped)))
    return found


def chunks(text: str, limit: int) -> list[str]:
    """`text` in chunks of at most `limit` characters, each as long as possible.

    Cut after a sentence; where that leaves nothing, after a clause, then a word, then between two
    letters as a reader sees them (a cluster longer than `limit` is cut all the same).

    Raises: ValueError if `limit` is below 1.
    """
    if limit < 1:
        raise ValueError(f"chunks need at least 1 character, not {limit}")
    text = text.rstrip()
    ends = [_sentence_ends(text), _clause_ends(text), [m.start() for m in _SPACE.finditer(text)]]
    found: list[str] = []
    start = _next_word(text, 0)
    while start < len(text):
        end = len(text) if len(text) - start <= limit else _cut(text, start, limit, ends)
        found.append(text[start:end].rstrip())
        start = _next_word(text, end)
    return found


def _sentence_ends(text: str) -> list[int]:
    return [match.end() for match in _END.finditer(text) if _ends_sentence(text, match)]


def _clause_ends(text: str) -> list[int]:
    ends = ((match.end(), bool(match[1])) for match in _CLAUSE.finditer(text))
    return [end for end, needs_space in ends if not needs_space or text[end : end + 1].isspace()]


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    start, end, mark = match.start(), match.end(), match[0]
    if match[1] is None:
        return True
    if end < len(text) and not text[end].isspace():
        return False
    if mark[0] == ";":  # the question mark of Greek
        return mark == ";" and writing_system(text[start - 1 : start] or " ") == "greek"
    following = text[end : end + 3].lstrip()
    is_quoted = mark[-1] not in ".!?…‽⸮"
    if following[:1].islower() and (is_quoted or mark[0] in ".…"):
        return False
    return mark != "." or not _is_abbreviated(text, start, end)


def _is_abbreviated(text: str, start: int, end: int) -> bool:
    """Whether the dot from `start` to `end` belongs to the word or number before it."""
    before = text[max(0, start - _LONGEST_ABBREVIATION) : start]
    word = before[_LAST_WORD.search(before).start() :]  # type: ignore[union-attr]
    following = (text[end : end + _LONGEST_ABBREVIATION].split(maxsplit=1) or [""])[0]
    if len(word) == 1 and word.isalpha() and (not word.islower() or following[1:2] == "."):
        return True  # an initial, or the first half of "z. B."
    if _DOTTED.fullmatch(word):
        return word.lower() not in _DOTTED_ENDS
    if word.isdecimal() and len(word) < 3:
        counts_items = before.removesuffix(word).rstrip(" ")[-1:] in ("", *"\n.!?:")
        if counts_items or following.strip(".,;:!?").lower() in MONTHS:
            return True
        words_before = before.removesuffix(word).split()
        return bool(words_before) and words_before[-1].lower() in BEFORE_ORDINALS
    word = word.lower()
    return word in ABBREVIATIONS or (word in BEFORE_NUMBERS and following[:1].isdecimal())


def _next_word(text: str, at: int) -> int:
    found = _WORD.search(text, at)
    return found.start() if found else len(text)


def _cut(text: str, start: int, limit: int, ends: Sequence[Sequence[int]]) -> int:
    """Where the chunk that begins at `start` ends: at the last place of the best kind."""
    for places in ends:
        last = bisect_right(places, start + limit) - 1
        if last >= 0 and places[last] > start:
            return places[last]
    last = start + limit
    return next((at for at in range(last, start, -1) if not _parts_letter(text, start, at)), last)


def _parts_letter(text: str, start: int, at: int) -> bool:
    """Whether a cut at `at` would part what a reader sees as one letter (after UAX 29)."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after) in ("Mn", "Mc", "Me") or after in "\u200c\u200dำຳ":
        return True
    if before == "\u200d" or unicodedata.combining(before) == _VIRAMA:
        return True
    if before in _LEADING_VOWELS:
        return True
    if _SKIN_TONES[0] <= after <= _SKIN_TONES[1]:
        return True
    if _JAMO[0] <= before <= _JAMO[1] and _JAMO[0] <= after <= _JAMO[1]:
        return True
    flags = 0
    while at - flags > start and _FLAGS[0] <= text[at - flags - 1] <= _FLAGS[1]:
        flags += 1
    return flags % 2 == 1 and _FLAGS[0] <= after <= _FLAGS[1]
