"""The rules file as a responder, read again when it changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.responders.protocol import Answer, Question
from app.responders.rules.book import Reply, RuleBook
from app.responders.rules.errors import RulesError
from app.responders.rules.hours import OpeningState
from app.responders.rules.matching import Match, matches, wording_in, wordings_of
from app.responders.rules.reading import read_rules
from app.responders.rules.spoken_time import spoken_closing, spoken_opening
from app.responders.rules.triggers import Utterance

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
        await self._refresh()
        return answer_from(self._book, question.text, question.language, self._now())

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
    found = matches(book, Utterance.of(text), language)
    return answer_with(book, found[0] if found else None, language, now)


def answer_with(book: RuleBook, match: Match | None, language: str | None, now: datetime) -> Answer:
    """The answer of a matching rule, or the default where none matches."""
    reply, name = (match.rule.reply, match.rule.name) if match else (book.default, "default")
    chosen = match.language if match else book.language_like(language)
    return _answer(book, reply, f"rule:{name}", chosen, now)


def _answer(
    book: RuleBook, reply: Reply, reason: str, language: str | None, now: datetime
) -> Answer:
    if reply.silent:
        return Answer(silent=True, reason=reason, hand_over_seconds=reply.hand_over_seconds)
    state = book.hours.state(now) if book.hours else None
    wording = wording_in(wordings_of(reply, is_open=state is None or state.is_open), language)
    return Answer(
        text=wording.filled(_values(book, state, wording.language)),
        language=wording.language,
        reason=reason,
        hand_over_seconds=reply.hand_over_seconds,
    )


def _values(book: RuleBook, state: OpeningState | None, language: str | None) -> dict[str, str]:
    values = {"name": book.name, "opens": "", "closes": ""}
    if state and state.opens:
        values["opens"] = spoken_opening(state.opens, state.at, language)
    if state and state.closes:
        values["closes"] = spoken_closing(state.closes, state.at, language)
    return values


def _version(file: Path) -> _Version | None:
    """What changes when the file does; None while it is missing."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
