"""One chat: who has it, both sides, and how each answer came about."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.answers.memo_requests import retry
from app.answers.queue import AnswerQueue
from app.console.access import Fields
from app.console.canned_answers import CannedAnswers
from app.console.desk import MAX_RECORDING_BYTES, MAX_TEXT_CHARS
from app.console.inbox import moment_of
from app.console.pages import Pages, in_path
from app.console.sessions import Session
from app.console.timeline import Step, timeline
from app.linq.ids import is_id
from app.policy import Reason
from app.store import chat_log, conversations, desk
from app.store.chat_log import ColleagueMessage, LoggedAnswer, LoggedMessage
from app.store.database import Database, DatabaseUnavailable
from app.store.desk import Desk
from app.store.ledger import RETRYABLE

log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    """One row of a chat: a message that got no answer, what a colleague wrote past the bot, or an
    answer with its messages."""

    at: float
    key: str
    """Tells the row from all others of the page."""
    version: str
    """Another one whenever the row has changed."""
    message: LoggedMessage | None = None
    colleague: ColleagueMessage | None = None
    answer: LoggedAnswer | None = None
    steps: tuple[Step, ...] = ()

    @property
    def has_memo(self) -> bool:
        """Whether there is a memo to be listened to."""
        answer = self.answer
        accepted = answer and any(one.outcome == "accepted" for one in answer.attempts)
        return bool(accepted and answer and answer.record.text)

    @property
    def can_retry(self) -> bool:
        record = self.answer.record if self.answer else None
        gone = record and record.is_recording and record.reason == Reason.RECORDING_UNUSABLE
        return bool(record and record.state in RETRYABLE and not gone)


class ChatPage:
    def __init__(
        self, pages: Pages, database: Database, queue: AnswerQueue, canned: CannedAnswers
    ) -> None:
        self._pages = pages
        self._database = database
        self._queue = queue
        self._canned = canned

    async def show(self, request: Request, session: Session) -> Response:
        """`GET /console/chats/{chat_id}?before=`."""
        chat_id = request.path_params["chat_id"]
        before = moment_of(request.query_params.get("before", ""))
        if not is_id(chat_id):
            return self._pages.error_page(request, 404)

        def look(c: sa.Connection) -> tuple[chat_log.ChatLog | None, Desk, str | None]:
            return (
                chat_log.load(c, chat_id, before=before),
                desk.of_chat(c, chat_id, time.time()),
                conversations.language(c, chat_id),
            )

        try:
            found, has_it, language = await self._database.read(look)
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        if found is None:
            return self._pages.error_page(request, 404)
        return self._pages.render(
            request,
            "chat.html",
            session,
            log=found,
            desk=has_it,
            entries=entries(found),
            canned=await self._canned.in_language(language),
            is_newest=before is None,
            message_key=uuid.uuid4().hex,
            max_chars=MAX_TEXT_CHARS,
            max_bytes=MAX_RECORDING_BYTES,
        )

    async def retry(self, request: Request, _session: Session, fields: Fields) -> Response:
        """`POST /console/chats/{chat_id}/retry`: a failed answer again."""
        chat_id, answer_id = request.path_params["chat_id"], fields["answer"]
        if not is_id(chat_id) or not answer_id or "\0" in answer_id:
            return self._pages.error_page(request, 400)
        try:
            record = await self._database.write(lambda c: retry(c, self._queue, answer_id))
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        if record is None:
            return self._pages.error_page(request, 404)
        log.info("answer retried in the console", answer=record.answer_id, chat=record.chat_id)
        return RedirectResponse(f"/console/chats/{in_path(chat_id)}#end", 303)


def entries(found: chat_log.ChatLog) -> list[Entry]:
    """The rows of a chat in their order."""
    rows = [
        Entry(one.sent_at, f"m-{one.message_id}", one.reason, message=one) for one in found.ignored
    ]
    rows += [
        Entry(one.at, f"c-{one.message_id}", one.text, colleague=one) for one in found.colleagues
    ]
    for answer in found.answers:
        record = answer.record
        asked = [one.sent_at for one in answer.messages]
        rows.append(
            Entry(
                at=max(asked, default=record.created_at.timestamp()),
                key=f"a-{record.answer_id}",
                version=f"{record.updated_at.timestamp()}-{len(answer.attempts)}-{record.rating}",
                answer=answer,
                steps=timeline(answer),
            )
        )
    return sorted(rows, key=lambda one: one.at)
