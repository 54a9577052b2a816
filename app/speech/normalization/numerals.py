"""Numerals: how they are written in a language, and read as a plain number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from unicode_rbnf import FormatPurpose, RbnfEngine

from app.speech.normalization.words import Words

DASH = r"\s?[-–—]\s?"


@dataclass(frozen=True)
class Numeral:
    """A number of ASCII digits: the whole, and what stands behind the decimal mark."""

    whole: str
    part: str

    @property
    def value(self) -> float:
        return float(f"{self.whole}.{self.part or 0}")

    def said(self, words: Words) -> str:
        """As a voice reads it: without groups, with the decimal mark of the language."""
        return f"{self.whole}{words.decimal}{self.part}" if self.part else self.whole


def numeral_pattern(words: Words) -> str:
    """Matches a number as `words` writes it, with groups or without."""
    groups = re.escape(words.groups)
    return (
        rf"(?:[0-9]{{1,3}}(?:[{groups}][0-9]{{3}}){{1,5}}(?![0-9])(?:[.,][0-9]{{1,6}}(?![0-9]))?"
        r"|[0-9]{1,15}(?:[.,][0-9]{1,6}(?![0-9]))?)"
    )


def start(words: Words) -> str:
    """Not inside a word or a longer number."""
    return r"(?<![\w.,:/–-])" if words.spaced else r"(?<![A-Za-z0-9_.,:/–-])"


def end(words: Words) -> str:
    return r"(?![\w])" if words.spaced else r"(?![A-Za-z0-9_])"


def numeral(written: str, words: Words) -> Numeral:
    """`written`, which matched `numeral_pattern`, as a number."""
    digits = re.sub(r"[^0-9.,]", "", written)
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return Numeral(digits, "")
    whole, _, part = digits.rpartition(marks[-1])
    repeated = marks.count(marks[-1]) > 1
    grouped = len(marks) == 1 and len(part) == 3 and marks[-1] in words.groups
    if repeated or grouped:
        whole, part = whole + part, ""
    return Numeral(re.sub(r"[.,]", "", whole), part)


def spelled(characters: str) -> str:
    """`characters` one by one: `AB12` → `A B 1 2`."""
    return " ".join(characters)


def in_threes(digits: str) -> list[str]:
    """Digits in groups that one can remember; up to five stay together."""
    if len(digits) <= 5:
        return [digits]
    last = len(digits) - 4 if len(digits) % 3 == 1 else len(digits)
    return [digits[at : at + 3] for at in range(0, last, 3)] + [digits[last:]] * (
        last < len(digits)
    )


def digit_groups(groups: Iterable[str]) -> str:
    """Each group digit by digit, with a short pause between them."""
    return ", ".join(spelled(part) for group in groups for part in in_threes(group))


def ordinal(number: int, words: Words, ruleset: str) -> str:
    """`number` as an ordinal, by the rule set of that name in CLDR, such as
    `spellout-ordinal-feminine`."""
    found = _engine(words.tag).format_number(number, FormatPurpose.ORDINAL)
    return found.text_by_ruleset.get(ruleset, found.text).replace("\u00ad", "")


def year(number: int, words: Words) -> str:
    """A year as it is said: in English always in words, in German up to 1999."""
    if words.tag == "en" or (words.tag == "de" and 1100 <= number < 2000):
        found = _engine(words.tag).format_number(number, FormatPurpose.YEAR)
        return found.text.replace("\u00ad", "")
    return str(number)


@cache
def _engine(tag: str) -> RbnfEngine:
    return RbnfEngine.for_language(tag)
