"""The words with which a language says numbers, money, times and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from app.languages import normalized, primary_subtag


@dataclass(frozen=True)
class Coin:
    """A currency as people say it. `one` is the whole phrase for 1, with its article."""

    one: str
    other: str
    minor_one: str = ""
    minor_other: str = ""
    """Empty for currencies without a hundredth."""


@dataclass(frozen=True)
class Clock:
    """Templates with `{h}` and `{m}`, hours from 0 to 24, minutes from 1 to 59."""

    hour: str
    minutes: str
    under_ten: str = ""
    """Where it differs for minutes below 10."""
    one: str = ""
    """The full hour of 1."""
    sign: str = ""
    """Pattern of what stands behind a time or an hour alone, such as `Uhr`."""
    separators: str = ":"
    """Characters between hour and minute; those besides the colon only before `sign`."""
    article: str = ""
    """Pattern of words before a time behind which the bare hour is said."""
    hour_behind_article: str = ""
    minutes_behind_article: str = ""
    span: str = ""
    """With `{a}` and `{b}`, the bare forms; else the range of the language and full forms."""
    span_opening: str = ""
    """Pattern of words that `span` begins with, where they are written already."""


@dataclass(frozen=True)
class Dates:
    """How a date is said. Templates with `{d}`, `{month}` and `{y}`."""

    with_year: str
    without_year: str
    numeric: str = ""
    """Separators of a numeric date, day first: `.` in German."""
    month_first: bool = False
    days: Mapping[int, str] = field(default_factory=dict)
    """Days that are not said as a number."""


@dataclass(frozen=True, eq=False)
class Words:
    """All that normalization knows of a language. One for each tag, compared by identity."""

    tag: str
    """As CLDR names it."""
    decimal: str
    groups: str
    """Characters that part thousands."""
    range: str
    plus: str
    minus: str
    number: str
    """`Number` before a numeral, for `No.` and `#`."""
    percent: str
    weekdays: tuple[str, ...]
    """Monday first."""
    weekdays_short: tuple[str, ...]
    """Patterns in the same order, without a dot."""
    clock: Clock
    dates: Dates
    coins: Mapping[str, Coin]
    money_parts: str
    """With `{whole}`, `{part}` (the digits) and `{minor}` (digits and name)."""
    fractions: Mapping[str, str]
    mixed: str
    """With `{n}` and `{fraction}`."""
    yen: str = "JPY"
    """What `¥` stands for."""
    scales: Mapping[str, str] = field(default_factory=dict)
    scale_of: str = " "
    """Between a scale and a currency: ` de `."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Patterns without their last dot where it may be missing, and what is said."""
    ones: tuple[tuple[str, str], ...] = ()
    """Ends of a noun, and the word for 1 before it."""
    id_words: str = ""
    """Pattern of words before a number that is read digit by digit."""
    pairs: bool = False
    """Whether phone numbers are read in pairs, not digit by digit."""
    spaced: bool = True
    """Whether words are parted by spaces."""
    between: tuple[str, str] | None = None
    """A word before a range, and the one between its ends behind that: `between`, `and`."""
    regnal: str = ""
    """How the number of a king is said, with `{n}`: `ordinal`, or a template of digits."""


@cache
def words_for(language: str) -> Words | None:
    """The words of `language` (BCP 47); None where normalization does not know it."""
    primary = primary_subtag(language)
    if primary not in LANGUAGES:
        return None
    module = import_module(f"app.speech.normalization.languages.{primary}")
    regional: Mapping[str, Words] = getattr(module, "REGIONAL", {})
    words: Words = regional.get(normalized(language), module.WORDS)
    return words


LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "nl", "pt", "zh"})
