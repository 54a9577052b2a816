"""Abbreviations in full, numero signs, and words in capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from app.speech.normalization.words import Words

_SHOUTED = 4  # letters of a word that is no acronym
_NUMERO = re.compile(r"№\s?(?=[0-9])")
_STRETCHED = re.compile(r"([^\W\d_])\1{3,}")


def abbreviations(line: str, words: Words) -> str:
    """`line` with abbreviations in full. The dot that ends the sentence stays."""
    for pattern, full in _patterns(words):
        line = pattern.sub(lambda match, full=full: _full(match, full), line)  # type: ignore[misc]
    space = " " if words.spaced else ""
    return _NUMERO.sub(words.number + space, line)


def calmed(line: str) -> str:
    """`line` with words in capitals in small letters, where they are shouted and no acronyms."""
    tokens = re.split(r"(\s+)", _STRETCHED.sub(r"\1\1", line))
    words = tokens[::2]
    at = 0
    while at < len(words):
        last = at
        while last < len(words) and _is_capital(words[last]):
            last += 1
        if _is_shouted(words[at:last]):
            for number in range(at, last):
                tokens[2 * number] = words[number].lower()
            tokens[2 * at] = words[at][:1] + words[at][1:].lower()
        at = max(last, at + 1)
    return "".join(tokens)


@cache
def _patterns(words: Words) -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for key, full in words.abbreviations.items():
        begin = (
            ""
            if key.startswith(("(?<", r"\b", "[(（]", "〒")) or not words.spaced
            else r"(?<![\w.])"
        )
        stop = "" if full.endswith(" ") or not words.spaced else r"\.?(?![\w])"
        found.append((re.compile(begin + key + stop), full))
    return tuple(found)


def _full(match: re.Match[str], full: str) -> str:
    ends = not match.string[match.end() :].strip("\"'”’»)") and match[0].endswith(".")
    return full + "." if ends else full


def _is_capital(word: str) -> bool:
    letters = [character for character in word if character.isalpha()]
    if not letters or any(map(str.isdigit, word)):
        return False
    return all(character.isupper() for character in letters)


def _is_shouted(words: Sequence[str]) -> bool:
    long = sum(sum(map(str.isalpha, word)) >= _SHOUTED for word in words)
    return long >= 2 or (len(words) >= 3 and long >= 1)
