"""The rules file as a responder, read again when it changes."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.responders.protocol import Answer, HandOver, Question, one_line
from app.responders.rules.book import PLACEHOLDER, Reply, Rule, RuleBook
from app.responders.rules.deciding import Part, decide
from app.responders.rules.errors import RulesError
from app.responders.rules.hours import OpeningState
from app.responders.rules.matching import language_of, wording_in, wordings_of
from app.responders.rules.reading import read_rules
from app.responders.rules.spoken_hours import spoken_day, spoken_week
from app.responders.rules.spoken_time import spoken_closing, spoken_opening
from app.responders.rules.utterance import Utterance
from app.responders.rules.wording import did_you_mean_aloud

NOT_KNOWN = "rule:default"
"""The reason code of an answer that says that nothing is known."""
CHECK_SECONDS = 1.0
"""The file is looked at no more often than this."""

_Version = tuple[int, int, int]

_log = structlog.get_logger()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RulesResponder:
    """Answers from a rules file. A change of the file holds from the next second on.

    A new version with a mistake is reported once in the log, and the old one kept.
    """

    def __init__(
        self,
        file: Path,
        *,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` is timezone-aware, `monotonic` in seconds.

        Raises: RulesError when the file has a mistake.
        """
        self._file = file
        self._now = now
        self._monotonic = monotonic
        self._version = _version(file)
        self._book = read_rules(file)
        self._checked_at = monotonic()

    async def answer(self, question: Question) -> Answer:
        """What a rule answers, else the default of the file."""
        return await self.find(question) or await self.default(question)

    async def find(self, question: Question) -> Answer | None:
        """What a rule answers; None where none is sure."""
        await self._refresh()
        now = replace(question, received_at=self._now())
        return found_in(self._book, now)

    async def default(self, question: Question) -> Answer:
        """What is said where nothing is known, the second time in a row perhaps something else."""
        await self._refresh()
        return default_of(self._book, replace(question, received_at=self._now()))

    async def book(self) -> RuleBook:
        """The file as it is now."""
        await self._refresh()
        return self._book

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def _refresh(self) -> None:
        if self._monotonic() - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = self._monotonic()
        version = _version(self._file)
        if version == self._version:
            return
        # Noted before the reading, so that nobody else reads it meanwhile.
        self._version = version
        try:
            self._book = await asyncio.to_thread(read_rules, self._file)
        except RulesError as error:
            _log.warning("rules file not taken, the earlier version stays", mistake=str(error))
        else:
            _log.info("rules file read again", rules=len(self._book.rules))


def answer_from(book: RuleBook, text: str, language: str | None, now: datetime) -> Answer:
    """The answer to a text at a moment; `now` is timezone-aware."""
    question = Question(text, "", "", "", received_at=now, language=language)
    return found_in(book, question) or default_of(book, question)


def found_in(book: RuleBook, question: Question) -> Answer | None:
    """What a rule answers, asked at `question.received_at`; None where none is sure."""
    decision = decide(book, question)
    if decision.choice:
        return _choice(decision.choice, decision.language)
    if not decision.parts:
        return None
    answers = [_answer_of(book, part, question) for part in decision.parts]
    return _joined(answers)


def default_of(book: RuleBook, question: Question) -> Answer:
    """The default, or what is said instead after misses in a row."""
    own = language_of(book, Utterance.of(question.text, book.vocabularies), question.language)
    missed = misses_before(book, question)
    replies = (book.default, *book.still_unknown)
    reply = replies[min(missed, len(replies) - 1)]
    answer = _answer(book, reply, NOT_KNOWN, book.language_like(own), question.received_at)
    # A file that says itself when to hand over is left to it.
    says_when = any(one.hand_over_seconds for one in replies)
    if answer.hand_over or (missed and not says_when):
        answer = replace(answer, hand_over=HandOver("not_known", one_line(question.text)))
    return answer


def misses_before(book: RuleBook, question: Question) -> int:
    """How many answers of the chat in a row, up to this question, were that nothing is known."""
    replies = (book.default, *book.still_unknown)
    said = [
        re.compile(
            ".*".join(re.escape(piece) for piece in PLACEHOLDER.split(wording.text)[::2]), re.DOTALL
        )
        for reply in replies
        for wording in (*reply.wordings, *reply.closed)
    ]
    missed = 0
    for turn in reversed(question.history):
        if turn.role == "assistant":
            if not any(form.fullmatch(turn.text) for form in said):
                break
            missed += 1
    return missed


def _answer_of(book: RuleBook, part: Part, question: Question) -> Answer:
    rule = part.match.rule
    answer = _answer(
        book, rule.reply, f"rule:{rule.name}", part.match.language, question.received_at
    )
    if part.days and book.hours and part.match.language:
        local = question.received_at.astimezone(book.hours.zone)
        said = [spoken_day(book.hours, day, local, part.match.language) for day in part.days]
        answer = replace(answer, text=" ".join(said), language=part.match.language)
    if answer.hand_over:
        answer = replace(answer, hand_over=HandOver("asked", one_line(question.text)))
    return answer


def _choice(rules: tuple[Rule, ...], language: str | None) -> Answer:
    one, other = (wording_in(rule.about, language) for rule in rules)
    return Answer(
        text=did_you_mean_aloud(one.text, other.text, one.language),
        language=one.language,
        reason=f"ask:{'+'.join(rule.name for rule in rules)}",
    )


def _joined(answers: list[Answer]) -> Answer:
    """Several answers as one, in order; what is silent says nothing beside the others."""
    said = [answer for answer in answers if not answer.silent]
    if len(answers) == 1 or not said:
        return answers[0]
    names = (answer.reason.removeprefix("rule:") for answer in answers)
    return Answer(
        text="\n".join(answer.text for answer in said),
        language=said[0].language,
        reason=f"rule:{'+'.join(names)}",
        hand_over_seconds=max(answer.hand_over_seconds for answer in answers),
        written="\n".join(answer.written for answer in said if answer.written),
        hand_over=next((answer.hand_over for answer in answers if answer.hand_over), None),
    )


def _answer(
    book: RuleBook, reply: Reply, reason: str, language: str | None, now: datetime
) -> Answer:
    hand_over = HandOver("asked") if reply.hand_over_seconds else None
    if reply.silent:
        return Answer(
            silent=True,
            reason=reason,
            hand_over_seconds=reply.hand_over_seconds,
            hand_over=hand_over,
        )
    state = book.hours.state(now) if book.hours else None
    wording = wording_in(wordings_of(reply, is_open=state is None or state.is_open), language)
    written = wording_in(reply.written, language) if reply.written else None
    return Answer(
        text=wording.filled(_values(book, state, wording.language)),
        language=wording.language,
        reason=reason,
        hand_over_seconds=reply.hand_over_seconds,
        written=written.filled(_values(book, state, written.language)) if written else "",
        hand_over=hand_over,
    )


def _values(book: RuleBook, state: OpeningState | None, language: str | None) -> dict[str, str]:
    values = {"name": book.name, "opens": "", "closes": "", "hours": ""}
    if state and state.opens:
        values["opens"] = spoken_opening(state.opens, state.at, language)
    if state and state.closes:
        values["closes"] = spoken_closing(state.closes, state.at, language)
    if book.hours:
        values["hours"] = spoken_week(book.hours, language)
    return values


def _version(file: Path) -> _Version | None:
    """What changes when the file does; None while it is missing."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
