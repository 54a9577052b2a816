"""Clock times, opening hours and the days they hold for."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from app.speech.normalization.numerals import DASH
from app.speech.normalization.words import Words

_HALVES = MappingProxyType(
    {
        "en": {"a": " a.m.", "p": " p.m."},
        "es": {"a": " de la mañana", "p": " de la tarde"},
        "ar": {"ص": " صباحًا", "م": " مساءً"},
    }
)


def clock(line: str, words: Words) -> str:
    """`line` with times and spans of time as they are said."""
    line = _weekdays(line, words)
    spans, single = _patterns(words)
    line = spans.sub(lambda match: _span(match, words), line)
    return single.sub(lambda match: _single(match, words), line)


@cache
def _patterns(words: Words) -> tuple[re.Pattern[str], re.Pattern[str]]:
    clock = words.clock
    sign = clock.sign or r"\b\B"
    separators = re.escape(clock.separators)

    def time(name: str) -> str:
        return (
            rf"(?P<{name}h>[01]?[0-9]|2[0-4])"
            rf"(?:\s?(?P<{name}sep>[{separators}])\s?(?P<{name}m>[0-5][0-9])(?![0-9:]))?"
            rf"(?:\s?(?P<{name}sign>{sign}))?"
        )

    begin = r"(?<![\w.,:/–-])" if words.spaced else r"(?<![A-Za-z0-9.,:/–-])"
    article = (
        rf"(?P<article>\b(?:{clock.article})\s?)?" if clock.article else "(?P<article>\\b\\B)?"
    )
    opening = (
        rf"(?P<opening>(?<!\w)(?:{clock.span_opening})\s?)?"
        if clock.span_opening
        else "(?P<opening>\\b\\B)?"
    )
    dash = rf"(?:{DASH}|\s?[〜～]\s?)"
    # An article or opening is a word of its own, so the digits behind it need no look back.
    spans = rf"{opening}{begin}{time('a')}{dash}{time('b')}(?![0-9%€$£])"
    single = rf"{article}{begin}{time('a')}(?![0-9])"
    flags = re.IGNORECASE
    return re.compile(spans, flags), re.compile(single, flags)


def _span(match: re.Match[str], words: Words) -> str:
    timed = match["bm"] or match["bsign"]
    if not timed or (match["am"] and not (match["bm"] or match["bsign"])):
        return match[0]
    if not (match["am"] or match["asign"] or match["bsign"]):
        return match[0]  # 9-17:30 stays: it may be anything
    if "." in (match["asep"] or "", match["bsep"] or "") and not (
        match["bsign"] or match["opening"]
    ):
        return match[0]
    opening = match["opening"] or ""
    if words.clock.span:
        return words.clock.span.format(
            a=_said(match, "a", words, behind_article=True),
            b=_said(match, "b", words, behind_article=True),
        )
    said = [_said(match, name, words) for name in "ab"]
    if match["bsign"] and not match["asign"] and words.tag in _HALVES and not match["am"]:
        said[0] = match["ah"].lstrip("0")
    return opening + words.range.format(a=said[0], b=said[1])


def _single(match: re.Match[str], words: Words) -> str:
    article, sign = match["article"] or "", match["asign"]
    if not match["am"] and (not sign or words.tag == "it"):
        return match[0]
    if match["asep"] == "." and not (sign or article):
        return match[0]
    said = _said(match, "a", words, behind_article=bool(article))
    return article + said


def _said(match: re.Match[str], name: str, words: Words, *, behind_article: bool = False) -> str:
    clock = words.clock
    hour, minutes = int(match[f"{name}h"]), int(match[f"{name}m"] or 0)
    sign = (match[f"{name}sign"] or "").lower()
    half = _HALVES.get(words.tag, {}).get(sign[:1], "") if sign else ""
    if minutes:
        template = clock.minutes
        if behind_article and clock.minutes_behind_article:
            template = clock.minutes_behind_article
        elif minutes < 10 and clock.under_ten:
            template = clock.under_ten
        return template.format(h=hour, m=minutes) + half
    if behind_article and clock.hour_behind_article:
        return clock.hour_behind_article.format(h=hour) + half
    if half:
        said = f"{hour}" if words.tag != "ar" else clock.hour.format(h=hour)
        return said + half
    return clock.one if hour == 1 and clock.one else clock.hour.format(h=hour)


def _weekdays(line: str, words: Words) -> str:
    """Short names of days in full, where they stand in a span or before a time."""
    if words.tag in ("zh", "ar"):
        return line
    spans, single = _weekday_patterns(words)

    def full(written: str) -> str:
        for pattern, name in zip(words.weekdays_short, words.weekdays, strict=True):
            if re.fullmatch(pattern, written):
                return name
        return written

    def span(match: re.Match[str]) -> str:
        return words.range.format(a=full(match[1]), b=full(match[2]))

    return single.sub(lambda match: full(match[1]), spans.sub(span, line))


@cache
def _weekday_patterns(words: Words) -> tuple[re.Pattern[str], re.Pattern[str]]:
    short = "|".join(words.weekdays_short)
    name = rf"(?:{short}|{'|'.join(words.weekdays)})"
    behind = r"(?!\w)" if words.spaced else ""
    begin = r"(?<![\w-])" if words.spaced else r"(?<![\w])"
    dash = rf"(?:{DASH}|[〜～・])" if not words.spaced else DASH
    spans = rf"{begin}({name})\.?{dash}({name})\.?{behind}"
    if not words.spaced:
        return re.compile(spans), re.compile(r"(\b\B)")
    time = r"[0-9]{1,2}(?:[:.h][0-9]{2}|\s?[-–]|\s?(?:Uhr|uur|h\b|[ap]\.?m))"
    single = rf"{begin}((?:{short}))\.?(?=[:,]?\s+(?:{time}|(?:{name})\.?[:,]?\s+{time}))"
    return re.compile(spans), re.compile(single)
