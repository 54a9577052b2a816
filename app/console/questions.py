"""What people ask and nothing answers, and what failed."""

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
from app.store.gaps import not_known
from app.store.ledger import RETRYABLE, AnswerRecord

DAYS = 30
MOST_MESSAGES = 300
"""Messages that are grouped, the newest ones: that takes time with each topic there is."""
MOST_TOPICS = 40
MOST_FAILED = 100


@dataclass(frozen=True)
class Failures:
    """Answers that ended for the same reason, the newest first."""

    reason: str
    answers: tuple[AnswerRecord, ...]


class QuestionsPage:
    def __init__(self, pages: Pages, database: Database) -> None:
        self._pages = pages
        self._database = database
        self._grouped: tuple[list[str], tuple[Topic, ...]] = ([], ())

    async def show(self, request: Request, session: Session) -> Response:
        """`GET /console/questions`."""
        since = time.time() - DAYS * 86_400

        def look(c: sa.Connection) -> tuple[list[str], list[AnswerRecord]]:
            asked = not_known(c, since=since, limit=MOST_MESSAGES)
            return asked, ledger.recent(c, states=RETRYABLE, limit=MOST_FAILED)

        try:
            asked, failed = await self._database.read(look)
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        if asked != self._grouped[0]:
            self._grouped = (asked, await asyncio.to_thread(_topics, asked))
        return self._pages.render(
            request,
            "questions.html",
            session,
            topics=self._grouped[1],
            failures=_by_reason(failed),
            days=DAYS,
        )


def _topics(asked: list[str]) -> tuple[Topic, ...]:
    return tuple(topic(gap) for gap in grouped(asked)[:MOST_TOPICS])


def _by_reason(failed: list[AnswerRecord]) -> list[Failures]:
    found: dict[str, list[AnswerRecord]] = {}
    for record in failed:
        found.setdefault(record.reason, []).append(record)
    groups = [Failures(reason, tuple(records)) for reason, records in found.items()]
    return sorted(groups, key=lambda one: -len(one.answers))
