"""How well a desk answers: messages with the answer that is right, run through a responder.

A file of cases has one JSON object a line:

    {"text": "r u open tmrw?", "language": "en", "expect": "rule:hours", "says": "at 9 am",
     "at": "2026-11-19 11:00", "after": ["Hello"]}

`text` and `expect` are needed. `expect` is a reason (`rule:name`, `rule:one+two` for two questions,
`knowledge:file#section`, `openai`), or `default` where nothing answers. `says` is a regular
expression that has to be found in the answer, spoken or written. `language` groups the report.
`at` is when it is asked, a local time of the business; `after` is what the person wrote before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.responders.protocol import Answer, Question, Responder, ResponderError, Turn

Verdict = Literal["right", "not known", "wrong"]

MAX_CASES = 10_000
NOTHING = "default"

_FIELDS = {"text", "expect", "language", "says", "at", "after"}


class CaseError(Exception):
    """A file of cases cannot be used; the message names line and cure."""


@dataclass(frozen=True)
class Case:
    """One message with what is right for it."""

    line: int
    text: str
    expect: frozenset[str]
    language: str = ""
    says: str = ""
    at: datetime | None = None
    after: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return self.expect != {NOTHING}


@dataclass(frozen=True)
class Result:
    case: Case
    reason: str
    said: str
    verdict: Verdict


@dataclass(frozen=True)
class Score:
    """What came of the cases of one language, or of all."""

    right: int
    not_known: int
    wrong: int
    quiet: int
    """Messages that nothing answers, and nothing did."""
    answered: int
    """Messages that nothing answers, and something did."""

    def __str__(self) -> str:
        answerable = self.right + self.not_known + self.wrong
        return (
            f"{self.right} of {answerable} right ({_percent(self.right, answerable)}), "
            f"{self.not_known} not known, {self.wrong} wrong "
            f"({_percent(self.wrong, answerable)}); of {self.quiet + self.answered} that nothing "
            f"answers {self.answered} answered "
            f"({_percent(self.answered, self.quiet + self.answered)})"
        )


@dataclass
class Clock:
    """The time that the desk under test believes in."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def read_cases(file: Path) -> tuple[Case, ...]:
    """Raises: CaseError naming the line and what should stand there."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{file}: expected a text file in UTF-8 that can be read") from error
    found = [_case(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not 0 < len(found) <= MAX_CASES:
        raise CaseError(f"{file}: expected from 1 to {MAX_CASES} cases; found {len(found)}")
    return tuple(found)


async def evaluate(
    cases: Iterable[Case],
    responder: Responder,
    clock: Clock,
    *,
    zone: ZoneInfo,
    language_of: Callable[[str], str | None],
) -> tuple[Result, ...]:
    """Ask the responder each case in a chat of its own.

    zone: of `at` in the cases. language_of: tells the language of a text, as in service.
    """
    results = []
    for case in cases:
        now = case.at.replace(tzinfo=zone) if case.at else datetime.now(UTC)
        clock.at = now
        history: tuple[Turn, ...] = ()
        for before in case.after:
            answer = await _ask(responder, before, history, now, language_of)
            history += (Turn("user", before, now), Turn("assistant", answer.text, now))
        answer = await _ask(responder, case.text, history, now, language_of)
        results.append(judged(case, answer))
    return tuple(results)


def judged(case: Case, answer: Answer) -> Result:
    """Right, not known (nothing was said of it, or only a part, or it was asked back), or wrong."""
    said = answer.text
    given = reasons_of(answer.reason)
    verdict: Verdict
    if given == case.expect:
        found = not case.says or re.search(case.says, said, re.IGNORECASE)
        verdict = "right" if found else "wrong"
    elif given == {NOTHING} or given < case.expect:
        verdict = "not known"
    else:
        verdict = "wrong"
    if not case.answerable and verdict == "not known":
        verdict = "right"
    return Result(case, answer.reason, said, verdict)


def reasons_of(code: str) -> frozenset[str]:
    """`rule:a+b` → `rule:a` and `rule:b`; all ways of not knowing → `default`."""
    kind, colon, rest = code.partition(":")
    if kind in ("ask", "apology") or code == "rule:default" or kind == NOTHING:
        return frozenset({NOTHING})
    if kind == "rule":
        return frozenset(f"rule:{name}" for name in rest.split("+"))
    if kind == "openai" and rest:
        return frozenset({f"knowledge:{rest}"})
    return frozenset({f"{kind}{colon}{rest}"})


def score(results: Iterable[Result]) -> Score:
    results = tuple(results)
    verdicts = [result.verdict for result in results if result.case.answerable]
    rest = [result.verdict for result in results if not result.case.answerable]
    return Score(
        right=verdicts.count("right"),
        not_known=verdicts.count("not known"),
        wrong=verdicts.count("wrong"),
        quiet=rest.count("right"),
        answered=rest.count("wrong"),
    )


def report(results: tuple[Result, ...]) -> Iterator[str]:
    """Lines for a terminal: the score of each language and of all, then what went amiss."""
    for language in sorted({result.case.language for result in results}):
        own = [result for result in results if result.case.language == language]
        yield f"{language or '-':6}{score(own)}"
    yield f"all   {score(results)}"
    for result in results:
        if result.verdict != "right":
            yield (
                f"  line {result.case.line}, {result.verdict}: {result.case.text!r} expected "
                f"{'+'.join(sorted(result.case.expect))}, got {result.reason}: "
                f"{result.said[:80]!r}"
            )


async def _ask(
    responder: Responder,
    text: str,
    history: tuple[Turn, ...],
    now: datetime,
    language_of: Callable[[str], str | None],
) -> Answer:
    before = (language_of(turn.text) for turn in reversed(history))
    question = Question(
        text=text,
        chat_id="evaluation",
        message_id="evaluation",
        sender="evaluation",
        received_at=now,
        history=history,
        language=language_of(text) or next(filter(None, before), None),
    )
    try:
        return await responder.answer(question)
    except ResponderError as error:
        return Answer(error.apology, reason=f"apology:{error.reason}")


def _case(file: Path, number: int, line: str) -> Case:
    def wrong(expected: str) -> CaseError:
        return CaseError(f"{file}, line {number}: expected {expected}")

    try:
        value: Any = json.loads(line)
    except ValueError as error:
        raise wrong('a JSON object such as {"text": "…", "expect": "rule:hours"}') from error
    if not isinstance(value, dict) or not {"text", "expect"} <= set(value):
        raise wrong("an object with text and expect")
    if unknown := set(value) - _FIELDS:
        raise wrong(f"only {', '.join(sorted(_FIELDS))}; found {', '.join(sorted(unknown))}")
    after = value.get("after", [])
    texts = [value["text"], value["expect"], value.get("language", ""), value.get("says", "")]
    if not isinstance(after, list) or not all(isinstance(one, str) for one in (*texts, *after)):
        raise wrong("texts, and a list of texts for after")
    try:
        re.compile(value.get("says", ""))
        at = datetime.fromisoformat(value["at"]) if "at" in value else None
    except (ValueError, TypeError, re.error) as error:
        raise wrong("a regular expression for says, a time such as 2026-11-19 11:00") from error
    return Case(
        line=number,
        text=value["text"],
        expect=reasons_of(value["expect"]),
        language=value.get("language", ""),
        says=value.get("says", ""),
        at=at,
        after=tuple(after),
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"
