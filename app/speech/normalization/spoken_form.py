"""The spoken form of a sentence: what a voice is given for what was written.

Numbers that any voice reads well stay digits, so that it inflects them as its language asks for.
What voices misread is put into words. Names of months, units and currencies, and their plurals,
are CLDR's (through Babel); ordinals and years too (through unicode-rbnf).
"""

from __future__ import annotations

import re
from functools import cache

from app.speech.normalization.abbreviations import abbreviations, calmed
from app.speech.normalization.clock import clock
from app.speech.normalization.dates import dates
from app.speech.normalization.identifiers import identifiers
from app.speech.normalization.money import money
from app.speech.normalization.ordinals import ordinals
from app.speech.normalization.quantities import quantities
from app.speech.normalization.words import Words, words_for

LONGEST = 5_000
"""Characters; what is longer is no sentence and is said as it is written."""

_SPACES = re.compile(r"  +")
_DOUBLED = re.compile(r"(時速|摂氏|每小时)\1")
_CHINESE_YEAR = re.compile(r"(?<![0-9.])[12][0-9]{3}(?=年)")
_CHINESE_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_CHINESE_TWO = re.compile(
    r"(?<![0-9.点到/])2(?=[个位名件次张本杯瓶天点元块千公美欧英小]|分钟|周年)"
)
_OPEN = re.compile(r"(?<![0-9])24/7(?![0-9/])")


def spoken_form(text: str, language: str) -> str:
    """What a voice is given for `text`, one speakable sentence in `language` (BCP 47)."""
    if len(text) > LONGEST:
        return text
    words = words_for(language)
    line = calmed(text)
    if words is None:
        return identifiers(line, None).replace("№", "")
    line = _OPEN.sub("24 7", line)
    # Identifiers first: what is spelled holds no number that the others would take.
    line = identifiers(line, words)
    line = abbreviations(line, words)
    for step in (dates, money, clock, ordinals, quantities):
        line = step(line, words)
    if words.tag == "zh":
        line = _chinese(line)
    line = _DOUBLED.sub(r"\1", line)
    if words.between:
        line = _between(words).sub(rf"\1 {words.between[1]} ", line)
    return _SPACES.sub(" ", line).strip()


def _chinese(line: str) -> str:
    """Years by the digit, and the 2 that counts something."""
    line = _CHINESE_YEAR.sub(lambda match: match[0].translate(_CHINESE_DIGITS), line)
    return _CHINESE_TWO.sub("两", line)


@cache
def _between(words: Words) -> re.Pattern[str]:
    """A range behind `between`: its ends are joined by another word than `to`."""
    assert words.between
    to = words.range.format(a="", b="").strip()
    return re.compile(
        rf"((?<!\w)(?:{words.between[0]}) [0-9][^\s]{{0,20}}(?: [^\s0-9]{{1,20}})?) {to} (?=[0-9])"
    )
