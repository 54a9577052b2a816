"""The gateway to Linq: our verbs over the official SDK, and our errors.

LinqError
├── RetryLater       certainly not done; may be tried again, after `after` seconds if known
├── Refused          certainly not done and never will be; `status` and `code` say why
├── OutcomeUnknown   may have been done: look it up before doing it again
└── Misconfigured    token or address is wrong: an operator has to act
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import httpx
import linq
from linq.types.supported_content_type import SupportedContentType

R = TypeVar("R")

REQUEST_SECONDS = 20.0
"""Deadline of one request. Typing and receipts get less."""


class LinqError(Exception):
    """A call to Linq did not succeed."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: int | None = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.trace_id = trace_id


class RetryLater(LinqError):
    """Certainly not done; may be tried again, after `after` seconds if Linq said so."""

    def __init__(self, message: str, *, after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.after = after


class Refused(LinqError):
    """Certainly not done, and never will be as it was asked."""


class OutcomeUnknown(LinqError):
    """May have been done or not."""


class Misconfigured(LinqError):
    """Token or address is wrong; an operator has to act."""


@dataclass(frozen=True)
class SentMemo:
    """What Linq answers to an accepted voice memo."""

    message_id: str
    attachment_id: str
    status: str
    service: str | None
    seconds: float | None


@dataclass(frozen=True)
class SentText:
    message_id: str
    status: str
    service: str | None


@dataclass(frozen=True)
class PastMessage:
    """A message of a chat's history. `media` holds id, file name and URL of each media part."""

    message_id: str
    is_from_us: bool
    created_at: datetime
    media: tuple[str, ...]
    readable: bool
    """False where Linq keeps no parts (zero retention), so that nothing can be recognised."""


class LinqClient:
    """One client for the whole process; close it with `aclose`."""

    def __init__(self, api_key: str, base_url: str) -> None:
        self._http = linq.DefaultAsyncHttpxClient(timeout=httpx.Timeout(REQUEST_SECONDS, connect=5))
        self._client = linq.AsyncLinqAPIV3(
            api_key=api_key, base_url=base_url, http_client=self._http, timeout=REQUEST_SECONDS
        )
        # The SDK repeats every POST twice, but a memo carries no idempotency key: a repeat after
        # an unknown outcome could be a second bubble. It is therefore posted exactly once here.
        self._once = self._client.with_options(max_retries=0)
        # The presigned upload takes no token: it goes through a client that has none.
        self._uploads = httpx.AsyncClient(timeout=httpx.Timeout(60, connect=5))

    async def aclose(self) -> None:
        await self._client.close()
        await self._uploads.aclose()

    async def upload(self, data: bytes, filename: str, content_type: str) -> str:
        """Upload a file and return its attachment id. May be repeated at will."""
        attachment = await _judged(
            self._client.attachments.create(
                filename=filename,
                content_type=cast(SupportedContentType, content_type),
                size_bytes=len(data),
            ),
            repeatable=True,
        )
        try:
            response = await self._uploads.request(
                attachment.http_method,
                attachment.upload_url,
                content=data,
                headers=attachment.required_headers,
            )
        except httpx.HTTPError as error:
            raise RetryLater(f"upload: {_describe(error)}") from error
        if response.status_code >= 500 or response.status_code in (408, 429):
            raise RetryLater(f"upload: status {response.status_code}", status=response.status_code)
        if not response.is_success:
            raise Refused(f"upload: status {response.status_code}", status=response.status_code)
        return attachment.attachment_id

    async def send_memo(
        self,
        chat_id: str,
        *,
        attachment_id: str | None = None,
        url: str | None = None,
        timeout: float = REQUEST_SECONDS,
    ) -> SentMemo:
        """Post a voice memo, once. Exactly one of `attachment_id` and `url`.

        Raises: RetryLater and Refused if it certainly was not sent, OutcomeUnknown if it may be.
        """
        answer = await _judged(
            self._once.chats.send_voicememo(
                chat_id,
                attachment_id=attachment_id or linq.omit,
                voice_memo_url=url or linq.omit,
                timeout=timeout,
            ),
            repeatable=False,
        )
        try:
            memo = answer.voice_memo
            duration = memo.voice_memo.duration_ms
            return SentMemo(
                message_id=memo.id,
                attachment_id=memo.voice_memo.id,
                status=memo.status,
                service=memo.service or memo.chat.service,
                seconds=duration / 1000 if duration is not None else None,
            )
        except AttributeError as error:
            raise OutcomeUnknown("voice memo: the answer is not one of Linq's") from error

    async def send_text(self, chat_id: str, text: str, *, idempotency_key: str) -> SentText:
        """Post a text. May be repeated with the same key: Linq sends it once."""
        answer = await _judged(
            self._client.chats.messages.send(
                chat_id,
                message={
                    "parts": [{"type": "text", "value": text}],
                    "idempotency_key": idempotency_key,
                },
            ),
            repeatable=True,
        )
        try:
            message = answer.message
            return SentText(message.id, message.delivery_status, message.service)
        except AttributeError as error:
            raise RetryLater("text: the answer is not one of Linq's") from error

    async def history(self, chat_id: str, *, since: datetime) -> AsyncIterator[PastMessage]:
        """Messages of a chat since a moment, in whatever order Linq lists them; 500 at most."""
        seen = 0
        older = 0
        pages = self._client.chats.messages.list(chat_id, limit=50)
        page = await _judged(pages, repeatable=True)
        while True:
            for message in page.messages or []:
                seen += 1
                if message.created_at < since:
                    older += 1
                    continue
                yield _past(message)
            # The order is not documented: stop only after a full page of older messages.
            if not page.has_next_page() or older >= 50 or seen >= 500:
                return
            page = await _judged(page.get_next_page(), repeatable=True)

    async def attachment_url(self, attachment_id: str) -> str:
        """A fresh download address of an attachment."""
        found = await _judged(self._client.attachments.retrieve(attachment_id), repeatable=True)
        if not found.download_url:
            raise Refused(f"attachment {attachment_id} has no download address")
        return found.download_url

    async def mark_read(self, chat_id: str) -> None:
        await _judged(self._once.chats.mark_as_read(chat_id, timeout=5), repeatable=True)

    async def start_typing(self, chat_id: str) -> None:
        await _judged(self._once.chats.typing.start(chat_id, timeout=5), repeatable=True)

    async def stop_typing(self, chat_id: str) -> None:
        await _judged(self._once.chats.typing.stop(chat_id, timeout=5), repeatable=True)

    async def phone_numbers(self) -> tuple[str, ...]:
        """The account's own lines, E.164."""
        answer = await _judged(self._client.phone_numbers.list(), repeatable=True)
        return tuple(line.phone_number for line in answer.phone_numbers)

    async def subscriptions(self) -> tuple[tuple[str, str], ...]:
        """(id, target URL) of every webhook subscription."""
        answer = await _judged(self._client.webhook_subscriptions.list(), repeatable=True)
        return tuple((one.id, one.target_url) for one in answer.subscriptions)

    async def subscribe(self, target_url: str, events: tuple[str, ...]) -> tuple[str, str]:
        """Create a webhook subscription. Returns (id, signing secret, shown only this once)."""
        answer = await _judged(
            self._once.webhook_subscriptions.create(
                target_url=target_url, subscribed_events=cast(Any, list(events))
            ),
            repeatable=False,
        )
        return answer.id, answer.signing_secret


async def _judged(call: Awaitable[R], *, repeatable: bool) -> R:
    """Await an SDK call and turn its errors into decisions.

    repeatable: whether doing it twice does no harm, so that an unknown outcome may be repeated.
    """
    try:
        return await call
    except linq.APIConnectionError as error:
        cause = error.__cause__
        never_left = isinstance(
            cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
        )
        if never_left or repeatable:
            raise RetryLater(_describe(cause or error)) from error
        raise OutcomeUnknown(_describe(cause or error)) from error
    except linq.APIStatusError as error:
        raise _judge_status(error, repeatable=repeatable) from error
    except linq.APIError as error:
        kind = RetryLater if repeatable else OutcomeUnknown
        raise kind(f"unreadable answer: {type(error).__name__}") from error
    except (ValueError, TypeError) as error:
        # A 2xx whose body is no JSON: the request was taken, what became of it is not known.
        kind = RetryLater if repeatable else OutcomeUnknown
        raise kind(f"unreadable answer: {type(error).__name__}") from error


def _judge_status(error: linq.APIStatusError, *, repeatable: bool) -> LinqError:
    """Which decision an error status asks for (linq-api: error codes and SDK retries)."""
    status, code = error.status_code, error.code
    details: dict[str, Any] = {
        "status": status,
        "code": code,
        "trace_id": error.response.headers.get("X-Trace-ID"),
    }
    message = f"status {status}, code {code}" if code else f"status {status}"
    if status == 429 or (status, code) in ((404, 2007), (409, 2009)):
        return RetryLater(message, after=_retry_after(error), **details)
    if status == 401:
        return Misconfigured(f"{message}: check LINQ_API_V3_API_KEY", **details)
    if status == 408 or status >= 500:
        if repeatable:
            return RetryLater(message, after=_retry_after(error), **details)
        return OutcomeUnknown(message, **details)
    return Refused(message, **details)


def _retry_after(error: linq.APIStatusError) -> float | None:
    header = error.response.headers.get("Retry-After", "")
    if header.isdigit():
        return float(header)
    return float(error.retry_after) if error.retry_after else None


def _past(message: Any) -> PastMessage:
    media = []
    for part in message.parts or []:
        if part.type == "media":
            media += [part.id, part.filename or "", part.url or ""]
    created = message.created_at
    return PastMessage(
        message_id=message.id,
        is_from_us=message.is_from_me,
        created_at=created if created.tzinfo else created.replace(tzinfo=UTC),
        media=tuple(item for item in media if item),
        readable=bool(message.parts),
    )


def _describe(error: BaseException) -> str:
    """The kind of a transport error and its text, which never holds a token or a message."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


async def best_effort(call: Awaitable[None]) -> None:
    """Await something whose failure does not matter, such as a typing indicator."""
    try:
        await asyncio.wait_for(call, timeout=6)
    except (LinqError, TimeoutError):
        return
