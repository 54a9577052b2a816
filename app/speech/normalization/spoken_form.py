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
    line = _DOUBLED.sub(r"\1", line)
    if words.between:
        line = _between(words).sub(rf"\1 {words.between[1]} ", line)
    return _SPACES.sub(" ", line).strip()


@cache
def _between(words: Words) -> re.Pattern[str]:
    """A range behind `between`: its ends are joined by another word than `to`."""
    assert words.between
    to = words.range.format(a="", b="").strip()
    return re.compile(
        rf"((?<!\w)(?:{words.between[0]}) [0-9][^\s]{{0,20}}(?: [^\s0-9]{{1,20}})?) {to} (?=[0-9])"
    )
