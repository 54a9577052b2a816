"""Whatever Linq answers, each method of LinqClient ends with a value or with one of our errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.linq.client import LinqClient, PastMessage
from app.linq.errors import LinqError, OutcomeUnknown, Refused, RetryLater
from tests.integration.local_server import Reply, Server, running

CHAT = "c2a1f0de-7f0c-4a56-8a8b-0c6f1c8f7a11"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
JSON = {"content-type": "application/json"}
HTML = b"<!doctype html><title>Sign in to the guest network</title>"

Method = Callable[[LinqClient], Awaitable[object]]


async def history(linq: LinqClient) -> list[PastMessage]:
    return [message async for message in linq.history(CHAT, since=SINCE)]


METHODS: dict[str, Method] = {
    "upload": lambda linq: linq.upload(b"sound", "memo.m4a", "audio/x-m4a"),
    "send_memo": lambda linq: linq.send_memo(CHAT, attachment_id="a1"),
    "send_text": lambda linq: linq.send_text(CHAT, "Hi", idempotency_key="k1"),
    "history": history,
    "attachment_url": lambda linq: linq.attachment_url("a1"),
    "phone_numbers": lambda linq: linq.phone_numbers(),
    "subscriptions.list": lambda linq: linq.subscriptions.list(),
    "subscriptions.create": lambda linq: linq.subscriptions.create("https://bot.example/", ["x"]),
    "subscriptions.update": lambda linq: linq.subscriptions.update("s1", active=True),
}
ONCE = {"send_memo", "subscriptions.create"}
"""Methods that Linq has no idempotency key for."""
NO_ANSWER_NEEDED: dict[str, Method] = {
    "mark_read": lambda linq: linq.mark_read(CHAT),
    "start_typing": lambda linq: linq.start_typing(CHAT),
    "stop_typing": lambda linq: linq.stop_typing(CHAT),
    "subscriptions.delete": lambda linq: linq.subscriptions.delete("s1"),
}

WRONG = {
    "attachment_id": 7,
    "upload_url": ["https://cdn.linqapp.com/"],
    "required_headers": "none",
    "voice_memo": {"id": 7, "voice_memo": []},
    "message": {"id": None},
    "messages": [{"id": "m1", "is_from_me": "yes", "created_at": 1, "parts": "none"}],
    "download_url": 7,
    "phone_numbers": [{"phone_number": 7}],
    "subscriptions": [{"id": "s1", "target_url": None}],
    "id": {"id": "s1"},
    "signing_secret": 7,
}
UNREADABLE = {
    "HTML": Reply(body=HTML, headers={"content-type": "text/html"}),
    "HTML called JSON": Reply(body=HTML, headers=JSON),
    "nothing": Reply(headers=JSON),
    "empty object": Reply(body=b"{}", headers=JSON),
    "list": Reply(body=b"[]", headers=JSON),
    "null": Reply(body=b"null", headers=JSON),
    "number": Reply(body=b"7", headers=JSON),
    "text": Reply(body=b'"fine"', headers=JSON),
    "true": Reply(body=b"true", headers=JSON),
    "NaN": Reply(body=b"NaN", headers=JSON),
    "wrong types": Reply(body=json.dumps(WRONG).encode(), headers=JSON),
    "nulls": Reply(body=json.dumps(dict.fromkeys(WRONG)).encode(), headers=JSON),
    "NaN inside": Reply(body=json.dumps(dict.fromkeys(WRONG, float("nan"))).encode(), headers=JSON),
    "wrong nesting": Reply(body=json.dumps({"data": WRONG}).encode(), headers=JSON),
    "nested too deep": Reply(body=b"[" * 100_000, headers=JSON),
    "not UTF-8": Reply(body=b'{"id": "\xff\xfe"}', headers=JSON),
    "half a surrogate": Reply(body=b'{"message": {"id": "\\ud800"}}', headers=JSON),
    "cut off": Reply(body=b'{"message": {"id": "m1', headers=JSON),
    "damaged gzip": Reply(body=b"{}", headers=JSON | {"content-encoding": "gzip"}),
    "brotli": Reply(body=b"{}", headers=JSON | {"content-encoding": "br"}),
    "too long": Reply(headers=JSON | {"content-length": "99999999999"}),
    "no content": Reply(204),
}
TRUE: dict[str, dict[str, object]] = {"history": {"nulls": []}}
"""What may be true: messages that are null, which the SDK's types allow."""


@pytest.fixture
def api() -> Iterator[Server]:
    with running() as server:
        yield server


def ask(api: Server, method: Method) -> Any:
    async def main() -> object:
        linq = LinqClient("token", api.address)
        try:
            return await method(linq)
        finally:
            await linq.aclose()

    return asyncio.run(main())


def failure(api: Server, method: Method) -> LinqError:
    with pytest.raises(LinqError) as caught:
        ask(api, method)
    return caught.value


def outcomes(api: Server, method: Method, bodies: Iterable[str]) -> dict[str, object]:
    """What a method ends with for each body: the class of our error, or its value."""

    async def main() -> dict[str, object]:
        linq = LinqClient("token", api.address)
        found: dict[str, object] = {}
        try:
            for body in bodies:
                api.otherwise = UNREADABLE[body]
                try:
                    found[body] = await method(linq)
                except LinqError as error:
                    found[body] = type(error)
            return found
        finally:
            await linq.aclose()

    return asyncio.run(main())


@pytest.mark.parametrize("name", METHODS)
def test_a_200_that_is_none_of_linq_s(api: Server, name: str) -> None:
    expected: dict[str, object] = dict.fromkeys(
        UNREADABLE, OutcomeUnknown if name in ONCE else RetryLater
    )
    assert outcomes(api, METHODS[name], UNREADABLE) == expected | TRUE.get(name, {})
    assert len(api.requests) == len(UNREADABLE)


@pytest.mark.parametrize("name", NO_ANSWER_NEEDED)
def test_where_nothing_is_needed_of_the_answer_its_status_is_enough(api: Server, name: str) -> None:
    bodies = [body for body in UNREADABLE if body not in ("damaged gzip", "brotli", "too long")]
    assert outcomes(api, NO_ANSWER_NEEDED[name], bodies) == dict.fromkeys(bodies)


def test_an_attachment_that_is_gone_has_no_address(api: Server) -> None:
    api.otherwise = Reply(body=b'{"id": "a1", "status": "failed"}', headers=JSON)
    assert type(failure(api, METHODS["attachment_url"])) is Refused


def test_what_people_wrote_is_not_quoted_in_an_error(api: Server) -> None:
    message = {"id": "m1", "is_from_me": "my secret", "created_at": "x", "parts": "my secret"}
    api.otherwise = Reply(body=json.dumps({"messages": [message]}).encode(), headers=JSON)
    error = failure(api, history)
    assert "secret" not in str(error)
    assert "messages.0." in str(error)
    assert error.__cause__ is None


def test_a_memo_counts_as_sent_though_the_rest_of_the_answer_is_odd(api: Server) -> None:
    for odd in (
        {},
        {"status": 7, "service": {}, "chat": [], "voice_memo": None},
        {"chat": {"service": 7}, "voice_memo": {"duration_ms": float("nan")}},
    ):
        body = json.dumps({"voice_memo": {"id": "m1", **odd}}).encode()
        api.otherwise = Reply(202, body=body, headers=JSON)
        sent = ask(api, METHODS["send_memo"])
        assert (sent.message_id, sent.status, sent.service) == ("m1", "queued", None)


@pytest.mark.parametrize("bad", ["..", "", "a/b", "a\0b", "?", "x" * 129])
def test_an_id_in_an_answer_must_be_one(api: Server, bad: str) -> None:
    api.otherwise = Reply(body=json.dumps({"voice_memo": {"id": bad}}).encode(), headers=JSON)
    assert type(failure(api, METHODS["send_memo"])) is OutcomeUnknown


@pytest.mark.parametrize(
    "bad", ["..", ".", "...", "%2e%2e", "../../v3/phone_numbers", "…/", "a\0b", "", "a?b", "a#b"]
)
def test_an_id_never_changes_the_path_of_a_request(api: Server, bad: str) -> None:
    async def past(linq: LinqClient) -> list[PastMessage]:
        return [message async for message in linq.history(bad, since=SINCE)]

    methods: list[Method] = [
        lambda linq: linq.send_memo(bad, attachment_id="a1"),
        lambda linq: linq.send_text(bad, "Hi", idempotency_key="k"),
        lambda linq: linq.attachment_url(bad),
        lambda linq: linq.mark_read(bad),
        lambda linq: linq.start_typing(bad),
        lambda linq: linq.stop_typing(bad),
        lambda linq: linq.subscriptions.update(bad, active=False),
        lambda linq: linq.subscriptions.delete(bad),
        past,
    ]
    for method in methods:
        assert type(failure(api, method)) is Refused
    assert api.requests == []


def attachment(url: str, **changes: object) -> Reply:
    told = {"attachment_id": "a1", "upload_url": url, "http_method": "PUT", "required_headers": {}}
    return Reply(body=json.dumps(told | changes).encode(), headers=JSON)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.linqapp.com/x",
        "https://xn--/",
        "https://[broken/",
        "https://user:word@cdn.linqapp.com/",
        "https://",
        "https:///x",
        "ftp://cdn.linqapp.com/x",
        "file:///etc/passwd",
        "//cdn.linqapp.com/x",
        "cdn.linqapp.com",
        "https://cdn.linqapp.com:99999999/",
        "https://a\x00b/",
        "https://" + "x" * 300 + ".example/",
    ],
)
def test_an_upload_address_that_cannot_be_used(api: Server, url: str) -> None:
    api.otherwise = attachment(url)
    assert type(failure(api, METHODS["upload"])) is RetryLater


@pytest.mark.parametrize("headers", [{"a\nb": "c"}, {"a": "b\r\nc: d"}, {"ä": "b"}, {"a": "ä"}])
def test_upload_headers_that_cannot_be_sent(api: Server, headers: dict[str, str]) -> None:
    api.otherwise = attachment(api.reply("/put", Reply()), required_headers=headers)
    assert type(failure(api, METHODS["upload"])) is RetryLater


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503, headers={"retry-after": "7"}), RetryLater),
        (Reply(429), RetryLater),
        (Reply(403), Refused),
        (Reply(302, headers={"location": "https://xn--/"}), RetryLater),
        (Reply(302, headers={"location": "https://cdn.linqapp.com/"}), Refused),
        (Reply(drops=True), RetryLater),
    ],
)
def test_an_upload_in_trouble(api: Server, reply: Reply, kind: type[LinqError]) -> None:
    api.otherwise = attachment(api.reply("/put", reply))
    assert type(failure(api, METHODS["upload"])) is kind


def test_an_upload_sends_the_file_with_the_headers_that_linq_wants(api: Server) -> None:
    api.otherwise = attachment(
        api.reply("/put", Reply()),
        required_headers={"x-amz-acl": "private", "Content-Length": "1", "Host": "elsewhere"},
    )
    assert ask(api, METHODS["upload"]) == "a1"
    put = api.requests[-1]
    assert (put.method, put.path, put.body) == ("PUT", "/put", b"sound")
    assert put.headers["x-amz-acl"] == "private"
    assert "authorization" not in put.headers


@pytest.mark.parametrize("location", ["https://xn--/", "https://[broken/", "http://x:99999999/"])
@pytest.mark.parametrize("name", ["send_memo", "phone_numbers"])
def test_a_redirect_to_an_address_that_is_none(api: Server, name: str, location: str) -> None:
    api.otherwise = Reply(307, headers={"location": location})
    assert isinstance(failure(api, METHODS[name]), RetryLater | OutcomeUnknown)


def page(*messages: object, cursor: object = None) -> Reply:
    told = {"messages": messages, "next_cursor": cursor}
    return Reply(body=json.dumps(told).encode(), headers=JSON)


def past(number: int, **changes: object) -> dict[str, object]:
    message: dict[str, object] = {
        "id": f"m{number}",
        "is_from_me": True,
        "created_at": f"2026-10-20T09:14:{number:02}.512884201Z",
        "parts": [
            {"type": "media", "id": f"a{number}", "filename": "memo.m4a", "url": "https://x"}
        ],
    }
    return message | changes


def test_a_history_of_several_pages(api: Server) -> None:
    first, second = f"/v3/chats/{CHAT}/messages?limit=50", "&cursor=c%202"
    api.reply(first, page(past(1), past(2, parts=None), cursor="c 2"))
    for path in (f"/v3/chats/{CHAT}/messages?cursor=c+2&limit=50", first + second):
        api.reply(path, page(past(3, created_at="2025-12-31T00:00:00Z"), past(4, parts=[{"a": 1}])))
    found = ask(api, history)
    assert [message.message_id for message in found] == ["m1", "m2", "m4"]
    assert found[0].media == ("a1", "memo.m4a", "https://x")
    assert found[0].created_at == datetime(2026, 10, 20, 9, 14, 1, 512_884, tzinfo=UTC)
    assert [message.readable for message in found] == [True, False, True]


def test_a_page_that_cannot_be_read_is_no_end_of_the_history(api: Server) -> None:
    first = f"/v3/chats/{CHAT}/messages?limit=50"
    api.reply(first, page(past(1), cursor="c2"))
    api.otherwise = UNREADABLE["HTML"]
    assert type(failure(api, history)) is RetryLater
    assert len(api.requests) == 2


def test_a_history_that_leads_in_a_circle_comes_to_an_end(api: Server) -> None:
    api.otherwise = page(cursor="again")
    assert ask(api, history) == []
    assert len(api.requests) == 20


@pytest.mark.parametrize(
    "odd", [{"created_at": "0001-01-01T00:00:00+23:00"}, {"parts": [{"id": 7}]}]
)
def test_odd_but_readable_messages_do_not_spoil_the_page(
    api: Server, odd: dict[str, object]
) -> None:
    api.otherwise = page(past(1, **odd), past(2))
    assert [message.message_id for message in ask(api, history)][-1] == "m2"


def subscription(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "id": "s1",
        "target_url": "https://bot.example/webhooks/linq?version=2026-02-03",
        "subscribed_events": ["message.received", "brand.new"],
        "is_active": False,
        "phone_numbers": ["+13125550100"],
        "created_at": "2026-10-20T09:14:02Z",
        "updated_at": "2026-10-20T09:14:02Z",
    }
    return told | changes


def test_a_subscription_is_shown_with_all_that_can_be_wrong_with_it(api: Server) -> None:
    other = subscription(id="s2", target_url="https://bot.example/", phone_numbers=None)
    body = json.dumps({"subscriptions": [subscription(), other]}).encode()
    api.otherwise = Reply(body=body, headers=JSON)
    first, second = ask(api, METHODS["subscriptions.list"])
    assert (first.id, first.active, first.version) == ("s1", False, "2026-02-03")
    assert first.events == ("message.received", "brand.new")
    assert first.phone_numbers == ("+13125550100",)
    assert (second.version, second.phone_numbers) == (None, ())


def test_a_new_subscription_comes_with_its_secret_which_is_not_printed(api: Server) -> None:
    body = json.dumps(subscription(signing_secret="whsec_c2VjcmV0")).encode()
    api.otherwise = Reply(201, body=body, headers=JSON)
    new = ask(api, METHODS["subscriptions.create"])
    assert (new.subscription.id, new.signing_secret) == ("s1", "whsec_c2VjcmV0")
    assert "c2VjcmV0" not in repr(new)
    assert json.loads(api.requests[0].body) == {
        "target_url": "https://bot.example/",
        "subscribed_events": ["x"],
    }


def test_only_what_is_given_is_changed_in_a_subscription(api: Server) -> None:
    api.otherwise = Reply(body=json.dumps(subscription()).encode(), headers=JSON)
    assert ask(api, METHODS["subscriptions.update"]).id == "s1"
    assert (api.requests[0].method, json.loads(api.requests[0].body)) == (
        "PUT",
        {"is_active": True},
    )


def test_a_subscription_that_is_gone_counts_as_deleted(api: Server) -> None:
    api.otherwise = Reply(404)
    ask(api, NO_ANSWER_NEEDED["subscriptions.delete"])
    assert api.requests[0].method == "DELETE"
    api.otherwise = Reply(403)
    assert type(failure(api, NO_ANSWER_NEEDED["subscriptions.delete"])) is Refused


@pytest.mark.parametrize("minutes", [-10, 0, 10])
def test_the_clock_of_linq_is_known_from_its_answers(api: Server, minutes: int) -> None:
    async def main() -> float | None:
        linq = LinqClient("token", api.address)
        try:
            assert linq.clock_offset_seconds is None
            date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
            api.otherwise = Reply(401, headers={"date": date})
            with pytest.raises(LinqError):
                await linq.phone_numbers()
            return linq.clock_offset_seconds
        finally:
            await linq.aclose()

    offset = asyncio.run(main())
    assert offset == pytest.approx(60 * minutes, abs=10)
