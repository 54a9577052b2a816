"""One call to Linq: its answer read and checked, its trouble turned into a decision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

import httpx
import linq
from pydantic import BaseModel, ValidationError

from app.bounded_body import UnreadableBody, bounded_body
from app.linq.errors import LinqError, Misconfigured, OutcomeUnknown, Refused, RetryLater
from app.retry import retry_after_seconds

MAX_ANSWER_BYTES = 16_000_000
"""Longest answer that is read: a page of history has 50 messages, rarely above some kilobytes."""
BODY_SECONDS = 20.0
"""Deadline for the body of an answer, after its header."""

A = TypeVar("A", bound=BaseModel)


class _Response(Protocol):
    """What the SDK gives within `with_streaming_response`."""

    http_response: httpx.Response


Call = AbstractAsyncContextManager[_Response]
"""A method of the SDK's `with_streaming_response`, called: it is sent when entered."""


async def answered(call: Call, kind: type[A], *, repeatable: bool) -> A:
    """The answer to a call, as `kind`.

    repeatable: whether doing it twice does no harm, so that an unknown outcome may be repeated.

    Raises: RetryLater, Refused, Misconfigured; OutcomeUnknown unless it is repeatable.
    """
    body = await _body(call, repeatable=repeatable)
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        # The whole text of the error would quote what people wrote.
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(name) for name in first["loc"])
        raise _unclear(
            f"the answer is not one of Linq's ({where or 'body'}: {first['type']})", repeatable
        ) from None


async def done(call: Call) -> None:
    """Make a repeatable call of whose answer nothing is needed but its status.

    Raises: RetryLater, Refused, Misconfigured.
    """
    await _body(call, repeatable=True)


async def best_effort(call: Awaitable[None]) -> None:
    """Await something whose failure does not matter, such as a typing indicator."""
    try:
        await asyncio.wait_for(call, timeout=6)
    except (LinqError, TimeoutError):
        return


async def _body(call: Call, *, repeatable: bool) -> bytes:
    try:
        async with call as response, asyncio.timeout(BODY_SECONDS):
            return await bounded_body(response.http_response, MAX_ANSWER_BYTES)
    except linq.APIConnectionError as error:
        cause = error.__cause__ or error
        never_left = isinstance(
            cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
        )
        raise _unclear(describe(cause), repeatable or never_left) from error
    except linq.APIStatusError as error:
        raise _judged(error, repeatable=repeatable) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnreadableBody, TimeoutError) as error:
        # Only the body is missing: the request was taken.
        raise _unclear(f"unreadable answer: {describe(error)}", repeatable) from error
    except (linq.LinqApiv3Error, ValueError, TypeError) as error:
        raise _unclear(f"unreadable answer: {type(error).__name__}", repeatable) from error


def _unclear(message: str, repeatable: bool) -> LinqError:
    return RetryLater(message) if repeatable else OutcomeUnknown(message)


def _judged(error: linq.APIStatusError, *, repeatable: bool) -> LinqError:
    """Which decision an error status asks for (docs.linqapp.com, Error Codes and Rate Limits)."""
    status, code, after = error.status_code, _whole(error.code), _after(error)
    trace_id = error.response.headers.get("X-Trace-ID")
    message = f"status {status}, code {code}" if code else f"status {status}"
    if status == 429 or (status, code) in ((404, 2007), (409, 2009)):
        return RetryLater(message, after=after, status=status, code=code, trace_id=trace_id)
    if status == 401:
        message = f"{message}: check LINQ_API_V3_API_KEY"
        return Misconfigured(message, status=status, code=code, trace_id=trace_id)
    if status == 408 or status >= 500:
        if repeatable:
            return RetryLater(message, after=after, status=status, code=code, trace_id=trace_id)
        return OutcomeUnknown(message, status=status, code=code, trace_id=trace_id)
    return Refused(message, status=status, code=code, trace_id=trace_id)


def _after(error: linq.APIStatusError) -> float | None:
    """Seconds to wait: by header, else by the `retry_after` of the body."""
    header = retry_after_seconds(error.response.headers.get("Retry-After"))
    if header is not None:
        return header
    told = _whole(error.retry_after)
    return float(told) if told else None


def _whole(value: Any) -> int | None:
    """The SDK passes on whatever type stood in the body."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6
    return value if fits else None


def describe(error: BaseException) -> str:
    """The kind of a transport error and its text, which never holds a token or a message."""
    text = str(error)[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
