"""The business's own service as a responder: a signed POST, an answer in JSON or plain text."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook

from app.bounded_body import UnreadableBody, bounded_body
from app.responders.protocol import (
    HAND_OVER_REASONS,
    NOT_MINE,
    Answer,
    HandOver,
    Question,
    ResponderError,
)
from app.retry import Backoff, retry_after_seconds
from app.tls import tls_context

ATTEMPTS = 3
MAX_BODY_BYTES = 1_000_000

_CONNECT_SECONDS = 3.0
_READ_SECONDS = 10.0
_BACKOFF = Backoff(first=0.25, factor=3.0)
_RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})


class HttpResponder:
    """Asks one address, with Standard Webhooks headers so that the service knows who asks.

    `webhook-id` is the message's id: it stays the same when a question is sent again, so that the
    service can answer it once. Source: https://www.standardwebhooks.com (specification 1.0.0).
    """

    def __init__(self, url: str, secret: str) -> None:
        """`secret` is `whsec_` and base64, as the service has it."""
        self._url = url
        self._webhook = Webhook(secret)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
            follow_redirects=False,
            verify=tls_context(),
            limits=httpx.Limits(max_connections=64),
            headers={"user-agent": "voicememo-bot", "accept": "application/json, text/plain"},
        )

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when the service cannot be reached or answers with nonsense."""
        body = json.dumps(_payload(question), ensure_ascii=False).encode("utf-8", "replace")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._ask(question.message_id, body)
            except _Retry as retry:
                if attempt == ATTEMPTS:
                    raise ResponderError(str(retry), reason="unreachable") from retry
                await asyncio.sleep(_BACKOFF.pause(attempt, retry.asked))
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(self, message_id: str, body: bytes) -> Answer:
        """One attempt. Raises: _Retry when another may help, else ResponderError."""
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            # A compressed answer could be far larger than what is read of it.
            "accept-encoding": "identity",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(message_id, now, body.decode()),
        }
        try:
            async with self._client.stream(
                "POST", self._url, content=body, headers=headers
            ) as response:
                status = response.status_code
                if status in _RETRIED_STATUS:
                    asked = retry_after_seconds(response.headers.get("retry-after"))
                    raise _Retry(f"the service answered {status}", asked)
                if not 200 <= status < 300:
                    raise ResponderError(f"the service answered {status}", reason="refused")
                if status == 204:
                    return Answer(silent=True, reason="http")
                return _answer(response, await bounded_body(response, MAX_BODY_BYTES))
        except UnreadableBody as error:
            raise ResponderError(
                f"the service's answer cannot be read: {error}", reason="bad-answer"
            ) from error
        except httpx.TimeoutException as error:
            raise _Retry(f"the service did not answer in time ({type(error).__name__})") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _Retry(f"no connection to the service ({type(error).__name__})") from error


class _Retry(Exception):
    """Another attempt may help. asked: seconds that the service wants to be left alone for."""

    def __init__(self, cause: str, asked: float | None = None) -> None:
        super().__init__(cause)
        self.asked = asked


def _payload(question: Question) -> dict[str, Any]:
    return {
        "chat_id": question.chat_id,
        "message_id": question.message_id,
        "sender": question.sender,
        "text": question.text,
        "language": question.language,
        "spoken": question.spoken,
        "service": question.service,
        "is_group": question.is_group,
        "history": [
            {"role": turn.role, "text": turn.text, "at": _timestamp(turn.at)}
            for turn in question.history
        ],
        "received_at": _timestamp(question.received_at),
    }


def _timestamp(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _answer(response: httpx.Response, body: bytes) -> Answer:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        return Answer(text=body.decode("utf-8", "replace"), reason="http")
    if kind != "application/json":
        raise ResponderError(
            f"the service's content type is {kind[:60] or 'missing'}, "
            "expected application/json or text/plain",
            reason="bad-answer",
        )
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ResponderError("the service's answer is no JSON", reason="bad-answer") from error
    if not isinstance(answer, dict):
        raise ResponderError("the service's answer is no JSON object", reason="bad-answer")
    if answer.get("not_mine") is True:
        return NOT_MINE
    return Answer(  # the guard checks the types
        text=answer.get("text") or "",
        language=answer.get("language"),
        voice=answer.get("voice"),
        silent=answer.get("silent", False),
        reason="http",
        hand_over_seconds=answer.get("hand_over_seconds") or 0.0,
        written=answer.get("written") or "",
        hand_over=_hand_over(answer.get("hand_over")),
    )


def _hand_over(value: object) -> HandOver | None:
    """`true`, or an object with `reason` and `summary`; the guard checks both."""
    if isinstance(value, dict):
        reason, summary = value.get("reason"), value.get("summary")
        known = [one for one in HAND_OVER_REASONS if one == reason]
        return HandOver(known[0] if known else "other", summary if isinstance(summary, str) else "")
    return HandOver("other") if value is True else None
