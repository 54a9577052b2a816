"""Days that a person speaks of: `tomorrow`, `next Friday`, `24.12.`, `Christmas`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from app.responders.lexicon import Lexicon
from app.responders.rules.utterance import Utterance

MAX_DAYS = 3
"""So many days of one text are answered."""

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMBERS = re.compile(r"(?<![\d.:/])(\d{1,2})([./])(\d{1,2})(?:\2(\d{2,4}))?(?![\d:])")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|º|ª)?")


@dataclass(frozen=True)
class SpokenDay:
    """A day, and the indexes of the words that name it."""

    day: date
    indexes: frozenset[int]


def days_in(
    utterance: Utterance, lexicon: Lexicon, today: date, *, month_first: bool = False
) -> tuple[SpokenDay, ...]:
    """The days named in an utterance, from today on, in the order they are named.

    month_first: whether 4/5 is the fifth of April.
    """
    found = [
        *_holidays(utterance, lexicon, today),
        *_months(utterance, lexicon, today),
        *_written(utterance, today, month_first=month_first),
    ]
    taken = frozenset().union(*(one.indexes for one in found))
    for one in (*_relative(utterance, lexicon, today), *_weekdays(utterance, lexicon, today)):
        if not one.indexes & taken:
            found.append(one)
            # A weekend is two days of one word.
    unique = {one.day: one for one in sorted(found, key=lambda one: (min(one.indexes), one.day))}
    return tuple(unique.values())[:MAX_DAYS]


def _holidays(utterance: Utterance, lexicon: Lexicon, today: date) -> Iterator[SpokenDay]:
    named = [
        (name, places)
        for name, places in lexicon.dates.tagged(_plain(utterance, lexicon))
        if name in _HOLIDAYS
    ]
    named += [
        (name, frozenset({index}))
        for index, word in enumerate(_plain(utterance, lexicon))
        for name in lexicon.dates.single.get(word, ())
        if name in _HOLIDAYS
    ]
    named.sort(key=lambda one: -len(one[1]))
    taken: frozenset[int] = frozenset()
    for name, places in named:
        if not places & taken:  # Christmas Eve is not Christmas
            taken |= places
            yield SpokenDay(_upcoming(_HOLIDAYS[name], today), places)


def _months(utterance: Utterance, lexicon: Lexicon, today: date) -> Iterator[SpokenDay]:
    """A number beside the name of a month: `24 December`, `December 24th`, `24 de diciembre`."""
    said = _plain(utterance, lexicon)
    for index, word in enumerate(said):
        for name in lexicon.dates.single.get(word, ()):
            kind, _, number = name.partition("-")
            if kind != "month" or not number.isdigit():
                continue
            for beside in (index - 1, index + 1, index - 2):
                if 0 <= beside < len(said) and (match := _ORDINAL.fullmatch(said[beside])):
                    day = _valid(today, int(number), int(match.group(1)))
                    if day:
                        yield SpokenDay(day, frozenset({index, beside}))
                        break


def _written(utterance: Utterance, today: date, *, month_first: bool) -> Iterator[SpokenDay]:
    for match in _ISO.finditer(utterance.text):
        year, month, day = (int(part) for part in match.groups())
        found = _exact(year, month, day)
        if found and found >= today:
            yield SpokenDay(found, _indexes(utterance, *match.span()))
    for match in _NUMBERS.finditer(utterance.text):
        first, sign, second, year_text = match.groups()
        swap = sign == "/" and month_first and int(first) <= 12
        day, month = (int(second), int(first)) if swap else (int(first), int(second))
        if sign == "/" and month > 12:
            day, month = month, day
        if year_text:
            year = int(year_text) + (2000 if len(year_text) == 2 else 0)
            found = _exact(year, month, day)
        elif sign == "." and utterance.text[match.end() : match.end() + 1] != ".":
            continue  # 24.12 without its last dot is as likely a price or a time
        else:
            found = _valid(today, month, day)
        if found and found >= today:
            yield SpokenDay(found, _indexes(utterance, *match.span()))


def _relative(utterance: Utterance, lexicon: Lexicon, today: date) -> Iterator[SpokenDay]:
    said = _plain(utterance, lexicon)
    found = [*lexicon.dates.tagged(said)]
    found += [
        (name, frozenset({index}))
        for index, word in enumerate(said)
        for name in lexicon.dates.single.get(word, ())
    ]
    longer = frozenset().union(*(places for _, places in found if len(places) > 1))
    for name, places in found:
        if len(places) == 1 and places <= longer:
            continue  # part of `day after tomorrow`
        if name in _OFFSETS:
            yield SpokenDay(today + timedelta(days=_OFFSETS[name]), places)
        elif name == "weekend":
            saturday = today + timedelta(days=(5 - today.weekday()) % 7)
            if today.weekday() == 6:
                saturday = today + timedelta(days=6)
            for step in (0, 1):
                yield SpokenDay(saturday + timedelta(days=step), places)


def _weekdays(utterance: Utterance, lexicon: Lexicon, today: date) -> Iterator[SpokenDay]:
    said = _plain(utterance, lexicon)
    for index, word in enumerate(said):
        names = lexicon.dates.of_word(word, lexicon.language) if len(word) > 2 else frozenset()
        number = next((name[8:] for name in names if name.startswith("weekday-")), None)
        if number is None:
            continue
        day = today + timedelta(days=(int(number) - today.weekday()) % 7)
        around = said[max(index - 1, 0) : index + 2]
        if any("next" in lexicon.dates.single.get(other, ()) for other in around):
            # That of the next week, as most people mean it; the answer names the date.
            monday = today + timedelta(days=7 - today.weekday())
            day = monday + timedelta(days=int(number))
        yield SpokenDay(day, frozenset({index}))


def _plain(utterance: Utterance, lexicon: Lexicon) -> tuple[str, ...]:
    """The words with shorthand written out where it is one word, and mistyped names mended."""
    names = lexicon.dates.single
    forms = utterance.read_as(lexicon.language).forms
    mended = list(utterance.texts)
    for form, places in forms.items():
        if form in names:
            for index in places:
                if mended[index] not in names:
                    mended[index] = form
    return tuple(mended)


def _indexes(utterance: Utterance, start: int, end: int) -> frozenset[int]:
    return frozenset(
        index for index, word in enumerate(utterance.words) if word.start < end and start < word.end
    )


def _exact(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _valid(today: date, month: int, day: int) -> date | None:
    """The next such day from today on; None where the calendar has none."""
    found = (_exact(year, month, day) for year in range(today.year, today.year + 5))
    return next((one for one in found if one and one >= today), None)


def _upcoming(of_year: Callable[[int], date], today: date) -> date:
    this = of_year(today.year)
    return this if this >= today else of_year(today.year + 1)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _after_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


def _weekday_of_month(month: int, weekday: int, number: int) -> Callable[[int], date]:
    """The `number`-th such weekday of a month; -1 is the last."""

    def of_year(year: int) -> date:
        if number < 0:
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - weekday) % 7)
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))

    return of_year


_OFFSETS = MappingProxyType({"today": 0, "tomorrow": 1, "day-after": 2})
_HOLIDAYS = MappingProxyType(
    {
        "christmas-eve": _fixed(12, 24),
        "christmas": _fixed(12, 25),
        "boxing-day": _fixed(12, 26),
        "new-years-eve": _fixed(12, 31),
        "new-years-day": _fixed(1, 1),
        "epiphany": _fixed(1, 6),
        "valentines": _fixed(2, 14),
        "good-friday": _after_easter(-2),
        "easter": _after_easter(0),
        "easter-monday": _after_easter(1),
        "may-day": _fixed(5, 1),
        "kings-day": _fixed(4, 27),
        "independence-day": _fixed(7, 4),
        "bastille-day": _fixed(7, 14),
        "assumption": _fixed(8, 15),
        "german-unity": _fixed(10, 3),
        "halloween": _fixed(10, 31),
        "all-saints": _fixed(11, 1),
        "armistice": _fixed(11, 11),
        "memorial-day": _weekday_of_month(5, 0, -1),
        "labor-day": _weekday_of_month(9, 0, 1),
        "thanksgiving": _weekday_of_month(11, 3, 4),
    }
)
