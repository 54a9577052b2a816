"""Which rules match a text, and how sure that is.

Each word of the text that a keyword of a rule covers counts 1 point, each that a phrase or a
pattern covers counts 2; a word in another form (inflected, mistyped, related) counts less, and
each word counts once. Among the rules that have points the order is:

1. the higher `priority`,
2. more points,
3. a trigger in the question's own language,
4. words that name what is to be done (to cancel, to pay back), before those it is done to,
5. more words that are related to those of the rule,
6. the earlier place in the file.

A rule is sure of a text when what it covers is a fair part of what the text is about: of the words
that are left after articles, courtesies, dates and the like. A rule of a priority above 0 is sure
wherever its words stand; one that only greets or thanks is sure only of a text that says no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.responders.rules.book import Reply, Rule, RuleBook, Wording, closest
from app.responders.rules.triggers import APART, AllOf, Trigger
from app.responders.rules.utterance import RELATED, Utterance

POINTS = {"keyword": 1.0, "phrase": 2.0, "pattern": 2.0}

SURE_SHARE = 0.35
"""The part of what a text is about that a rule has to cover."""
SURE_SHARE_OF_OTHERS = 0.5
"""The same where nothing but related words are found, or nothing is asked."""
ALMOST_ALONE = 0.5
"""The same for a greeting: one word more, such as a name."""
OWN_WORD = 0.4
"""What a word counts that no trigger covers, but that the file uses; others count 1."""

MOST_RELATED_POINTS = 0.9
"""However many related words are found, a word of the file tells more."""

_DOING = ("cancel", "change", "price", "refund", "returns", "tracking", "emergency", "repair")


@dataclass(frozen=True)
class Hit:
    """A trigger that was found, in the words with these indexes, and what each is worth."""

    trigger: Trigger
    found: Mapping[int, float]

    @property
    def indexes(self) -> frozenset[int]:
        return frozenset(self.found)

    @property
    def is_literal(self) -> bool:
        """Whether a word of the file itself was found, in whatever form."""
        return not self.found or any(worth > RELATED for worth in self.found.values())

    @property
    def is_of_several(self) -> bool:
        """Whether several things had to be said for it."""
        return isinstance(self.trigger.sought, AllOf) and len(self.trigger.sought.sequences) > 1

    @property
    def each(self) -> float:
        """The points of a word: a phrase whose words stand apart is no more than a keyword."""
        beside = not self.found or max(self.found.values()) > APART
        return POINTS[self.trigger.kind] if beside else POINTS["keyword"]


@dataclass(frozen=True)
class Match:
    """A rule that could answer. `language` is that of the file's answers to use."""

    rule: Rule
    hits: tuple[Hit, ...]
    points: float
    language: str | None
    in_own_language: bool
    around: frozenset[int]
    """Indexes of the words that were found, and of those related to them."""
    support: float
    """What the words are worth that were found, and those related to them."""
    share: float
    """The part of what the text is about that the rule covers, from 0 to 1."""
    is_courtesy: bool
    """Whether it answers to nothing but a greeting, thanks or goodbye."""
    does: bool
    """Whether its words name something to be done, such as to cancel; that tells more than what
    it is done to."""
    is_literal: bool
    """Whether a word of the file itself was found, in whatever form, not only a related one."""
    is_asked: bool
    """Whether the text asks or wishes for something, as far as its words tell."""

    @property
    def indexes(self) -> frozenset[int]:
        return frozenset().union(*(hit.indexes for hit in self.hits))

    @property
    def is_sure(self) -> bool:
        if self.is_courtesy:
            return self.share == 1.0 or (self.share >= ALMOST_ALONE and not self.is_asked)
        asked = self.is_literal and self.is_asked
        needed = SURE_SHARE if asked else SURE_SHARE_OF_OTHERS
        urgent = self.rule.priority > 0 and self.is_literal
        return urgent or self.share >= needed


def matches(book: RuleBook, utterance: Utterance, language: str | None) -> tuple[Match, ...]:
    """The rules that match, best first, sure or not. `language` is the question's, if known."""
    own = language_of(book, utterance, language)
    found = [
        _match(book, rule, hits, utterance, own)
        for rule, candidates in book.candidates(utterance, own or _only(book))
        if (hits := tuple(_hits(rule, candidates, book, utterance, own)))
    ]
    ranked = sorted(found, key=_rank)
    # `move my appointment` says all that `appointment` does, and what is to be done.
    for place, match in enumerate(ranked[1:], 1):
        best = ranked[0]
        says_more = match.does and match.around > best.around and not match.is_courtesy
        if says_more and match.rule.priority == best.rule.priority:
            ranked.insert(0, ranked.pop(place))
            break
    return tuple(ranked)


def _rank(match: Match) -> tuple[float, ...]:
    return (
        -match.rule.priority,
        match.is_courtesy,
        -match.points,
        not match.in_own_language,
        not match.does,
        -match.support,
    )


def language_of(book: RuleBook, utterance: Utterance, told: str | None) -> str | None:
    """The language of the file that the text is in: that with most of its little words.

    Where they do not tell, it is `told`; None where that is no language of the file.
    """
    known = book.language_like(told)
    if not book.languages:
        return told
    votes = {code: utterance.read_as(code).votes for code in book.languages}
    best = max(votes, key=lambda code: (votes[code], code == known))
    if votes[best] <= votes.get(known or "", 0) + (1 if known else 0):
        return known
    # A language that is none of the file's may share a word or two with one of them.
    clear = votes[best] >= 2 and votes[best] * 2 >= len(utterance.words)
    return best if known or not told or clear else known


def wording_in(wordings: tuple[Wording, ...], language: str | None) -> Wording:
    """The wording in a language, else the first that there is."""
    known = tuple(wording.language for wording in wordings if wording.language)
    chosen = closest(language, known)
    return next((w for w in wordings if w.language == chosen), wordings[0])


def wordings_of(reply: Reply, *, is_open: bool) -> tuple[Wording, ...]:
    return reply.closed if reply.closed and not is_open else reply.wordings


def _hits(
    rule: Rule, candidates: list[Trigger], book: RuleBook, utterance: Utterance, own: str | None
) -> Iterable[Hit]:
    if any(_belongs(t, utterance, own) and t.sought.find(utterance) for t in rule.unless):
        return
    for trigger in candidates:
        if _belongs(trigger, utterance, own):
            found = trigger.sought.find(utterance, trigger.language or own or _only(book))
            if found is not None:
                yield Hit(trigger, found)


def _belongs(trigger: Trigger, utterance: Utterance, own: str | None) -> bool:
    """Whether a trigger may be meant: one of another language only in a text that has no little
    words by which to tell its language (`Lieferung?`)."""
    label = trigger.language
    if label is None or own is None or label == own:
        return True
    return utterance.read_as(own).votes <= utterance.read_as(label).votes


def _only(book: RuleBook) -> str | None:
    return book.languages[0] if len(book.languages) == 1 else None


def _match(
    book: RuleBook, rule: Rule, found: tuple[Hit, ...], utterance: Utterance, own: str | None
) -> Match:
    # Related words count where those of the file are not found.
    hits = tuple(hit for hit in found if hit.is_literal) or found
    labels = {hit.trigger.language for hit in hits}
    in_own_language = own is not None and (own in labels or None in labels)
    if own is not None and in_own_language:
        language = book.language_like(own)
    else:
        labelled = [code for code in book.languages if code in labels]
        first = book.language_like(own) or (book.languages[0] if book.languages else None)
        language = max(
            labelled,
            key=lambda code: _points(hit for hit in hits if hit.trigger.language == code),
            default=first,
        )
    covered = frozenset().union(*(hit.indexes for hit in hits))
    around = frozenset().union(*(hit.indexes for hit in found))
    readings = [utterance.read_as(code) for code in {own, language}]
    courtesy = frozenset().union(*(reading.courtesy for reading in readings))
    return Match(
        rule=rule,
        hits=hits,
        points=_points(hits),
        language=language,
        in_own_language=in_own_language,
        around=around,
        support=_worth(found),
        share=share_of(_worth(found), around, book, utterance, own or language),
        is_courtesy=bool(covered) and covered <= courtesy,
        does=any(
            around & reading.groups.get(group, frozenset())
            for reading in readings
            for group in _DOING
        ),
        is_literal=any(hit.is_literal for hit in hits),
        is_asked="?" in utterance.text or any(reading.asking for reading in readings),
    )


def share_of(
    worth: float,
    covered: frozenset[int],
    book: RuleBook,
    utterance: Utterance,
    language: str | None,
) -> float:
    """The part of what a text is about that the words with the indexes `covered` make up."""
    reading = utterance.read_as(language)
    if reading.lexicon is None:
        return 1.0  # which words carry the meaning is not known
    neutral = reading.neutral | reading.courtesy | covered
    rest = sum(
        OWN_WORD if book.uses(word.text, reading.lexicon) else 1.0
        for index, word in enumerate(utterance.words)
        if index not in neutral
    )
    return worth / (worth + rest) if worth + rest else 1.0


def _worth(hits: Iterable[Hit]) -> float:
    """What the covered words are worth together, however their triggers count."""
    best: dict[int, float] = {}
    for hit in hits:
        for index, worth in hit.found.items():
            best[index] = max(best.get(index, 0.0), worth)
    return sum(best.values()) or 1.0


def _points(hits: Iterable[Hit]) -> float:
    hits = tuple(hits)
    best: dict[int, float] = {}
    wordless = 0.0
    for hit in hits:
        each = hit.each
        if not hit.found:  # a pattern of punctuation only
            wordless = each
        for index, worth in hit.found.items():
            best[index] = max(best.get(index, 0.0), each * worth)
    points = sum(best.values()) + wordless
    if best and max(best.values()) <= RELATED and not any(hit.is_of_several for hit in hits):
        points = min(points, MOST_RELATED_POINTS)
    return round(points, 2)
