"""What people ask that is not known, answered wrong or handed over, and what failed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from app.console.drafts import Topic, topic
from app.console.pages import Pages
from app.console.sessions import Session
from app.responders.rules.gaps import grouped
from app.store import ledger
from app.store.database import Database, DatabaseUnavailable
from app.store.gaps import left_to_people, not_known, wrong
from app.store.ledger import RETRYABLE, AnswerRecord

DAYS = 30
MOST_MESSAGES = 100
"""Messages that are grouped of each kind, the newest: that takes time with each topic there is."""
MOST_TOPICS = 40
MOST_FAILED = 100


_Asked = dict[str, list[str]]
_KINDS = {"not_known": not_known, "wrong": wrong, "handed_over": left_to_people}


@dataclass(frozen=True)
class Failures:
    """Answers that ended for the same reason, the newest first."""

    reason: str
    answers: tuple[AnswerRecord, ...]


class QuestionsPage:
    def __init__(self, pages: Pages, database: Database) -> None:
        self._pages = pages
        self._database = database
        self._grouped: dict[str, tuple[list[str], tuple[Topic, ...]]] = {}

    async def show(self, request: Request, session: Session) -> Response:
        """`GET /console/questions`."""
        since = time.time() - DAYS * 86_400

        def look(c: sa.Connection) -> tuple[_Asked, list[AnswerRecord]]:
            asked = {
                kind: find(c, since=since, limit=MOST_MESSAGES) for kind, find in _KINDS.items()
            }
            return asked, ledger.recent(c, states=RETRYABLE, limit=MOST_FAILED)

        try:
            asked, failed = await self._database.read(look)
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        return self._pages.render(
            request,
            "questions.html",
            session,
            topics={kind: await self._topics(kind, messages) for kind, messages in asked.items()},
            failures=_by_reason(failed),
            days=DAYS,
        )

    def warm(self) -> None:
        """Let a thread read the word lists of all languages, half a second's work, so that the
        page need not wait for them. Returns at once."""
        asyncio.get_running_loop().run_in_executor(None, grouped, ("?",))

    async def _topics(self, kind: str, messages: list[str]) -> tuple[Topic, ...]:
        """What was grouped before is shown again until something new is asked."""
        known = self._grouped.get(kind)
        if known is None or known[0] != messages:
            known = (messages, await asyncio.to_thread(_topics, messages))
            self._grouped[kind] = known
        return known[1]


def _topics(asked: list[str]) -> tuple[Topic, ...]:
    return tuple(topic(gap) for gap in grouped(asked)[:MOST_TOPICS])


def _by_reason(failed: list[AnswerRecord]) -> list[Failures]:
    found: dict[str, list[AnswerRecord]] = {}
    for record in failed:
        found.setdefault(record.reason, []).append(record)
    groups = [Failures(reason, tuple(records)) for reason, records in found.items()]
    return sorted(groups, key=lambda one: -len(one.answers))
