"""Every fault, as a real HTTP client meets it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import linq
import pytest
from linq import LinqAPIV3
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.sandbox import SandboxConfig
from tests.sandbox_audio import tone
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(rate_limit=None, retry_delays=(0.05, 0.1))) as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    server.reset()
    server.point_at(None)
    return server


@pytest.fixture
def chat(sandbox: SandboxServer) -> str:
    return str(sandbox.inbound("hello", sender=PERSON)["chat_id"])


@pytest.fixture
def memo(sandbox: SandboxServer) -> str:
    """The id of an uploaded file."""
    return upload(sandbox)


def upload(sandbox: SandboxServer) -> str:
    data = tone("m4a")
    attachment = sandbox.http.post(
        "/v3/attachments",
        json={"filename": "a.m4a", "content_type": "audio/x-m4a", "size_bytes": len(data)},
        headers=token(sandbox),
    ).json()
    headers = attachment["required_headers"]
    sandbox.http.put(attachment["upload_url"], content=data, headers=headers).raise_for_status()
    return str(attachment["attachment_id"])


def token(sandbox: SandboxServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {sandbox.api_key}"}


def send(sandbox: SandboxServer, chat: str, memo: str, timeout: float = 30) -> httpx.Response:
    return sandbox.http.post(
        f"/api/partner/v3/chats/{chat}/voicememo",
        json={"attachment_id": memo},
        headers=token(sandbox),
        timeout=timeout,
    )


def memos(sandbox: SandboxServer) -> int:
    return len(sandbox.state()["memos"])


# Calls


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 500}, (500, 3006)),
        ({"status": 503}, (503, 4004)),
        ({"status": 504}, (504, 3005)),
        ({"status": 409}, (409, 2009)),
        ({"code": 2027}, (403, 2027)),
        ({"code": 2013}, (409, 2013)),
        ({"status": 403, "code": 2008}, (403, 2008)),
    ],
)
def test_a_status(
    sandbox: SandboxServer, chat: str, memo: str, fault: dict[str, Any], expected: tuple[int, int]
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "status"} | fault])
    answer = send(sandbox, chat, memo)
    assert (answer.status_code, answer.json()["error"]["code"]) == expected
    assert memos(sandbox) == 0
    assert send(sandbox, chat, memo).status_code == 202


def test_a_rate_limit_says_how_long_to_wait(sandbox: SandboxServer, chat: str, memo: str) -> None:
    sandbox.faults(
        [
            {"endpoint": "voicememo", "kind": "status", "status": 429, "retry_after": 7},
            {"endpoint": "voicememo", "kind": "status", "status": 429},
        ]
    )
    first, second = send(sandbox, chat, memo), send(sandbox, chat, memo)
    assert first.json()["error"]["code"] == second.json()["error"]["code"] == 1007
    assert (first.headers["Retry-After"], second.headers["Retry-After"]) == ("7", "1")


def test_a_delay(sandbox: SandboxServer, chat: str, memo: str) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "delay", "seconds": 0.3}])
    began = time.monotonic()
    assert send(sandbox, chat, memo).status_code == 202
    assert time.monotonic() - began >= 0.3


def test_a_hang(sandbox: SandboxServer, chat: str, memo: str) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "hang"}])
    with pytest.raises(httpx.ReadTimeout):
        send(sandbox, chat, memo, timeout=0.3)
    assert memos(sandbox) == 0


def test_a_hang_that_ends_in_a_broken_connection(
    sandbox: SandboxServer, chat: str, memo: str
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "hang", "seconds": 0.2}])
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        send(sandbox, chat, memo)
    assert memos(sandbox) == 0


def test_a_connection_that_breaks_before_anything_is_accepted(
    sandbox: SandboxServer, chat: str, memo: str
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "drop_before"}])
    with pytest.raises((httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)):
        send(sandbox, chat, memo)
    assert memos(sandbox) == 0
    assert send(sandbox, chat, memo).status_code == 202


def test_a_connection_that_breaks_after_the_memo_was_accepted(
    sandbox: SandboxServer, chat: str, memo: str
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "drop_after"}])
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        send(sandbox, chat, memo)
    assert memos(sandbox) == 1


def test_accepted_and_then_an_error(sandbox: SandboxServer, chat: str, memo: str) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_500"}])
    answer = send(sandbox, chat, memo)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, 3006)
    assert memos(sandbox) == 1


def test_accepted_and_then_silence(sandbox: SandboxServer, chat: str, memo: str) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_hang"}])
    with pytest.raises(httpx.ReadTimeout):
        send(sandbox, chat, memo, timeout=0.5)
    assert memos(sandbox) == 1
    sandbox.wait_for(lambda state: state["memos"][0]["delivery_status"] == "delivered")


@pytest.mark.parametrize(("kind", "sent"), [("garbage", 0), ("accept_then_garbage", 1)])
def test_a_200_that_says_nothing(
    sandbox: SandboxServer, chat: str, memo: str, kind: str, sent: int
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": kind, "body": "<p>fine</p>"}])
    answer = send(sandbox, chat, memo)
    assert (answer.status_code, answer.text) == (200, "<p>fine</p>")
    assert memos(sandbox) == sent


def test_the_sdk_left_to_its_retries_sends_the_memo_twice(
    sandbox: SandboxServer, chat: str, memo: str
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_500"}])
    with LinqAPIV3(api_key=sandbox.api_key, base_url=sandbox.api_base) as client:
        client.chats.send_voicememo(chat, attachment_id=memo)
        assert memos(sandbox) == 2
        sandbox.faults([{"endpoint": "voicememo", "kind": "drop_after"}])
        careful = client.with_options(max_retries=0)
        with pytest.raises(linq.APIConnectionError):
            careful.chats.send_voicememo(chat, attachment_id=memo)
    assert memos(sandbox) == 3


def test_a_fault_after_accepting_waits_for_a_call_that_is_accepted(
    sandbox: SandboxServer, chat: str, memo: str
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_500"}])
    unknown = "00000000-0000-4000-8000-000000000000"
    assert send(sandbox, chat, unknown).status_code == 404
    assert send(sandbox, chat, memo).status_code == 500
    assert memos(sandbox) == 1


def test_an_upload_that_is_never_ready(sandbox: SandboxServer, chat: str) -> None:
    sandbox.faults([{"endpoint": "upload", "kind": "not_ready"}])
    memo = upload(sandbox)
    for _ in range(3):
        answer = send(sandbox, chat, memo)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2007)
    assert send(sandbox, chat, upload(sandbox)).status_code == 202


def test_an_upload_that_is_ready_late(sandbox: SandboxServer, chat: str) -> None:
    sandbox.faults([{"endpoint": "upload", "kind": "not_ready", "seconds": 0.3}])
    memo = upload(sandbox)
    assert send(sandbox, chat, memo).status_code == 404
    sandbox.wait_for(lambda _: send(sandbox, chat, memo).status_code == 202)


def test_an_upload_that_breaks(sandbox: SandboxServer) -> None:
    sandbox.faults([{"endpoint": "upload", "kind": "drop_before"}])
    with pytest.raises((httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)):
        upload(sandbox)


@pytest.mark.parametrize(
    ("endpoint", "method", "path"),
    [
        ("messages_list", "GET", "/chats/{}/messages"),
        ("chat_get", "GET", "/chats/{}"),
        ("typing", "POST", "/chats/{}/typing"),
        ("read", "POST", "/chats/{}/read"),
        ("*", "GET", "/chats/{}"),
    ],
)
def test_other_calls_fail_too(
    sandbox: SandboxServer, chat: str, endpoint: str, method: str, path: str
) -> None:
    sandbox.faults([{"endpoint": endpoint, "kind": "status", "status": 503}])
    path = "/v3" + path.format(chat)
    first, second = (
        sandbox.http.request(method, path, headers=token(sandbox)).status_code for _ in range(2)
    )
    assert first == 503
    assert second in (200, 204)


def test_faults_of_one_chat_only(sandbox: SandboxServer, chat: str, memo: str) -> None:
    other = sandbox.inbound("hello", sender="+13125550178")["chat_id"]
    sandbox.faults([{"endpoint": "*", "kind": "status", "chat_id": chat, "count": 100}])
    assert send(sandbox, other, memo).status_code == 202
    assert send(sandbox, chat, memo).status_code == 500


def test_an_accepted_memo_that_fails_later(sandbox: SandboxServer, chat: str, memo: str) -> None:
    with WebhookReceiver() as bot:
        sandbox.point_at(bot.url)
        sandbox.faults([{"endpoint": "voicememo", "kind": "fail", "code": 4005}])
        message_id = send(sandbox, chat, memo).json()["voice_memo"]["id"]
        (received,) = bot.wait_for(1, "message.failed")
        sandbox.point_at(None)
        assert bot.of_type("message.sent") == []
    data = received.event["data"]
    assert (data["code"], data["message_id"], data["chat_id"]) == (4005, message_id, chat)
    with LinqAPIV3(api_key=sandbox.api_key, base_url=sandbox.api_base) as client:
        event = client.webhooks.unwrap(
            received.body.decode(), headers=received.headers, key=sandbox.secret
        )
        assert event.event_type == "message.failed"
        assert client.messages.retrieve(message_id).delivery_status == "failed"


# Webhooks


@pytest.fixture
def bot(sandbox: SandboxServer) -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as bot:
        sandbox.point_at(bot.url)
        yield bot
        sandbox.point_at(None)


def texts(bot: WebhookReceiver, count: int) -> list[str]:
    return [item.event["data"]["parts"][0]["value"] for item in bot.wait_for(count)]


def test_a_duplicate_with_the_same_event_id(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "duplicate"}])
    sandbox.inbound("one", sender=PERSON)
    first, second = bot.wait_for(2)
    assert first.body == second.body or first.event["event_id"] == second.event["event_id"]
    assert first.header("webhook-id") == second.header("webhook-id")


def test_a_duplicate_with_another_event_id(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "duplicate_new_id"}])
    sandbox.inbound("one", sender=PERSON)
    first, second = bot.wait_for(2)
    assert first.event["event_id"] != second.event["event_id"]
    assert first.event["data"]["id"] == second.event["data"]["id"]
    Webhook(sandbox.secret).verify(second.body, second.headers)


def test_two_events_of_a_chat_swapped(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "reorder"}])
    for text in ("one", "two", "three"):
        sandbox.inbound(text, sender=PERSON)
    assert texts(bot, 3) in (["two", "one", "three"], ["two", "three", "one"])


def test_a_swapped_event_comes_all_the_same_when_none_follows(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "reorder", "seconds": 0.2}])
    sandbox.inbound("one", sender=PERSON)
    assert texts(bot, 1) == ["one"]


def test_a_late_event(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "late", "seconds": 0.3}])
    for text in ("one", "two", "three"):
        sandbox.inbound(text, sender=PERSON)
    assert texts(bot, 3) == ["two", "three", "one"]


@pytest.mark.parametrize("family", ["standard", "legacy", "both"])
def test_missing_headers(sandbox: SandboxServer, bot: WebhookReceiver, family: str) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "missing_headers", "headers": family}])
    sandbox.inbound("one", sender=PERSON)
    (received,) = bot.wait_for(1)
    standard = [received.header(f"webhook-{name}") for name in ("id", "timestamp", "signature")]
    legacy = [
        received.header(f"X-Webhook-{name}")
        for name in ("Event", "Timestamp", "Signature", "Subscription-ID")
    ]
    assert any(standard) is all(standard) is (family == "legacy")
    assert any(legacy) is all(legacy) is (family == "standard")


def test_a_bad_signature(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "bad_signature"}])
    sandbox.inbound("one", sender=PERSON)
    (received,) = bot.wait_for(1)
    with pytest.raises(WebhookVerificationError):
        Webhook(sandbox.secret).verify(received.body, received.headers)


def test_webhook_faults_of_one_event_type(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.faults([{"endpoint": "webhook", "kind": "duplicate", "event_type": "message.sent"}])
    chat = sandbox.inbound("one", sender=PERSON)["chat_id"]
    send(sandbox, chat, upload(sandbox))
    bot.wait_for(2, "message.sent")
    assert len(bot.of_type("message.received")) == 1


# Switching


def test_faults_are_listed_counted_and_cleared(
    sandbox: SandboxServer, chat: str, memo: str
) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "status", "count": 5}])
    send(sandbox, chat, memo)
    (fault,) = sandbox.http.get("/_sandbox/faults").json()["faults"]
    assert (fault["endpoint"], fault["kind"], fault["triggered"]) == ("voicememo", "status", 1)
    assert sandbox.state()["faults"] == [fault]
    sandbox.clear_faults()
    assert sandbox.http.get("/_sandbox/faults").json() == {"faults": []}
    assert send(sandbox, chat, memo).status_code == 202
    sandbox.faults([{"endpoint": "voicememo", "kind": "status"}])
    sandbox.reset()
    assert sandbox.http.get("/_sandbox/faults").json() == {"faults": []}


def test_one_fault_is_taken_back(sandbox: SandboxServer, chat: str, memo: str) -> None:
    sandbox.faults([{"endpoint": "voicememo", "kind": "hang"}, {"endpoint": "*", "kind": "fail"}])
    hang, fail = sandbox.state()["faults"]
    assert sandbox.http.delete(f"/_sandbox/faults/{hang['id']}").status_code == 204
    assert sandbox.state()["faults"] == [fail]
    again = sandbox.http.delete(f"/_sandbox/faults/{hang['id']}")
    assert again.status_code == 404
    assert again.json()["error"]["message"] == "There is no such fault"
    assert send(sandbox, chat, memo).status_code == 202


@pytest.mark.parametrize(
    "fault",
    [
        {"endpoint": "voicememo"},
        {"kind": "hang"},
        {"endpoint": "voicememos", "kind": "hang"},
        {"endpoint": "voicememo", "kind": "duplicate"},
        {"endpoint": "webhook", "kind": "hang"},
        {"endpoint": "voicememo", "kind": "hang", "probability": 1.5},
        {"endpoint": "voicememo", "kind": "hang", "count": 0},
        {"endpoint": "voicememo", "kind": "hang", "seconds": "long"},
        {"endpoint": "webhook", "kind": "missing_headers", "headers": "all"},
    ],
)
def test_faults_that_make_no_sense(sandbox: SandboxServer, fault: dict[str, Any]) -> None:
    answer = sandbox.http.post("/_sandbox/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_stopping_ends_what_hangs() -> None:
    with SandboxServer() as sandbox:
        chat = sandbox.inbound("hello", sender=PERSON)["chat_id"]
        sandbox.faults([{"endpoint": "chat_get", "kind": "hang"}])
        with pytest.raises(httpx.ReadTimeout):
            sandbox.http.get(f"/v3/chats/{chat}", headers=token(sandbox), timeout=0.2)
        with sandbox.http.stream("GET", "/_sandbox/events") as feed:
            assert feed.status_code == 200
            began = time.monotonic()
            sandbox.stop()
            assert time.monotonic() - began < 3
