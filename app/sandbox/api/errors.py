"""Errors of the API and their envelope.

ApiError  (an answer with Linq's error envelope: status, code, trace_id, doc_url)
"""

from __future__ import annotations

from starlette.responses import JSONResponse

_DOCS = "https://docs.linqapp.com/error/codes"
_MEANINGS: dict[int, tuple[int, str]] = {
    1001: (400, "A required field is missing"),
    1002: (400, "Phone number is not in E.164 format"),
    1003: (400, "Invalid request body"),
    1004: (400, "Invalid message content"),
    1005: (400, "Invalid parameter"),
    1006: (409, "This operation needs a group chat"),
    1007: (429, "Rate limit exceeded"),
    2001: (404, "Chat not found"),
    2002: (404, "Message not found"),
    2003: (404, "Attachment not found"),
    2004: (401, "Missing or invalid token"),
    2005: (403, "No access to this resource"),
    2006: (403, "Sending from this number is not allowed"),
    2007: (404, "Attachment is not ready yet"),
    2008: (403, "Recipient is not allowed: they must write first"),
    2009: (409, "Chat is still being created"),
    2010: (404, "Webhook subscription not found"),
    2012: (404, "Contact card not found"),
    2013: (409, "Chat is unavailable"),
    2014: (409, "A contact card exists already"),
    2015: (409, "Conflicting state"),
    2016: (409, "Not supported in group chats"),
    2017: (409, "Not supported on this service"),
    2019: (404, "Phone number not found"),
    2024: (403, "Recipient has opted out"),
    2026: (403, "Handle is blocked"),
    2027: (403, "Line is temporarily not eligible to send"),
    3005: (504, "Timeout"),
    3006: (500, "Internal server error"),
    4004: (503, "Service unavailable"),
    4005: (422, "Recipient does not support this message type"),
    5001: (500, "Upload failed"),
    5002: (500, "Download of the media URL failed"),
    5004: (400, "File type is not allowed"),
    5005: (400, "File is too large"),
    5006: (400, "Content differs from the declared type"),
}


class ApiError(Exception):
    """The call is refused. `retry_after` is in whole seconds and belongs to status 429."""

    def __init__(
        self,
        code: int,
        message: str | None = None,
        *,
        status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        known_status, known_message = _MEANINGS.get(code, (500, "Error"))
        self.code = code
        self.status = known_status if status is None else status
        self.message = message or known_message
        self.retry_after = retry_after
        super().__init__(f"{self.status}/{code}: {self.message}")


def error_response(api_error: ApiError, trace_id: str) -> JSONResponse:
    """The envelope of an error; `Retry-After` is set when the error says how long to wait."""
    error: dict[str, object] = {
        "status": api_error.status,
        "code": api_error.code,
        "message": api_error.message,
        "doc_url": f"{_DOCS}/{api_error.code // 1000}xxx/{api_error.code}/",
    }
    headers = {}
    if api_error.retry_after is not None:
        error["retry_after"] = api_error.retry_after
        headers["Retry-After"] = str(api_error.retry_after)
    body = {"success": False, "error": error, "trace_id": trace_id}
    return JSONResponse(body, status_code=api_error.status, headers=headers)
