"""Each status of Linq leads to a decision; each error carries what Linq said."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

import httpx
import linq
import pytest
from linq import _exceptions as sdk

from app.linq.answers import PostedText
from app.linq.calls import answered, done
from app.linq.errors import LinqError, Misconfigured, OutcomeUnknown, Refused, RetryLater

REQUEST = httpx.Request("POST", "https://api.linqapp.com/v3/x")


class FailingCall:
    """A call of the SDK that raises instead of giving an answer."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __aenter__(self) -> Any:
        raise self._error

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def status_error(
    status: int, body: object = None, headers: dict[str, str] | None = None
) -> linq.APIStatusError:
    response = httpx.Response(status, headers=headers, request=REQUEST)
    return sdk.APIStatusError("no", response=response, body=body)


def connection_error(cause: Exception) -> linq.APIConnectionError:
    error = linq.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


def raised(error: Exception, *, repeatable: bool) -> LinqError:
    with pytest.raises(LinqError) as caught:
        asyncio.run(answered(FailingCall(error), PostedText, repeatable=repeatable))
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "repeatable", "once"),
    [
        (400, 1002, Refused, Refused),
        (401, 2004, Misconfigured, Misconfigured),
        (403, 2024, Refused, Refused),
        (404, 2003, Refused, Refused),
        (404, 2007, RetryLater, RetryLater),
        (409, 2009, RetryLater, RetryLater),
        (409, 2010, Refused, Refused),
        (429, 1007, RetryLater, RetryLater),
        (408, None, RetryLater, OutcomeUnknown),
        (500, None, RetryLater, OutcomeUnknown),
        (503, 3005, RetryLater, OutcomeUnknown),
    ],
)
def test_a_status_leads_to_a_decision(
    status: int, code: int | None, repeatable: type[LinqError], once: type[LinqError]
) -> None:
    error = status_error(status, {"code": code}, {"X-Trace-ID": "trace-7"})
    for kind, expected in ((True, repeatable), (False, once)):
        found = raised(error, repeatable=kind)
        assert type(found) is expected
        assert (found.status, found.code, found.trace_id) == (status, code, "trace-7")


@pytest.mark.parametrize(
    ("headers", "body", "after"),
    [
        ({"Retry-After": "7"}, {"retry_after": 9}, 7.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 0.0),
        ({"Retry-After": "soon"}, {"retry_after": 9}, 9.0),
        ({}, {"retry_after": 9}, 9.0),
        ({}, {"retry_after": "often"}, None),
        ({}, {"retry_after": {"seconds": 1}}, None),
        ({}, "<html>", None),
        ({}, None, None),
    ],
)
def test_how_long_linq_wants_to_be_left_alone(
    headers: dict[str, str], body: object, after: float | None
) -> None:
    found = raised(status_error(429, body, headers), repeatable=False)
    assert isinstance(found, RetryLater)
    assert found.after == after


@pytest.mark.parametrize("code", ["2024", [2024], {"a": 1}, True, -1, 10**30, None])
def test_a_code_of_the_wrong_type_is_left_out(code: object) -> None:
    found = raised(status_error(403, {"code": code}), repeatable=True)
    assert (type(found), found.code) == (Refused, None)


@pytest.mark.parametrize(
    ("cause", "once"),
    [
        (httpx.ConnectError("refused"), RetryLater),
        (httpx.ConnectTimeout("slow"), RetryLater),
        (httpx.PoolTimeout("busy"), RetryLater),
        (httpx.ReadTimeout("no answer"), OutcomeUnknown),
        (httpx.ReadError("broken"), OutcomeUnknown),
        (UnicodeError("a host that is no host"), OutcomeUnknown),
    ],
)
def test_only_what_never_left_is_certainly_not_done(
    cause: Exception, once: type[LinqError]
) -> None:
    assert type(raised(connection_error(cause), repeatable=False)) is once
    assert type(raised(connection_error(cause), repeatable=True)) is RetryLater


def test_a_call_without_an_answer_is_judged_the_same() -> None:
    with pytest.raises(RetryLater):
        asyncio.run(done(FailingCall(status_error(500))))
    with pytest.raises(Misconfigured, match="LINQ_API_V3_API_KEY"):
        asyncio.run(done(FailingCall(status_error(401))))
