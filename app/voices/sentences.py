"""Sentences: where a text may be cut so that it still sounds whole."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise, takewhile

from app.voices.abbreviations import ABBREVIATIONS, BEFORE_NUMBERS, MONTHS

_CLOSERS = r"[\"'”’»›)\]）」』】》]*"
# What ends a sentence wherever it stands, and what ends one before white space.
_END = re.compile(
    rf"\n+|[。！？｡｟۔؟।॥။።։༎།]+[。！？!?…]*{_CLOSERS}|[។៕]+|ฯลฯ(?=\s)|[.!?…;‽⸮]+{_CLOSERS}(?=\s|$)"
)
_CLAUSE = re.compile(r"[、，；：،؛၊፣]+|[,;:–—]+(?=\s)|[)\]]+(?=\s)")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\S")
_LAST_WORD = re.compile(r"[^\s(\"'“«\[]*$")

_DOTTED = re.compile(r"(?:[^\W\d]\.)+[^\W\d]")
_DOTTED_ENDS = frozenset(("a.m", "p.m"))

_VIRAMA = 9  # canonical combining class
_LEADING_VOWELS = "เแโใไເແໂໃໄ"  # of Thai and Lao, written before their consonant
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_JAMO = ("\u1100", "\u11ff")
_FLAGS = ("\U0001f1e6", "\U0001f1ff")  # in pairs


def sentences(text: str) -> list[str]:
    """The sentences of `text`, in order, without the white space between them."""
    cuts = [0, *_sentence_ends(text), len(text)]
    return [piece for a, b in pairwise(cuts) if (piece := text[a:b].strip())]


def chunks(text: str, limit: int) -> list[str]:
    """`text` in as few pieces of at most `limit` characters as can be had one after the other.

    Cut after a sentence; where that leaves nothing, after a clause, then a word, then between two
    letters as a reader sees them (a cluster longer than `limit` is cut all the same).

    Raises: ValueError if `limit` is below 1.
    """
    if limit < 1:
        raise ValueError(f"a piece of {limit} characters holds nothing")
    ends = [_sentence_ends(text), _clause_ends(text), [m.start() for m in _SPACE.finditer(text)]]
    pieces: list[str] = []
    start = _next_word(text, 0)
    while start < len(text):
        end = len(text) if len(text) - start <= limit else _cut(text, start, limit, ends)
        pieces.append(text[start:end].rstrip())
        start = _next_word(text, end)
    return pieces


def _sentence_ends(text: str) -> list[int]:
    return [match.end() for match in _END.finditer(text) if _ends_sentence(text, match)]


def _clause_ends(text: str) -> list[int]:
    return [match.end() for match in _CLAUSE.finditer(text)]


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    mark = match[0]
    if mark[0] not in ".!?…;":
        return True
    if mark[0] == ";":  # the question mark of Greek
        return mark == ";" and _is_greek(text[match.start() - 1 : match.start()])
    following = text[match.end() : match.end() + 3].lstrip()
    is_plain = len(mark) == 1 or mark[-1] in ".!?…"
    if following[:1].islower() and (mark[0] in ".…" or not is_plain):
        return False
    return mark != "." or not _is_abbreviated(text, match.start(), match.end())


def _is_abbreviated(text: str, start: int, end: int) -> bool:
    """Whether the dot at `start` belongs to the word before it."""
    line = text[max(0, start - 24) : start]
    found = _LAST_WORD.search(line)
    word = found[0] if found else ""
    lower = word.lower()
    next_word = text[end : end + 16].split(maxsplit=1)[:1]
    following = next_word[0] if next_word else ""
    if len(word) == 1 and word.isalpha() and not word.islower():
        return True  # an initial
    if _DOTTED.fullmatch(word):
        return lower not in _DOTTED_ENDS
    if word.isdecimal() and len(word) < 3:
        begins_line = not line[: -len(word)].rpartition("\n")[2].strip()
        return begins_line or following.strip(".,;:!?").lower() in MONTHS
    return lower in ABBREVIATIONS or (lower in BEFORE_NUMBERS and following[:1].isdecimal())


def _is_greek(character: str) -> bool:
    return "\u0370" <= character <= "\u03ff" or "\u1f00" <= character <= "\u1fff"


def _next_word(text: str, at: int) -> int:
    found = _WORD.search(text, at)
    return found.start() if found else len(text)


def _cut(text: str, start: int, limit: int, ends: Sequence[Sequence[int]]) -> int:
    """Where the piece that begins at `start` ends: at the last place of the best kind."""
    for places in ends:
        last = bisect_right(places, start + limit) - 1
        if last >= 0 and places[last] > start:
            return places[last]
    whole = (at for at in range(start + limit, start, -1) if not _is_inside_cluster(text, at))
    return next(whole, start + limit)


def _is_inside_cluster(text: str, at: int) -> bool:
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
    if _FLAGS[0] <= after <= _FLAGS[1]:
        letters = takewhile(lambda c: _FLAGS[0] <= c <= _FLAGS[1], reversed(text[:at]))
        return sum(1 for _ in letters) % 2 == 1
    return False
