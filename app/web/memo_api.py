"""The API for sending on one's own: `POST /api/memos`, and a status to poll."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.answers.memo_requests import KeyReused, request_memo
from app.answers.queue import AnswerQueue
from app.bounded_body import BodyTooLarge
from app.linq.ids import ID_PATTERN
from app.responders.guard import clean
from app.store import ledger
from app.store.database import Database, DatabaseUnavailable
from app.store.ledger import AnswerRecord
from app.web.request_body import BoundedBodies

log = structlog.get_logger()

MAX_BODY_BYTES = 64 * 1024
_ChatId = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN}$")]
_Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:+@-]{1,128}$")]


def _words(text: str) -> str:
    """The text without control characters, which no voice reads and no database takes."""
    if not (cleaned := clean(text)):
        raise ValueError("says nothing")
    return cleaned


class MemoRequest(BaseModel):
    """The body of `POST /api/memos`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    chat_id: _ChatId
    text: Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_words)]
    language: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}$")]
        | None
    ) = None
    voice: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")] | None = None
    idempotency_key: _Key | None = None


class MemoApi:
    """Needs `Authorization: Bearer {MEMO_ADMIN_TOKEN}` on every call."""

    def __init__(self, admin_token: str, database: Database, queue: AnswerQueue) -> None:
        self._token = admin_token
        self._database = database
        self._queue = queue
        self._bodies = BoundedBodies(MAX_BODY_BYTES)

    async def create(self, request: Request) -> Response:
        """`POST /api/memos` → 202 with an id to poll; the same idempotency key, the same memo."""
        if refusal := self._refusal(request):
            return refusal
        try:
            body = await self._bodies.read(request)
            wanted = MemoRequest.model_validate_json(body)
        except BodyTooLarge as error:
            return _problem(413, f"the body is larger than {error.limit} bytes")
        except ValidationError as error:
            return _problem(400, _explain(error))
        try:
            record = await self._database.write(
                lambda c: request_memo(c, self._queue, **wanted.model_dump())
            )
        except KeyReused as error:
            return _problem(409, str(error))
        except DatabaseUnavailable:
            return _problem(503, "not stored; try again later")
        log.info("memo requested", answer=record.answer_id, chat=record.chat_id)
        shown = _shown(record)
        return JSONResponse(shown, 202, {"Location": f"/api/memos/{shown['id']}"})

    async def show(self, request: Request) -> Response:
        """`GET /api/memos/{id}`: what has become of it."""
        if refusal := self._refusal(request):
            return refusal
        try:
            record = await self._database.read(
                lambda c: ledger.find(c, request.path_params["memo_id"])
            )
        except DatabaseUnavailable:
            return _problem(503, "try again later")
        return JSONResponse(_shown(record)) if record else _problem(404, "no such memo")

    def _refusal(self, request: Request) -> Response | None:
        if not self._token:
            return _problem(403, "set MEMO_ADMIN_TOKEN to use this API")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(
            token.strip().encode(), self._token.encode()
        ):
            return None
        response = _problem(401, "Authorization: Bearer with the admin token is needed")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response


def _shown(record: AnswerRecord) -> dict[str, Any]:
    return {
        "id": record.answer_id.removeprefix("memo:"),
        "chat_id": record.chat_id,
        "status": record.state,
        "reason": record.reason or None,
        "detail": record.detail,
        "engine": record.engine,
        "seconds": record.seconds,
        "message_id": record.memo_message_id or record.text_message_id,
        "delivery": record.memo_status or record.text_status,
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
    }


def _problem(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
