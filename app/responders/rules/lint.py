"""What in a rules file is allowed but probably not meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.responders.rules.book import Reply, Rule, RuleBook, Wording
from app.responders.rules.spoken_time import can_say_times, says_twice
from app.responders.rules.triggers import Sought, Trigger

_Key = tuple[str, object]


@dataclass(frozen=True)
class RulesWarning:
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def warnings_of(book: RuleBook, today: date) -> tuple[RulesWarning, ...]:
    """In the order of the file."""
    found = [
        *_never_answering(book),
        *_overlapping(book),
        *_missing_languages(book),
        *_unspoken_times(book),
        *_said_twice(book),
        *_past_holidays(book, today),
    ]
    return tuple(sorted(found, key=lambda warning: warning.line))


def _overlapping(book: RuleBook) -> Iterator[RulesWarning]:
    """The same trigger in two rules of one priority: which answers, others have to decide."""
    never = {rule.name for rule, _ in _covered(book)}
    first: dict[tuple[int, str | None, str, Sought], tuple[Rule, Trigger]] = {}
    for rule in book.rules:
        for trigger in rule.triggers:
            key = (rule.priority, trigger.language, trigger.kind, trigger.sought)
            earlier = first.setdefault(key, (rule, trigger))[0]
            if earlier is rule:
                if first[key][1] is not trigger:
                    yield RulesWarning(trigger.line, f"{trigger} stands twice in {rule.name!r}")
            elif rule.name not in never:
                yield RulesWarning(
                    trigger.line,
                    f"{trigger} of {rule.name!r} is also in {earlier.name!r} "
                    f"(line {first[key][1].line}), which comes first",
                )


def _never_answering(book: RuleBook) -> Iterator[RulesWarning]:
    for rule, winner in _covered(book):
        yield RulesWarning(
            rule.line,
            f"rule {rule.name!r} never answers: all it looks for is also in {winner.name!r} "
            f"(line {winner.line}), which comes first",
        )


def _covered(book: RuleBook) -> Iterator[tuple[Rule, Rule]]:
    """Rules that lose to another one whatever is said, with that other one."""
    holders: dict[_Key, list[int]] = defaultdict(list)
    sets = [frozenset(_key(trigger) for trigger in rule.triggers) for rule in book.rules]
    for place, keys in enumerate(sets):
        for key in keys:
            holders[key].append(place)
    for place, (rule, keys) in enumerate(zip(book.rules, sets, strict=True)):
        rarest = min((holders[key] for key in keys), key=len)
        for other in rarest:
            winner = book.rules[other]
            ahead = (winner.priority, -other) > (rule.priority, -place)
            if other != place and ahead and keys <= sets[other]:
                yield rule, winner
                break


def _key(trigger: Trigger) -> _Key:
    return f"{trigger.kind}:{trigger.language}", trigger.sought


def _missing_languages(book: RuleBook) -> Iterator[RulesWarning]:
    replies = [("the default", book.default), *((f"rule {r.name!r}", r.reply) for r in book.rules)]
    for owner, reply in replies:
        for wordings, when in ((reply.wordings, ""), (reply.closed, " for closed")):
            known = {wording.language for wording in wordings}
            missing = [code for code in book.languages if code not in known]
            if wordings and missing:
                yield RulesWarning(
                    wordings[0].line,
                    f"{owner} has no answer in {', '.join(missing)}{when}; "
                    f"{wordings[0].language} is used",
                )
    for rule in book.rules:
        labels = {trigger.language for trigger in rule.triggers}
        missing = [code for code in book.languages if code not in labels]
        if None not in labels and missing:
            yield RulesWarning(
                rule.line, f"rule {rule.name!r} looks for nothing in {', '.join(missing)}"
            )


def _unspoken_times(book: RuleBook) -> Iterator[RulesWarning]:
    for wording in _wordings(book):
        if {"opens", "closes"} & set(wording.placeholders) and not can_say_times(wording.language):
            named = wording.language or "a file without languages:"
            yield RulesWarning(wording.line, f"times are written as numbers in {named}")


def _said_twice(book: RuleBook) -> Iterator[RulesWarning]:
    for wording in _wordings(book):
        doubled = says_twice(wording.text, wording.language)
        if doubled:
            placeholder = doubled.split()[-1]
            yield RulesWarning(
                wording.line,
                f"{doubled!r}: leave the word before {placeholder} out, it is said as in "
                "`at 6 pm` or `tomorrow at 9 am`",
            )


def _wordings(book: RuleBook) -> Iterator[Wording]:
    replies: list[Reply] = [
        book.default,
        *book.still_unknown,
        *(rule.reply for rule in book.rules),
    ]
    for reply in replies:
        yield from reply.wordings
        yield from reply.closed
        yield from reply.written


def _past_holidays(book: RuleBook, today: date) -> Iterator[RulesWarning]:
    for holiday in book.hours.holidays if book.hours else ():
        if not holiday.yearly and holiday.last < today:
            yield RulesWarning(
                holiday.line, f"this holiday is over since {holiday.last.isoformat()}"
            )
