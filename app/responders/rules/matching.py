"""Which rule answers, and in which language.

Each word of the question that a keyword of a rule covers counts 1 point, each that a phrase or a
pattern covers counts 2; each word counts once. Among the rules that have points the order is:

1. the higher `priority`,
2. more points,
3. a trigger in the question's own language,
4. the earlier place in the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.responders.rules.book import Reply, Rule, RuleBook, Wording, closest
from app.responders.rules.triggers import Trigger, Utterance

POINTS = {"keyword": 1, "phrase": 2, "pattern": 2}


@dataclass(frozen=True)
class Hit:
    """A trigger that was found, in the words with these indexes."""

    trigger: Trigger
    indexes: frozenset[int]


@dataclass(frozen=True)
class Match:
    """A rule that could answer. `language` is that of the file's answers to use."""

    rule: Rule
    hits: tuple[Hit, ...]
    points: int
    language: str | None
    in_own_language: bool


def matches(book: RuleBook, utterance: Utterance, language: str | None) -> tuple[Match, ...]:
    """The rules that match, best first. `language` is the question's, where it is known."""
    own = book.language_like(language)
    found = [
        _match(book, rule, hits, own)
        for rule in book.rules
        if (hits := tuple(_hits(rule.triggers, utterance)))
    ]
    return tuple(sorted(found, key=lambda m: (-m.rule.priority, -m.points, not m.in_own_language)))


def wording_in(wordings: tuple[Wording, ...], language: str | None) -> Wording:
    """The wording in a language, else the first that there is."""
    known = tuple(wording.language for wording in wordings if wording.language)
    chosen = closest(language, known)
    return next((w for w in wordings if w.language == chosen), wordings[0])


def wordings_of(reply: Reply, *, is_open: bool) -> tuple[Wording, ...]:
    return reply.closed if reply.closed and not is_open else reply.wordings


def _hits(triggers: Iterable[Trigger], utterance: Utterance) -> Iterable[Hit]:
    for trigger in triggers:
        indexes = trigger.sought.find(utterance)
        if indexes is not None:
            yield Hit(trigger, indexes)


def _match(book: RuleBook, rule: Rule, hits: tuple[Hit, ...], own: str | None) -> Match:
    labels = {hit.trigger.language for hit in hits}
    in_own_language = own is not None and (own in labels or None in labels)
    if in_own_language:
        language = own
    else:
        labelled = [code for code in book.languages if code in labels]
        first = own or (book.languages[0] if book.languages else None)
        language = max(
            labelled,
            key=lambda code: _points(hit for hit in hits if hit.trigger.language == code),
            default=first,
        )
    return Match(rule, hits, _points(hits), language, in_own_language)


def _points(hits: Iterable[Hit]) -> int:
    best: dict[int, int] = {}
    wordless = 0
    for hit in hits:
        worth = POINTS[hit.trigger.kind]
        if not hit.indexes:  # a pattern of punctuation only
            wordless = worth
        for index in hit.indexes:
            best[index] = max(best.get(index, 0), worth)
    return sum(best.values()) + wordless
