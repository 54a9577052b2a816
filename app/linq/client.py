"""LinqClient: what the bot asks of Linq, over the official SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx
import linq
from linq.types.supported_content_type import SupportedContentType

from app.bounded_body import UnreadableBody, bounded_body
from app.linq import responses
from app.linq.calls import describe, perform, response_to
from app.linq.clock import LinqClock
from app.linq.errors import Refused, RetryLater
from app.linq.ids import is_id
from app.linq.payloads import MAX_TEXT
from app.linq.subscriptions import Subscriptions
from app.retry import retry_after_seconds
from app.settings import is_https_or_loopback, is_loopback
from app.tls import tls_context

REQUEST_SECONDS = 20.0
"""Deadline of one request. Typing and receipts get less."""

_BRIEF_SECONDS = 5.0
_PAGE = 50  # messages of a history
_MOST_PAGES = 20
_UPLOAD_RESPONSE_BYTES = 100_000
_OWN_HEADERS = ("content-length", "host", "transfer-encoding")  # which httpx sets itself


@dataclass(frozen=True)
class SentMemo:
    """Linq's response to an accepted voice memo. `service`: iMessage, RCS or SMS, if told."""

    message_id: str
    status: str
    service: str | None


@dataclass(frozen=True)
class SentText:
    """Linq's response to an accepted text. `service`: iMessage, RCS or SMS, if told."""

    message_id: str
    status: str
    service: str | None


@dataclass(frozen=True)
class PastMessage:
    """A message of a chat's history. `media` holds id, file name and URL of each media part."""

    message_id: str
    is_from_us: bool
    created_at: datetime
    """Timezone-aware, by Linq's clock."""
    media: tuple[str, ...]
    readable: bool
    """False where Linq keeps no parts (zero retention), so that nothing can be recognised."""
    text: str = ""
    """Its words, one part a line."""


class LinqClient:
    """One client for the whole process; close it with `aclose`. Every method raises LinqError."""

    def __init__(self, api_key: str, base_url: str, clock: LinqClock | None = None) -> None:
        """clock: measures Linq's; a new one by default."""
        self._clock = clock or LinqClock()
        self._client = linq.AsyncLinqAPIV3(
            api_key=api_key,
            base_url=base_url,
            http_client=linq.DefaultAsyncHttpxClient(
                timeout=httpx.Timeout(REQUEST_SECONDS, connect=5),
                event_hooks={"response": [self._observe]},
                verify=tls_context(),
            ),
            timeout=REQUEST_SECONDS,
            default_headers={"Accept-Encoding": "gzip"},  # which `bounded_body` unpacks
        )
        # The SDK repeats every POST twice, but a memo carries no idempotency key: a repeat after
        # an unknown outcome could be a second bubble. It is therefore posted exactly once here.
        self._once = self._client.with_options(max_retries=0)
        # The presigned upload takes no token: it goes through a client that has none.
        self._uploads = httpx.AsyncClient(
            timeout=httpx.Timeout(60, connect=5), verify=tls_context()
        )
        self._is_local = is_loopback(base_url)
        self.subscriptions = Subscriptions(self._client)

    @property
    def clock_offset_seconds(self) -> float | None:
        """Seconds by which Linq's clock is ahead of ours, accurate to about one second.

        None before the first response. See `LinqClock`.
        """
        return self._clock.offset_seconds

    async def aclose(self) -> None:
        await self._client.close()
        await self._uploads.aclose()

    async def upload(self, data: bytes, filename: str, content_type: str) -> str:
        """Upload a file and return its attachment id. May be repeated at will.

        Raises: RetryLater, Refused, Misconfigured.
        """
        attachment = await response_to(
            self._client.attachments.with_streaming_response.create(
                filename=filename,
                content_type=cast(SupportedContentType, content_type),
                size_bytes=len(data),
            ),
            responses.Attachment,
            repeatable=True,
        )
        url = self._upload_url(attachment.upload_url)
        headers = {
            name: value
            for name, value in attachment.required_headers.items()
            if name.lower() not in _OWN_HEADERS
        }
        try:
            async with self._uploads.stream(
                attachment.http_method, url, content=data, headers=headers
            ) as response:
                status = response.status_code
                asked = retry_after_seconds(response.headers.get("Retry-After"))
                with suppress(UnreadableBody):  # read, so that the connection can be used again
                    await bounded_body(response, _UPLOAD_RESPONSE_BYTES)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            # ValueError: a host or a header that cannot be encoded.
            raise RetryLater(f"upload: {describe(error)}") from error
        if status >= 500 or status in (408, 429):
            raise RetryLater(f"upload: status {status}", status=status, after=asked)
        if not 200 <= status < 300:
            raise Refused(f"upload: status {status}", status=status)
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

        timeout: seconds until the outcome counts as unknown.
        Raises: RetryLater, Refused and Misconfigured if it certainly was not sent, OutcomeUnknown
        if it may be.
        """
        posted = await response_to(
            self._once.chats.with_streaming_response.send_voicememo(
                _id(chat_id),
                attachment_id=attachment_id or linq.omit,
                voice_memo_url=url or linq.omit,
                timeout=timeout,
            ),
            responses.PostedMemo,
            repeatable=False,
        )
        memo = posted.voice_memo
        service = memo.service or (memo.chat.service if memo.chat else None)
        return SentMemo(memo.id, memo.status or "queued", service)

    async def send_text(self, chat_id: str, text: str, *, idempotency_key: str) -> SentText:
        """Post a text. May be repeated with the same key: Linq sends it once.

        Raises: RetryLater, Refused, Misconfigured.
        """
        posted = await response_to(
            self._client.chats.messages.with_streaming_response.send(
                _id(chat_id),
                message={
                    "parts": [{"type": "text", "value": text}],
                    "idempotency_key": idempotency_key,
                },
            ),
            responses.PostedText,
            repeatable=True,
        )
        message = posted.message
        return SentText(message.id, message.delivery_status or "queued", message.service)

    async def history(self, chat_id: str, *, since: datetime) -> AsyncIterator[PastMessage]:
        """Messages of a chat since a moment, in whatever order Linq lists them; 500 at most.

        Raises: RetryLater for a page that cannot be read, Refused, Misconfigured.
        """
        calls = self._client.chats.messages.with_streaming_response
        cursor, seen, older = "", 0, 0
        for _ in range(_MOST_PAGES):
            page = await response_to(
                calls.list(_id(chat_id), limit=_PAGE, cursor=cursor or linq.omit),
                responses.History,
                repeatable=True,
            )
            for message in page.messages or ():
                seen += 1
                if message.created_at < since:
                    older += 1
                    continue
                yield _past(message)
            cursor = page.next_cursor or ""
            # The order is not documented: stop only after a full page of older messages.
            if not cursor or older >= _PAGE or seen >= 10 * _PAGE:
                return

    async def attachment_url(self, attachment_id: str) -> str:
        """A fresh download address of an attachment.

        Raises: RetryLater, Misconfigured; Refused if it has none.
        """
        found = await response_to(
            self._client.attachments.with_streaming_response.retrieve(_id(attachment_id)),
            responses.StoredAttachment,
            repeatable=True,
        )
        if not found.download_url:
            raise Refused(f"attachment {attachment_id} has no download address")
        return found.download_url

    async def mark_read(self, chat_id: str) -> None:
        chats = self._once.chats.with_streaming_response
        await perform(chats.mark_as_read(_id(chat_id), timeout=_BRIEF_SECONDS))

    async def start_typing(self, chat_id: str) -> None:
        typing = self._once.chats.typing.with_streaming_response
        await perform(typing.start(_id(chat_id), timeout=_BRIEF_SECONDS))

    async def stop_typing(self, chat_id: str) -> None:
        typing = self._once.chats.typing.with_streaming_response
        await perform(typing.stop(_id(chat_id), timeout=_BRIEF_SECONDS))

    async def phone_numbers(self) -> tuple[str, ...]:
        """The account's own lines, E.164."""
        calls = self._client.phone_numbers.with_streaming_response
        found = await response_to(calls.list(), responses.Lines, repeatable=True)
        return tuple(line.phone_number for line in found.phone_numbers)

    async def _observe(self, response: httpx.Response) -> None:
        self._clock.observe(response.headers.get("Date"))

    def _upload_url(self, address: str) -> httpx.URL:
        """Where to upload to: over https, or to this machine if Linq's API is on it, too."""
        try:
            url = httpx.URL(address)
            usable = bool(url.host) and not url.userinfo and is_https_or_loopback(address)
            usable = usable and (url.scheme == "https" or self._is_local)
        except (httpx.InvalidURL, ValueError):
            usable = False
        if not usable:
            raise RetryLater("upload: Linq names no https:// address to upload to")
        return url


def _id(value: str) -> str:
    if not is_id(value):
        raise Refused("an id that cannot be one of Linq's")
    return value


def _past(message: responses.HistoryMessage) -> PastMessage:
    parts: list[dict[str, Any]] = message.parts or []
    # Which type a sent voice memo has here is not documented (media is assumed).
    media = [part for part in parts if part.get("type") not in ("text", "link")]
    found = [part.get(name) for part in media for name in ("id", "filename", "url")]
    said = [part.get("value") for part in parts if part.get("type") in ("text", "link")]
    return PastMessage(
        message_id=message.id,
        is_from_us=message.is_from_me,
        created_at=message.created_at,
        media=tuple(item for item in found if isinstance(item, str) and item),
        readable=bool(parts),
        text="\n".join(item for item in said if isinstance(item, str))[:MAX_TEXT],
    )
