"""POST /v3/chats/{chatId}/voicememo: the call without an idempotency key."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from app.sandbox.addresses import is_loopback
from app.sandbox.api.attachments import find_ready_attachment, new_attachment
from app.sandbox.api.chats import find_chat
from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_url, read_json
from app.sandbox.api.payloads import media_part, voice_memo_json
from app.sandbox.api.sending import Content, accept_message, check_sendable
from app.sandbox.bounded_body import BodyTooLargeError, read_bounded
from app.sandbox.media.probe import DecodeError, matches, probe_audio, voice_memo_type
from app.sandbox.records import Attachment
from app.sandbox.sandbox import monotonic_in
from app.sandbox.tls import tls_context

MAX_MEMO_BYTES = 10 * 1024 * 1024
_DOWNLOAD_SECONDS = 15.0


async def send_voice_memo(call: Call) -> Response:
    """Exactly one of `attachment_id` and `voice_memo_url`; 202 once the memo is accepted.

    On RCS and SMS the audio is delivered as an ordinary attachment.
    """
    chat = find_chat(call)
    body = await read_json(call.request)
    attachment_id = body.optional_uuid("attachment_id")
    url = body.optional_text("voice_memo_url", max_length=4096)
    override = body.flag("override_optout")
    body.flag("force_notify")
    if attachment_id is None and url is None:
        raise ApiError(1001, "attachment_id or voice_memo_url is required")
    if attachment_id is not None and url is not None:
        raise ApiError(1005, "Give attachment_id or voice_memo_url, not both")
    check_sendable(call, chat, override_optout=override)
    if attachment_id is not None:
        attachment = find_ready_attachment(call, attachment_id)
    else:
        assert url is not None
        attachment = await _fetch(call, url)
    await _check_audio(attachment)
    check_sendable(call, chat, override_optout=override)
    content = Content(parts=[media_part(attachment)], audio=attachment)
    message = accept_message(call, chat, content)
    return JSONResponse(voice_memo_json(chat, message, attachment), status_code=202)


async def _check_audio(attachment: Attachment) -> None:
    """Raises ApiError unless the file is decodable audio of its declared, accepted type."""
    if voice_memo_type(attachment.content_type) is None:
        raise ApiError(5004, f"{attachment.content_type} is no voice memo format")
    if attachment.size_bytes > MAX_MEMO_BYTES:
        raise _too_large()
    if attachment.probe is None:
        if attachment.data is None:
            raise ApiError(2003)
        try:
            attachment.probe = await run_in_threadpool(probe_audio, attachment.data)
        except DecodeError as error:
            raise ApiError(5006, f"The file cannot be decoded: {error}") from error
    if not matches(attachment.probe, attachment.content_type):
        raise ApiError(
            5006,
            f"Declared {attachment.content_type}, found {attachment.probe.codec} "
            f"in {attachment.probe.container}",
        )


def _too_large() -> ApiError:
    return ApiError(5001, "Voice memo exceeds the maximum of 10 MB", status=413)


@dataclass(frozen=True)
class _Download:
    data: bytes
    content_type: str
    filename: str


async def _fetch(call: Call, url: str) -> Attachment:
    """The file behind a public HTTPS address; plain HTTP only to this machine."""
    parts = check_url(url, "voice_memo_url")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ApiError(1005, "voice_memo_url must be a public HTTPS URL")
    try:
        async with asyncio.timeout(_DOWNLOAD_SECONDS):
            download = await _download(url)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise ApiError(5002, f"Download failed: {type(error).__name__}") from error
    attachment = new_attachment(
        call.sandbox, download.filename, download.content_type, len(download.data)
    )
    call.state.store_bytes(attachment, download.data, ready_at=monotonic_in(0))
    return attachment


async def _download(url: str) -> _Download:
    async with (
        httpx.AsyncClient(
            timeout=_DOWNLOAD_SECONDS, trust_env=False, verify=tls_context()
        ) as client,
        client.stream("GET", url) as answer,
    ):
        if answer.status_code != 200:
            raise ApiError(5002, f"Download answered {answer.status_code}")
        try:
            data = await read_bounded(answer.aiter_bytes(), MAX_MEMO_BYTES)
        except BodyTooLargeError as error:
            raise _too_large() from error
        named = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        content_type = voice_memo_type(named) or named
    filename = unquote(urlsplit(url).path.rpartition("/")[2]) or "voice-memo"
    return _Download(data, content_type, filename[:255])
