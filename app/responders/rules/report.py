"""What the commands `rules check` and `rules try` show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path

from app.responders.protocol import Answer, Question
from app.responders.rules.book import Example, RuleBook
from app.responders.rules.deciding import Decision, decide
from app.responders.rules.hours import OpeningState
from app.responders.rules.lint import RulesWarning, warnings_of
from app.responders.rules.matching import Hit, Match, matches
from app.responders.rules.reading import read_rules
from app.responders.rules.responder import NOT_KNOWN, answer_from
from app.responders.rules.triggers import AllOf, Sequence, Trigger
from app.responders.rules.utterance import Utterance

MAX_NEAR = 5

_ALIKE = 0.8


@dataclass(frozen=True)
class RulesReport:
    """A file without mistakes, in numbers, and what is doubtful about it."""

    file: Path
    rules: int
    keywords: int
    phrases: int
    patterns: int
    languages: tuple[str, ...]
    time_zone: str | None
    holidays: int
    warnings: tuple[RulesWarning, ...]

    def __str__(self) -> str:
        """Several lines for a terminal."""
        languages = f", in {', '.join(self.languages)}" if self.languages else ""
        hours = f"hours in {self.time_zone}, {self.holidays} holidays" if self.time_zone else ""
        lines = [
            f"{self.file}: {self.rules} rules{languages}",
            f"  {self.keywords} keywords, {self.phrases} phrases, {self.patterns} patterns",
            *([f"  {hours}"] if hours else []),
            *(f"  warning, {warning}" for warning in self.warnings),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Candidate:
    """A rule that matched, and why. `verdict` says what came of it."""

    rule: str
    line: int
    priority: int
    points: float
    because: tuple[str, ...]
    verdict: str = "answers"


@dataclass(frozen=True)
class NearMiss:
    """A rule that did not match, and what was missing."""

    rule: str
    line: int
    because: str


@dataclass(frozen=True)
class Explanation:
    """The answer to a text, and how it came about. `opening` is None where there are no hours."""

    text: str
    answer: Answer
    candidates: tuple[Candidate, ...]
    near: tuple[NearMiss, ...]
    opening: OpeningState | None

    def __str__(self) -> str:
        """Several lines for a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.opening:
            yield _opening(self.opening)
        for candidate in self.candidates:
            priority = f", priority {candidate.priority}" if candidate.priority else ""
            yield (
                f"{candidate.rule} (line {candidate.line}) {candidate.verdict}: "
                f"{candidate.points:g} points{priority}"
            )
            yield from (f"  {reason}" for reason in candidate.because)
        if not self.candidates:
            yield "no rule matches; the default answers"
        elif self.answer.reason == NOT_KNOWN:
            yield "no rule is sure; the default answers"
        for near in self.near:
            yield f"{near.rule} (line {near.line}) nearly matches: {near.because}"
        yield _said(self.answer)


def check_rules(path: Path, today: datetime | None = None) -> RulesReport:
    """Read a rules file and say what is in it.

    Raises: RulesError with file, line and what was expected.
    """
    book = read_rules(path)
    kinds = [trigger.kind for rule in book.rules for trigger in rule.triggers]
    return RulesReport(
        file=path,
        rules=len(book.rules),
        keywords=kinds.count("keyword"),
        phrases=kinds.count("phrase"),
        patterns=kinds.count("pattern"),
        languages=book.languages,
        time_zone=book.hours.zone.key if book.hours else None,
        holidays=len(book.hours.holidays) if book.hours else 0,
        warnings=warnings_of(book, (today or datetime.now(UTC)).date()),
    )


@dataclass(frozen=True)
class ExampleResult:
    """A message that the owner wrote beside a rule, and which rules answer it."""

    rule: str
    example: Example
    answered_by: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return (self.rule in self.answered_by) is self.example.matches

    def __str__(self) -> str:
        what = "must answer" if self.example.matches else "must not answer"
        by = " and ".join(self.answered_by) or "the default"
        return f"line {self.example.line}: {self.rule} {what} {self.example.text!r}; {by} does"


def check_examples(
    path: Path, language_of: Callable[[str], str | None]
) -> tuple[ExampleResult, ...]:
    """Ask the rules each of the examples in their file. Raises: RulesError."""
    book = read_rules(path)
    now = datetime.now(UTC)
    results = []
    for rule in book.rules:
        for example in rule.examples:
            question = Question(
                example.text, "", "", "", received_at=now, language=language_of(example.text)
            )
            parts = decide(book, question).parts
            names = tuple(part.match.rule.name for part in parts)
            results.append(ExampleResult(rule.name, example, names))
    return tuple(results)


def explain(
    path: Path, text: str, at: datetime | None = None, language: str | None = None
) -> Explanation:
    """What the rules answer to a text, and why.

    `at` is now by default; without a time zone it is a local time of the file's. `language` is
    that of the text, where it is known.

    Raises: RulesError with file, line and what was expected.
    """
    book = read_rules(path)
    moment = _moment(book, at)
    utterance = Utterance.of(text, book.vocabularies)
    decision = decide(book, Question(text, "", "", "", received_at=moment, language=language))
    found = matches(book, utterance, language)
    return Explanation(
        text=text,
        answer=answer_from(book, text, language, moment),
        candidates=tuple(
            sorted(
                (_candidate(match, utterance, decision) for match in found),
                key=lambda candidate: candidate.verdict != "answers",
            )
        ),
        near=tuple(_near(book, found, utterance))[:MAX_NEAR],
        opening=book.hours.state(moment) if book.hours else None,
    )


def _moment(book: RuleBook, at: datetime | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    if at.tzinfo is None:
        return at.replace(tzinfo=book.hours.zone if book.hours else UTC)
    return at


def _candidate(match: Match, utterance: Utterance, decision: Decision) -> Candidate:
    if match.rule in {part.match.rule for part in decision.parts}:
        verdict = "answers"
    elif match.rule in decision.choice:
        verdict = "is asked for"
    elif match.is_sure:
        verdict = "also matches"
    elif match.is_courtesy:
        verdict = "does not answer, more was said than that"
    else:
        verdict = f"is not sure, it covers {match.share:.0%} of what was said"
    return Candidate(
        verdict=verdict,
        rule=match.rule.name,
        line=match.rule.line,
        priority=match.rule.priority,
        points=match.points,
        because=tuple(_because(hit, utterance) for hit in match.hits),
    )


def _because(hit: Hit, utterance: Utterance) -> str:
    said = _quoted(hit, utterance)
    each = hit.each * (max(hit.found.values()) if hit.found else 1.0)
    where = f" in {hit.trigger.language}" if hit.trigger.language else ""
    return f"{hit.trigger}{where} (line {hit.trigger.line}) found in {said!r}, {each:g} a word"


def _quoted(hit: Hit, utterance: Utterance) -> str:
    """The words it was found in, as they were written."""
    pieces: list[tuple[int, int]] = []
    previous = None
    for index in sorted(hit.indexes):
        word = utterance.words[index]
        if previous is not None and index == previous + 1:
            pieces[-1] = (pieces[-1][0], word.end)
        else:
            pieces.append((word.start, word.end))
        previous = index
    return " … ".join(utterance.text[start:end] for start, end in pieces)


def _near(book: RuleBook, found: tuple[Match, ...], utterance: Utterance) -> Iterator[NearMiss]:
    matched = {match.rule.name for match in found}
    for rule in book.rules:
        if rule.name not in matched:
            because = next(filter(None, (_missing(t, utterance) for t in rule.triggers)), None)
            if because:
                yield NearMiss(rule.name, rule.line, because)


def _missing(trigger: Trigger, utterance: Utterance) -> str | None:
    """What a trigger lacks, if it is little: one word of several, or a letter or two of a word."""
    if isinstance(trigger.sought, Sequence):
        shapes = trigger.sought.shapes
    elif isinstance(trigger.sought, AllOf):
        shapes = tuple(shape for part in trigger.sought.sequences for shape in part.shapes)
    else:
        return None
    absent = [shape for shape in shapes if not shape.places(utterance, trigger.language)]
    if not absent:
        return f"{trigger} has its words said in another order"
    if len(absent) > 1 or (len(shapes) > 1 and len(absent) * 2 > len(shapes)):
        return None
    for word in utterance.words:
        if len(word.text) > 3 and _likeness(word.text, absent[0].text) >= _ALIKE:
            return f"{trigger} looks like {word.text!r}"
    return f"{trigger} lacks {absent[0].text!r}" if len(shapes) > 2 else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _opening(state: OpeningState) -> str:
    def form(moment: datetime | None) -> str:
        return f"{moment:%A %Y-%m-%d %H:%M}" if moment else "never"

    at = f"{form(state.at)} {state.at.tzname()}"
    if state.is_open:
        return f"{at}: open, closes {form(state.closes)}"
    return f"{at}: closed, opens {form(state.opens)}"


def _said(answer: Answer) -> str:
    if answer.silent:
        said = "stays silent"
    else:
        said = f"says{f' in {answer.language}' if answer.language else ''}: {answer.text}"
    if answer.hand_over_seconds:
        said += f"\nthen leaves the chat to a person for {answer.hand_over_seconds:g} seconds"
    return said
