"""Messages that nothing answered, those of one topic together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.responders.lexicon import known_languages, lexicon_of, likely_language
from app.responders.lexicon.forms import stem
from app.responders.lexicon.words import words

ALIKE = 0.4
"""The part of their words that two messages of one topic share (Jaccard)."""
MAX_MESSAGES = 1_000


@dataclass(frozen=True)
class Gap:
    """Messages of one topic, the newest first. `shared` are the words that most of them have."""

    messages: tuple[str, ...]
    shared: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.messages)


def grouped(messages: Iterable[str]) -> tuple[Gap, ...]:
    """The topics, the most frequent first; `messages` newest first."""
    groups: list[tuple[list[str], list[frozenset[str]]]] = []
    for message in list(messages)[:MAX_MESSAGES]:
        terms = _terms(message)
        best = max(groups, key=lambda group: _likeness(terms, group[1][0]), default=None)
        if best and _likeness(terms, best[1][0]) >= ALIKE:
            best[0].append(message)
            best[1].append(terms)
        else:
            groups.append(([message], [terms]))
    found = [Gap(tuple(texts), _shared(sets)) for texts, sets in groups]
    return tuple(sorted(found, key=lambda gap: -gap.count))


def _terms(message: str) -> frozenset[str]:
    """Stems of the words that tell the topic."""
    said = [word.text for word in words(message[:2_000])]
    language, _ = likely_language(said, known_languages())
    lexicon = lexicon_of(language)
    telling = [one for one in said if not (lexicon and lexicon.is_neutral(one)) and len(one) > 1]
    return frozenset(stem(one, language or "") for one in telling or said)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _shared(sets: list[frozenset[str]]) -> tuple[str, ...]:
    half = len(sets) / 2
    counts = {term: sum(term in one for one in sets) for term in frozenset().union(*sets)}
    return tuple(sorted(term for term, count in counts.items() if count > half))
