"""What of a file answers a message: one rule, two for two questions, days, a choice, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.responders.lexicon import Lexicon, lexicon_of
from app.responders.protocol import Question, Turn
from app.responders.rules.book import Rule, RuleBook
from app.responders.rules.dates import SpokenDay, days_in
from app.responders.rules.matching import Match, language_of, matches, share_of
from app.responders.rules.spoken_hours import speaks_hours
from app.responders.rules.utterance import Utterance

MAX_PARTS = 3
"""So many questions of one message are answered."""
MAX_FOLLOW_UP_WORDS = 8
FOLLOW_UP_SECONDS = 3_600.0
"""A topic is gone on with for so long."""

_SENTENCE = re.compile(r"(?<!\d)[.](?=\s|$)|[?!;\n]+|(?<=\d)\.(?=\s+[A-ZÀ-Þ])")
_COMMA = re.compile(r",\s")


@dataclass(frozen=True)
class Part:
    """One rule that answers, and the days it was asked for, if its answer is about hours."""

    match: Match
    days: tuple[date, ...] = ()


@dataclass(frozen=True)
class Decision:
    """`parts` in the order of the questions; none where nothing is known.

    `choice` are the rules that are equally likely, to ask which is meant.
    """

    language: str | None
    parts: tuple[Part, ...] = ()
    choice: tuple[Rule, ...] = ()


def decide(book: RuleBook, question: Question) -> Decision:
    """`question.received_at` is timezone-aware; its history is where follow-ups go on from."""
    return _Decider(book, question).decide()


class _Decider:
    def __init__(self, book: RuleBook, question: Question) -> None:
        self._book = book
        self._question = question
        self._utterance = Utterance.of(question.text, book.vocabularies)
        self._language = language_of(book, self._utterance, question.language)
        self._known: dict[str, Match | None] = {}
        self._told = self._language or question.language
        zone = book.hours.zone if book.hours else None
        self._today = question.received_at.astimezone(zone).date()
        self._month_first = zone is not None and zone.key.startswith(("America/", "US/"))

    def decide(self) -> Decision:
        chosen = self._chosen()
        if chosen:
            return Decision(self._language, (self._part(chosen),))
        found = list(self._answers(self._utterance.text))
        if not found or all(match.is_courtesy for match in found):
            follow_up = self._follow_up()
            if follow_up:
                return Decision(self._language, (follow_up,))
        found = self._narrowed(found)
        if len(found) == 1 and (choice := self._close(found[0])):
            return Decision(self._language, choice=choice)
        if not found and (asked := self._asked_for_a_day()):
            return Decision(self._language, (asked,))
        return Decision(self._language, tuple(self._part(match) for match in found[:MAX_PARTS]))

    def _answers(self, text: str) -> Iterator[Match]:
        """The sure matches of a text: of the whole, or of each of the questions in it."""
        sentences = [piece for piece in _SENTENCE.split(text) if piece and piece.strip()]
        whole = self._best(text)
        if len(sentences) > 1:
            ends = _with_ends(text, sentences)
            found = [match for one in ends for match in self._answers(one)]
            if whole and (not found or _spans_more(whole, found)):
                yield whole
            else:
                yield from found
            return
        for left, right in self._halves(text):
            first, second = self._best(left), self._best(right)
            if first and second and _are_two(first, second, whole):
                yield first
                yield from self._answers(right)
                return
        if whole and not whole.is_courtesy:
            yield whole
            return
        for left, right in self._halves(text):
            for half in (right, left):
                match = self._best(half)
                if match and match.is_asked and not match.is_courtesy:
                    yield match
                    return
        if whole:
            yield whole

    def _best(self, text: str) -> Match | None:
        """The first rule that matches, if it is sure."""
        if text not in self._known:
            said = Utterance.of(text, self._book.vocabularies)
            found = matches(self._book, said, self._told)
            self._known[text] = next((match for match in found[:2] if match.is_sure), None)
        return self._known[text]

    def _halves(self, text: str) -> Iterator[tuple[str, str]]:
        """The text cut in two at each comma and each word such as `and`."""
        utterance = Utterance.of(text, self._book.vocabularies)
        joints = {match.end() for match in _COMMA.finditer(utterance.text)}
        lexicon = lexicon_of(self._language)
        if lexicon:
            single = {words[0] for words in lexicon.followup if len(words) == 1}
            forms = utterance.read_as(self._language).forms
            joints |= {
                utterance.words[index].start
                for word in single
                for index in forms.get(word, ())
                if index
            }
        for joint in sorted(joints):
            left, right = utterance.text[:joint], utterance.text[joint:]
            if left.strip() and right.strip():
                yield left, right

    def _narrowed(self, found: list[Match]) -> list[Match]:
        """Each rule once; no greeting beside an answer; the urgent alone; questions first."""
        unique: dict[str, Match] = {}
        for match in found:
            unique.setdefault(match.rule.name, match)
        kept = list(unique.values())
        told = [match for match in kept if not match.is_courtesy]
        if told:
            kept = told
        elif kept and self._says_more():
            return []
        urgent = max((match.rule.priority for match in kept), default=0)
        if urgent > 0:
            return [match for match in kept if match.rule.priority == urgent][:1]
        if len(kept) > 1 and any(match.is_asked for match in kept):
            kept = [match for match in kept if match.is_asked]
        return kept[:1] if kept and kept[0].is_courtesy else kept

    def _says_more(self) -> bool:
        """Whether the message holds something besides greetings that nothing answers."""
        reading = self._utterance.read_as(self._language)
        if reading.lexicon is None:
            return False
        rest = set(range(len(self._utterance.words))) - reading.neutral - reading.courtesy
        covered = {
            index
            for match in matches(self._book, self._utterance, self._told)
            if match.is_courtesy
            for index in match.indexes
        }
        rest -= covered
        return len(rest) > 1 or (bool(rest) and (reading.asking or "?" in self._utterance.text))

    # Days ---------------------------------------------------------------------------------------

    def _part(self, match: Match) -> Part:
        if not self._is_about_hours(match.rule):
            return Part(match)
        language = match.language or self._language
        days = tuple(one.day for one in self._days(language))
        if days == (self._today,):
            return Part(match)  # its own answer says whether it is open now
        return Part(match, days if speaks_hours(language) else ())

    def _days(self, language: str | None) -> tuple[SpokenDay, ...]:
        lexicon = lexicon_of(language)
        if lexicon is None or self._book.hours is None:
            return ()
        return days_in(self._utterance, lexicon, self._today, month_first=self._month_first)

    def _is_about_hours(self, rule: Rule) -> bool:
        return rule.name in self._book.hours_rules

    def _asked_for_a_day(self) -> Part | None:
        """`What about Friday?`: nothing but a day, which is most likely asked of the hours."""
        days = self._days(self._language)
        rule = next((one for one in self._book.rules if self._is_about_hours(one)), None)
        reading = self._utterance.read_as(self._language)
        asked = reading.asking or "?" in self._utterance.text
        if not days or rule is None or not asked or not speaks_hours(self._language):
            return None
        covered = frozenset().union(*(one.indexes for one in days))
        if share_of(1.0, covered, self._book, self._utterance, self._language) < 1.0:
            return None
        match = Match(
            rule, (), 0.0, self._language, True, frozenset(), 0.0, 1.0, False, False, True, True
        )
        return Part(match, tuple(one.day for one in days))

    # What was said before -----------------------------------------------------------------------

    def _follow_up(self) -> Part | None:
        before = self._said_before("user")
        if before is None or len(self._utterance.words) > MAX_FOLLOW_UP_WORDS:
            return None
        lexicon = lexicon_of(self._language)
        if lexicon is None:
            return None
        opened = _opens(self._utterance, lexicon)
        days = self._days(self._language)
        if not opened and not days:
            return None
        last = decide(self._book, replace(self._question, text=before, history=()))
        if days and last.parts:
            covered = frozenset().union(*(one.indexes for one in days))
            if share_of(1.0, covered, self._book, self._utterance, self._language) == 1.0:
                return self._part(last.parts[-1].match)
        if not opened:
            return None
        both = Utterance.of(f"{before}\n{self._utterance.text}", self._book.vocabularies)
        first = len(both.words) - len(self._utterance.words)
        for match in matches(self._book, both, self._told)[:2]:
            own = {index for index in match.indexes if index >= first}
            shifted = frozenset(index - first for index in own)
            share = share_of(float(len(own)), shifted, self._book, self._utterance, self._language)
            if own and not match.is_courtesy and share >= 0.5:
                return self._part(match)
        return None

    def _chosen(self) -> Match | None:
        """The rule that the person chooses, when they were asked which one they mean."""
        said = self._said_before("assistant")
        if said is None or len(self._utterance.words) > MAX_FOLLOW_UP_WORDS:
            return None
        offered = sorted(
            (said.casefold().find(wording.text.casefold()), rule.name, rule)
            for rule in self._book.rules
            for wording in rule.about
            if wording.text.casefold() in said.casefold()
        )
        if len(offered) < 2 or not said.rstrip().endswith("?"):
            return None
        found = matches(self._book, self._utterance, self._told)
        names = [name for _, name, _ in offered]
        texts = set(self._utterance.texts)
        for place, words in enumerate(_ORDER):
            if place < len(offered) and texts & words:
                return self._match_of(offered[place][2])
        named = [
            rule
            for _, _, rule in offered
            if any(
                texts & {word.text for word in Utterance.of(about.text).words if len(word.text) > 3}
                for about in rule.about
            )
        ]
        if len(named) == 1:
            return self._match_of(named[0])
        return next((match for match in found if match.rule.name in names), None)

    def _match_of(self, rule: Rule) -> Match:
        return Match(
            rule, (), 0.0, self._language, True, frozenset(), 0.0, 1.0, False, False, True, True
        )

    def _close(self, best: Match) -> tuple[Rule, ...]:
        """The two rules that fit equally well, where both can be named."""
        if best.is_courtesy or best.rule.priority > 0 or not best.rule.about:
            return ()
        found = matches(self._book, self._utterance, self._told)[:2]
        if len(found) < 2 or found[0].rule is not best.rule:
            return ()
        other = found[1]
        if not other.rule.about or not other.is_sure or other.rule.priority != best.rule.priority:
            return ()
        return (best.rule, other.rule) if best.points - other.points < 0.2 else ()

    def _said_before(self, role: str) -> str | None:
        """The last turn of one side, if it is not long ago."""
        since = self._question.received_at - timedelta(seconds=FOLLOW_UP_SECONDS)
        for turn in reversed(self._question.history):
            if turn.role == role:
                return turn.text if _at(turn, self._question.received_at) >= since else None
        return None


def _at(turn: Turn, like: datetime) -> datetime:
    return turn.at if turn.at.tzinfo else turn.at.replace(tzinfo=like.tzinfo)


def _opens(utterance: Utterance, lexicon: Lexicon) -> bool:
    said = utterance.texts
    short = tuple(
        lexicon.shorthand[word][0] if word in lexicon.shorthand else word for word in said
    )
    return any(short[: len(opener)] == opener for opener in lexicon.followup)


def _are_two(first: Match, second: Match, whole: Match | None) -> bool:
    """Whether two halves ask for two things, and the whole for no third."""
    if first.is_courtesy or second.is_courtesy or first.rule is second.rule:
        return False
    return (
        whole is None
        or whole.rule in (first.rule, second.rule)
        or whole.points <= max(first.points, second.points) + 0.5
    )


def _with_ends(text: str, sentences: list[str]) -> Iterator[str]:
    """The sentences with the sign that ends each, which tells questions."""
    at = 0
    for sentence in sentences:
        start = text.index(sentence, at)
        at = start + len(sentence)
        yield sentence + text[at : at + 1]


def _spans_more(whole: Match, parts: list[Match]) -> bool:
    """Whether a rule fits the whole far better than any fits a part of it."""
    if not whole.is_sure or whole.is_courtesy:
        return False
    told = [match for match in parts if not match.is_courtesy]
    return (
        bool(told)
        and all(whole.rule is not match.rule and whole.points >= match.points + 1 for match in told)
        and any(len(hit.found) > 1 for hit in whole.hits)
    )


_ORDER = (
    {"first", "1", "1st", "erste", "erstes", "ersteres", "premier", "premiere", "primero",
     "primera", "primo", "prima", "primeiro", "eerste", "former"},
    {"second", "2", "2nd", "zweite", "zweites", "letzteres", "deuxieme", "seconde",
     "segundo", "segunda", "secondo", "seconda", "tweede", "latter"},
)  # fmt: skip
