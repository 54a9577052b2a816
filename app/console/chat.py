"""One chat: both sides, and how each answer came about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.answers.memo_requests import KeyReused, request_memo, retry
from app.answers.queue import AnswerQueue
from app.console.access import Fields
from app.console.inbox import moment_of
from app.console.pages import Pages, in_path
from app.console.sessions import Session
from app.console.timeline import Step, timeline
from app.linq.ids import is_id
from app.responders.guard import clean
from app.store import chat_log
from app.store.chat_log import LoggedAnswer, LoggedMessage
from app.store.database import Database, DatabaseUnavailable
from app.store.ledger import RETRYABLE
from app.store.sealing import Sealer

log = structlog.get_logger()

MAX_TEXT_CHARS = 10_000


@dataclass(frozen=True)
class Entry:
    """One row of a chat: a message that got no answer, or an answer with its messages."""

    at: float
    key: str
    """Tells the row from all others of the page."""
    version: str
    """Another one whenever the row has changed."""
    message: LoggedMessage | None = None
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
        return bool(self.answer and self.answer.record.state in RETRYABLE)


class ChatPage:
    def __init__(
        self, pages: Pages, database: Database, queue: AnswerQueue, sealer: Sealer
    ) -> None:
        self._pages = pages
        self._database = database
        self._queue = queue
        self._sealer = sealer

    async def show(self, request: Request, session: Session) -> Response:
        """`GET /console/chats/{chat_id}?before=`."""
        chat_id = request.path_params["chat_id"]
        before = moment_of(request.query_params.get("before", ""))
        if not is_id(chat_id):
            return self._pages.error_page(request, 404)
        try:
            found = await self._database.read(lambda c: chat_log.load(c, chat_id, before=before))
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        if found is None:
            return self._pages.error_page(request, 404)
        return self._pages.render(
            request,
            "chat.html",
            session,
            log=found,
            entries=entries(found),
            is_newest=before is None,
            message_key=uuid.uuid4().hex,
            max_chars=MAX_TEXT_CHARS,
        )

    async def send(self, request: Request, _session: Session, fields: Fields) -> Response:
        """`POST /console/chats/{chat_id}/memos`: a memo in the bot's voice, once for each form."""
        chat_id = request.path_params["chat_id"]
        text, key = clean(fields["text"]), fields["key"]
        if not is_id(chat_id) or not is_id(f"console-{key}"):
            return self._pages.error_page(request, 400)
        if len(text) > MAX_TEXT_CHARS:
            return self._pages.error_page(request, 413)
        try:
            # Only to who has written: nobody is texted first from here.
            if await self._database.read(lambda c: chat_log.load(c, chat_id)) is None:
                return self._pages.error_page(request, 404)
            if text:
                record = await self._database.write(
                    lambda c: request_memo(
                        c,
                        self._queue,
                        self._sealer,
                        chat_id=chat_id,
                        text=text,
                        idempotency_key=f"console-{key}",
                    )
                )
                log.info("memo requested in the console", answer=record.answer_id, chat=chat_id)
        except KeyReused:
            return self._pages.error_page(request, 400)
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        return RedirectResponse(f"/console/chats/{in_path(chat_id)}#end", 303)

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
    for answer in found.answers:
        record = answer.record
        asked = [one.sent_at for one in answer.messages]
        rows.append(
            Entry(
                at=max(asked, default=record.created_at.timestamp()),
                key=f"a-{record.answer_id}",
                version=f"{record.updated_at.timestamp()}-{len(answer.attempts)}",
                answer=answer,
                steps=timeline(answer),
            )
        )
    return sorted(rows, key=lambda one: one.at)
