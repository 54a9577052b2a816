"""Dates and years."""

from __future__ import annotations

import re
from functools import cache

from app.speech.normalization.numerals import end, ordinal, start, year
from app.speech.normalization.words import Words

_ENGLISH_MONTH_FIRST = r"(?P<month>{months})\.?\s(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?:1[1-9]|20)[0-9]{2}"
_YEAR_WORDS = {
    "en": r"\b(?:in|since|until|year|[Ii]n|[Ss]ince)",
    "de": r"\b(?:[Ii]m Jahre?|[Ss]eit|Jahre?|[Aa]nno)",
}
_DATIVE = re.compile(
    r"(?:\b(?:am|vom|zum|beim|dem|den|ab|bis|seit|nach|vor|im)\s)\Z", re.IGNORECASE
)
_NOMINATIVE = re.compile(r"(?:\b(?:der|die|das)\s)\Z", re.IGNORECASE)
_WEEKDAY_DATIVE = re.compile(r"\b(?:am|vom|zum)\s\w{6,10}, \Z", re.IGNORECASE)
_WITH_THE = re.compile(r"\bthe\s\Z", re.IGNORECASE)
_LOOK_BACK = 32  # characters before a date that decide its ending


def dates(line: str, words: Words) -> str:
    """`line` with dates as they are said."""
    for pattern, is_numeric in _patterns(words):
        line = pattern.sub(lambda match, n=is_numeric: _said(match, words, n), line)  # type: ignore[misc]
    if context := _YEAR_WORDS.get(words.tag):
        line = re.sub(
            rf"({context})\s({_YEAR})(?![\w%€$£]|[.,:/–-][0-9])",
            lambda match: f"{match[1]} {year(int(match[2]), words)}",
            line,
        )
    return line


@cache
def _patterns(words: Words) -> tuple[tuple[re.Pattern[str], bool], ...]:
    begin, stop = start(words), end(words)
    iso = rf"{begin}(?P<y>{_YEAR})-(?P<m>0[1-9]|1[0-2])-(?P<d>[0-2][0-9]|3[01])(?![-0-9A-Za-z])"
    found: list[tuple[str, bool]] = [(iso, True)]
    if not words.spaced:
        found.append(
            (rf"{begin}(?P<y>{_YEAR})[/.](?P<m>[01]?[0-9])[/.](?P<d>[0-3]?[0-9])(?![0-9])", True)
        )
        found.append(
            (
                r"(?<![0-9/])(?P<m>1[0-2]|[1-9])/(?P<d>[0-3]?[0-9])(?![0-9/])(?=[（(][月火水木金土日])",
                True,
            )
        )
        return tuple((re.compile(pattern), numeric) for pattern, numeric in found)
    two, digits = ("m", "d") if words.dates.month_first else ("d", "m"), "[0-3]?[0-9]"
    for sep in words.dates.numeric or ("/" if words.tag == "en" else ""):
        s = re.escape(sep)
        found.append(
            (
                rf"{begin}(?P<{two[0]}>{digits}){s}(?P<{two[1]}>{digits}){s}(?P<y>{_YEAR}|[0-9]{{2}})(?![\w/-]|\.[0-9])",
                True,
            )
        )
    if words.tag == "de":
        found.append((rf"{begin}(?P<d>{digits})\.(?P<m>[01]?[0-9])\.(?![0-9])", True))
    months = "|".join(map(re.escape, sorted(_months(words), key=len, reverse=True)))
    of = r"(?:\s(?:de|del)\s|\s)" if words.tag in ("es", "pt") else r"\s"
    year_behind = rf"(?:{of}|,\s)(?P<y>{_YEAR}){stop}"
    suffix = {
        "de": r"\.",
        "fr": r"(?:er)?",
        "it": r"[º°]?",
        "pt": r"[º°]?",
        "en": r"(?:st|nd|rd|th)?(?:\sof)?",
    }
    found.append(
        (
            rf"{begin}(?P<d>{digits}){suffix.get(words.tag, '')}{of.replace(' ', '')}"
            rf"(?P<month>{months})(?!\w)\.?(?:{year_behind})?",
            False,
        )
    )
    if words.tag == "en":
        pattern = _ENGLISH_MONTH_FIRST.format(months=months)
        found.append(
            (rf"(?<!\w){pattern}(?![0-9:.,/-]*[0-9%]|\s?[ap]m)(?:,?\s(?P<y>{_YEAR})\b)?", False)
        )
    return tuple((re.compile(pattern), numeric) for pattern, numeric in found)


def _said(match: re.Match[str], words: Words, is_numeric: bool) -> str:
    found = match.groupdict()
    day = int(found["d"])
    month = int(found["m"]) if is_numeric else _months(words)[found["month"]]
    written_year = found.get("y")
    if words.tag == "en" and is_numeric and "/" in match[0] and not words.dates.numeric:
        if month <= 12 and day <= 12 and day != month:
            return match[0].replace("/", " slash ")  # nobody can tell which is the month
        if month > 12:
            day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    if not words.spaced:
        template = words.dates.with_year if written_year else words.dates.without_year
        return template.format(y=written_year, m=month, d=day)
    before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    dot = "." if match[0].endswith(".") and not match.string[match.end() :].strip() else ""
    name = _names(words)[month]
    number = int(written_year) if written_year else 0
    if 0 < number < 100:
        number += 2000 if number < 70 else 1900
    said_year = year(number, words) if number else ""
    if words.tag == "en":
        return _english(match, before, day, name, said_year, words) + dot
    template = words.dates.with_year if number else words.dates.without_year
    return template.format(d=_day(day, before, words), month=name, y=said_year) + dot


def _english(
    match: re.Match[str], before: str, day: int, name: str, said_year: str, words: Words
) -> str:
    th = english_ordinal(day)
    month_first = match[0][0].isalpha() or "-" in match[0] or "/" in match[0]
    if "/" in match[0] and words.dates.numeric and not words.dates.month_first:
        month_first = False
    if month_first:
        return f"{name} {th}, {said_year}" if said_year else f"{name} {th}"
    the = "" if _WITH_THE.search(before) else "the "
    return f"{the}{th} of {name}" + (f", {said_year}" if said_year else "")


def english_ordinal(number: int) -> str:
    """`3` → `3rd`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _day(day: int, before: str, words: Words) -> str:
    if words.tag != "de":
        return words.dates.days.get(day, str(day))
    if _DATIVE.search(before) or _WEEKDAY_DATIVE.search(before):
        return ordinal(day, words, "spellout-ordinal-n")
    if _NOMINATIVE.search(before):
        return ordinal(day, words, "spellout-ordinal")
    return ordinal(day, words, "spellout-ordinal-r")


@cache
def _months(words: Words) -> dict[str, int]:
    """The number of a month by its name, full or short."""
    from babel.dates import get_month_names

    found: dict[str, int] = {}
    for width in ("abbreviated", "wide"):
        for number, name in get_month_names(width, "format", words.tag).items():
            for form in {name, name.rstrip("."), name.rstrip(".").capitalize()}:
                found[form] = number
    if words.tag == "en":
        found["Sept"] = 9
    return found


@cache
def _names(words: Words) -> dict[int, str]:
    from babel.dates import get_month_names

    return dict(get_month_names("wide", "format", words.tag))
