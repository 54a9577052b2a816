"""What a colleague does in a chat: take it, write, record, hand it back."""

from __future__ import annotations

import time
from collections.abc import Callable

import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.answers.memo_requests import KeyReused, request_memo, request_recording
from app.answers.queue import AnswerQueue
from app.console.access import Fields
from app.console.pages import HEADERS, Pages, in_path
from app.console.sessions import Session
from app.linq.ids import is_id
from app.policy import Form
from app.responders.guard import clean
from app.store import chat_log, desk, ledger
from app.store.database import Database, DatabaseUnavailable
from app.store.sealing import Sealer

log = structlog.get_logger()

MAX_TEXT_CHARS = 10_000
MAX_RECORDING_BYTES = 4_000_000
"""Two minutes of what browsers record are one to three megabytes."""


class UnknownChat(Exception):
    """Nobody has written in this chat; nobody is texted first from here."""


class DeskForms:
    """The forms of a chat's page that change who has it, and what is sent from there."""

    def __init__(
        self,
        pages: Pages,
        database: Database,
        queue: AnswerQueue,
        sealer: Sealer,
        takeover_seconds: float,
    ) -> None:
        """takeover_seconds: how long a person has the chat after what they did last."""
        self._pages = pages
        self._database = database
        self._queue = queue
        self._sealer = sealer
        self._seconds = takeover_seconds

    async def take(self, request: Request, _session: Session, _fields: Fields) -> Response:
        """`POST /console/chats/{chat_id}/take`: a person has the chat from now on."""
        chat_id = request.path_params["chat_id"]

        def take(connection: sa.Connection) -> None:
            self._take(connection, chat_id)

        return await self._done(request, chat_id, take, "chat taken in the console")

    async def give_back(self, request: Request, _session: Session, _fields: Fields) -> Response:
        """`POST /console/chats/{chat_id}/return`: the bot answers again."""
        chat_id = request.path_params["chat_id"]

        def give_back(connection: sa.Connection) -> None:
            desk.give_back(connection, chat_id, time.time())

        return await self._done(request, chat_id, give_back, "chat handed back in the console")

    async def send(self, request: Request, _session: Session, fields: Fields) -> Response:
        """`POST /console/chats/{chat_id}/memos`: a voice memo in the bot's voice, or a text, once
        for each form of a page. Whoever sends takes the chat."""
        chat_id, text = request.path_params["chat_id"], clean(fields["text"])
        key = f"console-{fields['key']}"
        form: Form = "text" if fields["form"] == "text" else "voice"
        if not is_id(key):
            return self._pages.error_page(request, 400)
        if len(text) > MAX_TEXT_CHARS:
            return self._pages.error_page(request, 413)

        def send(connection: sa.Connection) -> None:
            if not text:
                return
            if ledger.show(connection, f"memo:{key}") is None:
                self._take(connection, chat_id)
            request_memo(
                connection,
                self._queue,
                self._sealer,
                chat_id=chat_id,
                text=text,
                idempotency_key=key,
                origin="colleague",
                form=form,
            )

        return await self._done(request, chat_id, send, f"{form} requested in the console")

    async def record(self, request: Request, _session: Session, body: bytes) -> Response:
        """`POST /console/chats/{chat_id}/recordings?key=`: what was recorded in the browser goes
        out as a voice memo, once for each key. Whoever sends takes the chat."""
        chat_id = request.path_params["chat_id"]
        key = f"console-{request.query_params.get('key', '')}"
        if not is_id(chat_id) or not is_id(key) or not body:
            return Response(status_code=400, headers=HEADERS)

        def record(connection: sa.Connection) -> None:
            _check_known(connection, chat_id)
            if ledger.show(connection, f"memo:{key}") is None:
                self._take(connection, chat_id)
            request_recording(
                connection,
                self._queue,
                self._sealer,
                chat_id=chat_id,
                data=body,
                idempotency_key=key,
            )

        try:
            await self._database.write(record)
        except UnknownChat:
            return Response(status_code=404, headers=HEADERS)
        except KeyReused:
            return Response(status_code=400, headers=HEADERS)
        except DatabaseUnavailable:
            return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})
        log.info("recording taken in the console", chat=chat_id, bytes=len(body))
        return Response(status_code=202, headers=HEADERS)

    async def _done(
        self, request: Request, chat_id: str, change: Callable[[sa.Connection], None], told: str
    ) -> Response:
        """Change a chat in one transaction, and show its page again."""

        def checked(connection: sa.Connection) -> None:
            _check_known(connection, chat_id)
            change(connection)

        if not is_id(chat_id):
            return self._pages.error_page(request, 400)
        try:
            await self._database.write(checked)
        except UnknownChat:
            return self._pages.error_page(request, 404)
        except KeyReused:
            return self._pages.error_page(request, 400)
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        log.info(told, chat=chat_id)
        return RedirectResponse(f"/console/chats/{in_path(chat_id)}#end", 303)

    def _take(self, connection: sa.Connection, chat_id: str) -> None:
        desk.take(connection, chat_id, now=time.time(), seconds=self._seconds)


def _check_known(connection: sa.Connection, chat_id: str) -> None:
    if not chat_log.is_known(connection, chat_id):
        raise UnknownChat
