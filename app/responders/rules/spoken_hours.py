"""The hours of a day, or of a week, as one says them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType

from app.languages import primary_subtag
from app.responders.rules.hours import DAY, OpeningHours, Span
from app.responders.rules.spoken_time import clock, day_name, month_name, spoken_opening


def speaks_hours(language: str | None) -> bool:
    """Whether the hours of a day can be said in this language."""
    return language is not None and primary_subtag(language) in _LANGUAGES


def spoken_day(hours: OpeningHours, day: date, now: datetime, language: str) -> str:
    """`On Friday we are open from 9 am to 6 pm.` `now` is a local time of the business."""
    said = _LANGUAGES[primary_subtag(language)]
    named = _day(day, now.date(), language, said)
    spans = hours.spans_of(day)
    if spans:
        return _upper(said.opened.format(day=named, spans=_spans(spans, language, said)))
    closed = _upper(said.closed.format(day=named))
    again = hours.opening_after(day)
    if again is None:
        return closed
    opens = spoken_opening(again, now, language)
    return f"{closed} {said.again.format(opens=opens)}"


def spoken_week(hours: OpeningHours, language: str | None) -> str:
    """`Monday to Friday from 9 am to 6 pm, Saturday from 10 am to 2 pm`: the days it is open.

    In English where there are no words of the language.
    """
    language = language if language and speaks_hours(language) else "en"
    said = _LANGUAGES[primary_subtag(language)]
    parts = []
    for spans, days in groupby(range(7), key=lambda day: hours.week[day]):
        run = list(days)
        if spans:
            names = [day_name(day, language).split()[-1] for day in (run[0], run[-1])]
            when = said.range.format(*names) if len(run) > 1 else names[0]
            parts.append(f"{when} {_spans(spans, language, said)}")
    return ", ".join(parts)


def _spans(spans: tuple[Span, ...], language: str, said: _Language) -> str:
    return said.and_.join(
        said.span.format(clock(span.start, language), clock(span.end % DAY or DAY, language))
        for span in spans
    )


def _day(day: date, today: date, language: str, said: _Language) -> str:
    if day == today:
        return said.today
    if day == today + timedelta(days=1):
        return said.tomorrow
    name = day_name(day.weekday(), language)
    if day < today + timedelta(days=7):
        return said.on_day.format(day=name)
    return said.on_date.format(day=name, number=day.day, month=month_name(day.month, language))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class _Language:
    today: str
    tomorrow: str
    on_day: str
    on_date: str
    opened: str
    closed: str
    again: str
    span: str
    and_: str
    range: str


_LANGUAGES = MappingProxyType(
    {
        "en": _Language(
            "today", "tomorrow", "on {day}", "on {day}, {month} {number},",
            "{day} we are open {spans}.", "{day} we are closed.", "We open again {opens}.",
            "from {0} to {1}", " and ", "{0} to {1}",
        ),
        "de": _Language(
            "heute", "morgen", "am {day}", "am {day}, den {number}. {month},",
            "{day} haben wir {spans} geöffnet.", "{day} haben wir geschlossen.",
            "Wir öffnen wieder {opens}.", "von {0} bis {1}", " und ", "{0} bis {1}",
        ),
        "fr": _Language(
            "aujourd'hui", "demain", "{day}", "le {day} {number} {month},",
            "{day} nous sommes ouverts {spans}.", "{day} nous sommes fermés.",
            "Nous rouvrons {opens}.", "de {0} à {1}", " et ", "du {0} au {1}",
        ),
        "es": _Language(
            "hoy", "mañana", "el {day}", "el {day} {number} de {month}",
            "{day} abrimos {spans}.", "{day} estamos cerrados.", "Abrimos de nuevo {opens}.",
            "de {0} a {1}", " y ", "de {0} a {1}",
        ),
        "it": _Language(
            "oggi", "domani", "{day}", "{day} {number} {month}",
            "{day} siamo aperti {spans}.", "{day} siamo chiusi.", "Riapriamo {opens}.",
            "dalle {0} alle {1}", " e ", "da {0} a {1}",
        ),
        "pt": _Language(
            "hoje", "amanhã", "{day}", "{day}, {number} de {month},",
            "{day} abrimos {spans}.", "{day} estamos fechados.", "Abrimos de novo {opens}.",
            "das {0} às {1}", " e ", "de {0} a {1}",
        ),
        "nl": _Language(
            "vandaag", "morgen", "{day}", "{day} {number} {month}",
            "{day} zijn we open {spans}.", "{day} zijn we gesloten.", "We gaan weer open {opens}.",
            "van {0} tot {1}", " en ", "{0} tot en met {1}",
        ),
    }
)  # fmt: skip
