"""What is known of a language before any business has written a line.

Function words, chat shorthand, courtesies, names of days, and groups of words that customers use
for one thing. One YAML file a language beside this module. Read when a language is first needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml

from app.languages import primary_subtag
from app.responders.lexicon.forms import stem
from app.responders.lexicon.words import words

_FOLDER = Path(__file__).parent
_FILES = {file.stem: file for file in _FOLDER.glob("*.yaml")}
MAX_GAP = 5
"""So many words may stand where a phrase has `~`."""

GAP = "~"


@dataclass(frozen=True)
class TermTable:
    """Words and phrases, each with the names of what they stand for. All folded."""

    single: Mapping[str, frozenset[str]]
    by_stem: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    """First word → name, all words."""

    @cached_property
    def all_words(self) -> frozenset[str]:
        """Those of the phrases, too."""
        inner = (part for found in self.phrases.values() for _, parts in found for part in parts)
        return frozenset((*self.single, *inner)) - {GAP}

    def of_word(self, word: str, language: str) -> frozenset[str]:
        found = self.single.get(word, frozenset())
        return found or self.by_stem.get(stem(word, language), frozenset())

    def tagged(self, said: tuple[str, ...]) -> Iterator[tuple[str, frozenset[int]]]:
        """The phrases in `said`, each with its name and the indexes of its words."""
        for start, word in enumerate(said):
            for name, phrase in self.phrases.get(word, ()):
                places = _places(phrase, said, start)
                if places:
                    yield name, places


@dataclass(frozen=True)
class Lexicon:
    """One language. Words are folded (see `words.fold`)."""

    language: str
    function: frozenset[str]
    """Articles, prepositions, pronouns, auxiliaries: they tell the language, not the topic."""
    light: frozenset[str]
    """Words that nearly every message may have, whatever it is about."""
    light_stems: frozenset[str]
    shorthand: Mapping[str, tuple[str, ...]]
    asking: frozenset[str]
    """Words of questions and wishes, by which they differ from what is told beside them."""
    followup: tuple[tuple[str, ...], ...]
    """How a message begins that goes on with the last topic; the longest first."""
    courtesy: TermTable
    groups: TermTable
    dates: TermTable
    """Names such as `tomorrow`, `weekday-0` (Monday), `month-12`, `christmas`, `next`."""

    def is_neutral(self, word: str) -> bool:
        if word in self.function or word in self.light:
            return True
        return len(word) > 3 and stem(word, self.language) in self.light_stems

    def vote(self, word: str) -> float:
        """How much a folded word speaks for the language: 1 for little words, less for others."""
        if len(word) == 1:
            return 0.5 if word in self.shorthand and word not in self.function else 0.0
        if word in self.function or (word in self.shorthand and len(word) > 2):
            return 1.0
        known = word in self.shorthand or word in self.light
        tables = (self.groups, self.courtesy, self.dates)
        return 0.5 if known or any(word in table.single for table in tables) else 0.0


def known_languages() -> frozenset[str]:
    """Primary subtags of the languages that there is a lexicon of."""
    return frozenset(_FILES)


def likely_language(said: Iterable[str], among: Iterable[str]) -> tuple[str | None, float]:
    """The language that most of the folded words `said` speak for, and how much they do."""
    said = tuple(said)
    votes = {code: sum(map(lexicon.vote, said)) for code in among if (lexicon := lexicon_of(code))}
    # Of equals English, which is the likeliest of all; else the first by name.
    best = max(sorted(votes), key=lambda code: (votes[code], code == "en"), default=None)
    return (best, votes[best]) if best and votes[best] else (None, 0.0)


def lexicon_of(language: str | None) -> Lexicon | None:
    """That of a language (BCP 47); None where there is none."""
    primary = primary_subtag(language) if language else ""
    return _read(primary) if primary in _FILES else None


@cache
def _read(language: str) -> Lexicon:
    raw = yaml.load(
        _FILES[language].read_text(encoding="utf-8"),
        Loader=yaml.BaseLoader,  # noqa: S506 - builds nothing but texts; `no` and `on` stay words
    )
    dates = {name: value for name, value in raw["dates"].items() if name not in ("days", "months")}
    for kind, first, key in (("weekday", 0, "days"), ("month", 1, "months")):
        for number, names in enumerate(raw["dates"][key].split(","), first):
            dates[f"{kind}-{number}"] = ",".join(names.split())
    return Lexicon(
        language=language,
        function=frozenset(_pieces(raw["function"])),
        light=frozenset(_pieces(raw["light"])),
        light_stems=frozenset(
            stem(word, language) for word in _pieces(raw["light"]) if len(word) > 3
        ),
        shorthand={
            _folded(short)[0]: _folded(long.replace("-", " "))
            for short, _, long in (pair.partition("=") for pair in raw["shorthand"].split())
        },
        asking=frozenset(_pieces(raw["asking"])),
        followup=tuple(
            sorted((_folded(one) for one in raw["followup"].split(",")), key=len, reverse=True)
        ),
        courtesy=_table(raw["courtesy"], language),
        groups=_table(raw["groups"], language),
        dates=_table(dates, language),
    )


def _table(lists: Mapping[str, str], language: str) -> TermTable:
    single: dict[str, set[str]] = {}
    by_stem: dict[str, set[str]] = {}
    phrases: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name, line in lists.items():
        for term in line.split(","):
            parts = tuple(
                part
                for chunk in term.split()
                for part in ((GAP,) if chunk == GAP else _folded(chunk))
            )
            if len(parts) == 1:
                single.setdefault(parts[0], set()).add(name)
                if len(parts[0]) > 3:
                    by_stem.setdefault(stem(parts[0], language), set()).add(name)
            else:
                phrases.setdefault(parts[0], []).append((name, parts))
    return TermTable(
        {word: frozenset(names) for word, names in single.items()},
        {word: frozenset(names) for word, names in by_stem.items()},
        {word: tuple(found) for word, found in phrases.items()},
    )


def _places(phrase: tuple[str, ...], said: tuple[str, ...], start: int) -> frozenset[int]:
    """Where a phrase stands that begins at `start`; empty where it does not."""
    places = []
    at = start
    gap = 0
    for part in phrase:
        if part == GAP:
            gap = MAX_GAP
            continue
        reach = said[at : at + gap + 1]
        if part not in reach:
            return frozenset()
        at += reach.index(part)
        places.append(at)
        at, gap = at + 1, 0
    return frozenset(places)


def _pieces(line: str) -> Iterator[str]:
    """Each word of a line; of one with an apostrophe the whole and the parts."""
    for chunk in line.split():
        yield from _folded(chunk)


def _folded(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in words(text))
