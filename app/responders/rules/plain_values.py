"""Reads the plain values of a rules file: languages, messages, numbers and times."""

from __future__ import annotations

import re

from app.responders.rules.book import Example
from app.responders.rules.document import Entry

MAX_HAND_OVER_SECONDS = 30 * 86_400
MAX_EXAMPLES = 1_000

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DURATION = re.compile(r"(\d{1,6}) *(second|sec|s|minute|min|m|hour|h|day|d)s?")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def read_languages(entry: Entry | None) -> tuple[str, ...]:
    """Language codes, each once. Raises: RulesError."""
    if entry is None:
        return ()
    expected = "language codes such as [en, de]"
    items = entry.items(expected) if entry.is_list else [entry]
    found: list[str] = []
    for item in items:
        code = item.text(expected)
        if not _LANGUAGE.fullmatch(code):
            raise item.error("a language code such as en or pt-BR")
        if code in found:
            raise item.error("each language once")
        found.append(code)
    if not found:
        raise entry.error(expected, "an empty list")
    return tuple(found)


def read_examples(entry: Entry | None, *, matches: bool) -> tuple[Example, ...]:
    """Messages beside a rule; `matches` says whether it must answer them. Raises: RulesError."""
    if entry is None:
        return ()
    expected = "a message or a list of them"
    items = entry.items(expected) if entry.is_list else [entry]
    if len(items) > MAX_EXAMPLES:
        raise entry.error(f"at most {MAX_EXAMPLES} messages", str(len(items)))
    return tuple(
        entry.mistakes.each(lambda item: Example(item.text("a message"), item.line, matches), items)
    )


def read_priority(entry: Entry | None) -> int:
    """From -100 to 100, 0 where there is none. Raises: RulesError."""
    if entry is None:
        return 0
    expected = "a whole number from -100 to 100"
    written = entry.text(expected)
    if not re.fullmatch(r"[+-]?\d{1,3}", written) or abs(int(written)) > 100:
        raise entry.error(expected)
    return int(written)


def read_duration(entry: Entry | None) -> float:
    """Seconds, 0 where there is none. Raises: RulesError."""
    if entry is None:
        return 0.0
    expected = "a time such as 30 minutes, 2 hours or 1 day"
    match = _DURATION.fullmatch(entry.text(expected).lower())
    if not match:
        raise entry.error(expected)
    seconds = int(match.group(1)) * _SECONDS[match.group(2)[0]]
    if not 0 < seconds <= MAX_HAND_OVER_SECONDS:
        raise entry.error("between 1 second and 30 days")
    return float(seconds)
