"""Webhooks as Linq sends them: signed twice, in two versions, repeated only where it may help."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from linq import LinqAPIV3
from standardwebhooks import Webhook

from app.sandbox import SandboxConfig
from tests.sandbox_audio import tone
from tests.sandbox_receiver import Received, WebhookReceiver
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"
LINE = "+13125550100"
DELAYS = (0.05, 0.1, 0.2)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    config = SandboxConfig(retry_delays=DELAYS, webhook_timeout=1.0, read_after=0.0)
    with SandboxServer(config) as server:
        yield server


@pytest.fixture
def bot() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as bot:
        yield bot


@pytest.fixture
def sandbox(server: SandboxServer, bot: WebhookReceiver) -> SandboxServer:
    server.reset()
    server.point_at(bot.url)
    return server


@pytest.fixture
def client(sandbox: SandboxServer) -> LinqAPIV3:
    return LinqAPIV3(
        api_key=sandbox.api_key,
        base_url=sandbox.api_base,
        max_retries=0,
        _strict_response_validation=True,
    )


def send_text(client: LinqAPIV3, chat_id: str) -> str:
    message: Any = {"parts": [{"type": "text", "value": "On it!"}], "idempotency_key": "k-1"}
    return client.chats.messages.send(chat_id, message=message).message.id


def legacy_digest(secret: str, received: Received) -> str:
    """The older signature, by the words of its documentation."""
    timestamp = received.header("X-Webhook-Timestamp") or ""
    mac = hmac.new(secret.encode("utf-8"), digestmod=hashlib.sha256)
    mac.update(timestamp.encode() + b"." + received.body)
    return mac.hexdigest()


def attempts(sandbox: SandboxServer, **wanted: Any) -> list[dict[str, Any]]:
    return [
        attempt
        for attempt in sandbox.state()["deliveries"]
        if all(attempt[name] == value for name, value in wanted.items())
    ]


# Signatures


def test_both_signatures_verify(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    emitted = sandbox.inbound("Grüße 👋", sender=PERSON)
    (received,) = bot.wait_for(1)
    event = Webhook(sandbox.secret).verify(received.body, received.headers)
    assert event["event_id"] == emitted["event_id"] == received.header("webhook-id")
    unwrapped = client.webhooks.unwrap(
        received.body.decode(), headers=received.headers, key=sandbox.secret
    )
    assert unwrapped.event_type == "message.received"
    assert received.header("X-Webhook-Signature") == legacy_digest(sandbox.secret, received)
    assert received.header("X-Webhook-Event") == "message.received"
    assert received.header("X-Webhook-Timestamp") == received.header("webhook-timestamp")
    assert received.header("Content-Type") == "application/json"


# Payloads


def test_a_text_in_the_newer_version(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    emitted = sandbox.inbound("hello", sender=PERSON)
    (received,) = bot.wait_for(1)
    envelope = received.event
    assert envelope["api_version"] == "v3"
    assert envelope["webhook_version"] == "2026-02-03"
    assert len(envelope["trace_id"]) == 32
    assert envelope["created_at"].endswith("Z")
    event: Any = client.webhooks.unwrap(
        received.body.decode(), headers=received.headers, key=sandbox.secret
    )
    assert event.data.id == emitted["message_id"]
    assert event.data.chat.id == emitted["chat_id"]
    assert event.data.direction == "inbound"
    assert event.data.chat.is_group is False
    assert event.data.chat.owner_handle.handle == LINE
    assert event.data.sender_handle.handle == PERSON
    assert event.data.sender_handle.is_me is False
    assert event.data.parts[0].value == "hello"


def test_a_text_in_the_older_version(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.point_at(bot.url + "?version=2025-01-01")
    emitted = sandbox.inbound("hello", sender=PERSON)
    (received,) = bot.wait_for(1)
    assert received.path.endswith("?version=2025-01-01")
    assert received.event["webhook_version"] == "2025-01-01"
    data = received.event["data"]
    assert data["chat_id"] == emitted["chat_id"]
    assert data["message"]["id"] == emitted["message_id"]
    assert data["message"]["parts"][0]["value"] == "hello"
    assert data["from"] == data["from_handle"]["handle"] == PERSON
    assert data["is_from_me"] is False
    assert data["recipient_handle"]["handle"] == LINE


def test_one_event_can_be_asked_for_in_either_version(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    for version in ("2025-01-01", "2026-02-03"):
        sandbox.inbound("hello", sender=PERSON, version=version)
    received = bot.wait_for(2)
    assert [item.event["webhook_version"] for item in received] == ["2025-01-01", "2026-02-03"]


def test_a_message_is_sent_delivered_and_read(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    chat_id = sandbox.inbound("hello", sender=PERSON)["chat_id"]
    message_id = send_text(client, chat_id)
    for event_type, told in (
        ("message.sent", {"sent_at"}),
        ("message.delivered", {"sent_at", "delivered_at"}),
        ("message.read", {"sent_at", "delivered_at", "read_at"}),
    ):
        (received,) = bot.wait_for(1, event_type)
        event: Any = client.webhooks.unwrap(
            received.body.decode(), headers=received.headers, key=sandbox.secret
        )
        data = event.data
        assert (data.id, data.direction, data.idempotency_key) == (message_id, "outbound", "k-1")
        assert data.sender_handle.handle == LINE
        assert {
            name
            for name in ("sent_at", "delivered_at", "read_at")
            if getattr(data, name) is not None
        } == told
    assert client.messages.retrieve(message_id).delivery_status == "read"


def test_delivery_in_the_older_version(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    sandbox.point_at(bot.url + "?version=2025-01-01")
    chat_id = sandbox.inbound("hello", sender=PERSON)["chat_id"]
    message_id = send_text(client, chat_id)
    (received,) = bot.wait_for(1, "message.delivered")
    data = received.event["data"]
    assert data["message_id"] == data["message"]["id"] == message_id
    assert data["is_from_me"] is True
    assert data["message"]["is_delivered"] is True
    assert data["delivered_at"] == data["message"]["delivered_at"]


def test_what_the_older_version_leaves_empty(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    sandbox.point_at(bot.url + "?version=2025-01-01")
    inbound = sandbox.inbound("hello", sender=PERSON)
    (received,) = bot.wait_for(1)
    assert not {"effect", "reply_to"} & set(received.event["data"]["message"])
    send_text(client, inbound["chat_id"])
    (sent,) = bot.wait_for(1, "message.sent")
    assert sent.event["data"]["received_at"] is None
    assert sent.event["data"]["recipient_handle"] is None
    sandbox.inbound("hello", sender=PERSON, reply_to=inbound["message_id"])
    replied = bot.wait_for(2)[1].event["data"]["message"]
    assert replied["reply_to"]["message_id"] == inbound["message_id"]


def test_groups_and_sms_give_no_receipts(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    for options in ({"members": [PERSON, "+13125550178"]}, {"sender": PERSON, "service": "SMS"}):
        send = sandbox.inbound("hello", **options)["chat_id"]
        message: Any = {"parts": [{"type": "text", "value": "hi"}]}
        client.chats.messages.send(send, message=message)
    other = sandbox.inbound("hello", sender="+13125550179")["chat_id"]
    message_id = send_text(client, other)
    bot.wait_for(3, "message.sent")
    delivered = bot.wait_for(1, "message.read")
    assert [item.event["data"]["id"] for item in delivered] == [message_id]
    assert len(bot.of_type("message.delivered")) == 1


def test_the_trace_of_an_event_is_that_of_its_call(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    chat_id = sandbox.inbound("hello", sender=PERSON)["chat_id"]
    answer = sandbox.http.post(
        f"/v3/chats/{chat_id}/messages",
        json={"message": {"parts": [{"type": "text", "value": "hi"}]}},
        headers={"Authorization": f"Bearer {sandbox.api_key}"},
    )
    (received,) = bot.wait_for(1, "message.sent")
    assert received.event["trace_id"] == answer.headers["X-Trace-ID"]


def test_a_memo_is_reported_with_its_attachment(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    chat_id = sandbox.inbound("hello", sender=PERSON)["chat_id"]
    data = tone("m4a")
    created = client.attachments.create(
        filename="reply.m4a", content_type="audio/x-m4a", size_bytes=len(data)
    )
    sandbox.http.put(created.upload_url, content=data, headers=created.required_headers)
    memo = client.chats.send_voicememo(chat_id, attachment_id=created.attachment_id).voice_memo
    (received,) = bot.wait_for(1, "message.sent")
    assert received.event["data"]["id"] == memo.id
    (part,) = received.event["data"]["parts"]
    assert (part["type"], part["id"]) == ("media", created.attachment_id)
    assert part["url"] == created.download_url


# Repeating


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_failures_that_may_pass_are_repeated_with_the_same_event_id(
    sandbox: SandboxServer, bot: WebhookReceiver, status: int
) -> None:
    bot.answer = lambda count: status if count <= 2 else 200
    sandbox.inbound("hello", sender=PERSON)
    received = bot.wait_for(3)
    assert len({item.event["event_id"] for item in received}) == 1
    assert len({item.header("webhook-id") for item in received}) == 1
    for item in received:
        Webhook(sandbox.secret).verify(item.body, item.headers)
    log = sandbox.wait_for(lambda _: attempts(sandbox, status=200))
    assert [(item["attempt"], item["final"]) for item in log] == [(3, True)]
    assert [item["status"] for item in attempts(sandbox)] == [status, status, 200]


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 408, 410, 413, 422])
def test_everything_else_is_final(
    sandbox: SandboxServer, bot: WebhookReceiver, status: int
) -> None:
    bot.answer = lambda _: status
    sandbox.inbound("hello", sender=PERSON)
    sandbox.wait_for(lambda state: state["deliveries"] and state["deliveries_underway"] == 0)
    (attempt,) = attempts(sandbox)
    assert (attempt["status"], attempt["final"]) == (status, True)


def test_repeating_ends(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    bot.answer = lambda _: 503
    sandbox.inbound("hello", sender=PERSON)
    sandbox.wait_for(lambda state: state["deliveries"] and state["deliveries_underway"] == 0)
    log = attempts(sandbox)
    assert len(log) == 1 + len(DELAYS)
    assert [item["final"] for item in log] == [False, False, False, True]


def test_nobody_listening_is_repeated(sandbox: SandboxServer) -> None:
    sandbox.point_at("http://127.0.0.1:1/webhooks/linq")
    sandbox.inbound("hello", sender=PERSON)
    sandbox.wait_for(lambda state: len(state["deliveries"]) == 1 + len(DELAYS))
    assert {(item["error"], item["status"]) for item in attempts(sandbox)} == {
        ("ConnectError", None)
    }


def test_an_unknown_host_is_not_repeated(sandbox: SandboxServer) -> None:
    sandbox.point_at("http://no-such-host.invalid/webhooks/linq")
    sandbox.inbound("hello", sender=PERSON)
    sandbox.wait_for(lambda state: state["deliveries"] and state["deliveries_underway"] == 0)
    assert [item["error"] for item in attempts(sandbox)] == ["unknown host"]


def test_a_hanging_bot_is_repeated_after_the_timeout(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    bot.answer = lambda count: 0 if count == 1 else 200
    sandbox.inbound("hello", sender=PERSON)
    bot.wait_for(2)
    first = sandbox.wait_for(lambda state: state["deliveries"])[0]
    assert first["error"] == "timeout"
    assert first["elapsed_ms"] == pytest.approx(1000, abs=400)


# Order


def test_the_events_of_a_chat_come_in_order(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    for number in range(30):
        sandbox.inbound(str(number), sender=PERSON)
    received = bot.wait_for(30)
    texts = [item.event["data"]["parts"][0]["value"] for item in received]
    assert texts == [str(number) for number in range(30)]


def test_a_repeated_event_holds_nobody_up(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    def texts() -> list[str]:
        return [item.event["data"]["parts"][0]["value"] for item in list(bot.received)]

    written = threading.Event()

    def answer(count: int) -> int:
        """The first message is refused until the last has come."""
        written.wait(10)
        return 503 if texts()[count - 1] == "0" and "2" not in texts() else 200

    bot.answer = answer
    for number in range(3):
        sandbox.inbound(str(number), sender=PERSON)
    written.set()
    state = sandbox.wait_for(
        lambda state: all(m["acknowledged_number"] for m in state["messages"]) and state
    )
    numbers = {
        m["text"]: (m["inbound_number"], m["acknowledged_number"]) for m in state["messages"]
    }
    assert numbers == {"0": (1, 3), "1": (2, 1), "2": (3, 2)}


# Subscriptions


def test_only_those_who_asked_are_told(
    sandbox: SandboxServer, bot: WebhookReceiver, client: LinqAPIV3
) -> None:
    sandbox.point_at(None)
    asked = client.webhook_subscriptions.create(
        target_url=bot.url, subscribed_events=["message.received"]
    )
    client.webhook_subscriptions.create(
        target_url=bot.url + "?other-line",
        subscribed_events=["message.received", "message.sent"],
        phone_numbers=["+13125559999"],
    )
    asleep = client.webhook_subscriptions.create(
        target_url=bot.url + "?asleep", subscribed_events=["message.received"]
    )
    client.webhook_subscriptions.update(asleep.id, is_active=False)
    chat_id = sandbox.inbound("hello", sender=PERSON)["chat_id"]
    send_text(client, chat_id)
    sandbox.inbound("bye", sender=PERSON)
    received = bot.wait_for(2)
    sandbox.wait_for(
        lambda state: (
            state["messages"][1]["delivery_status"] == "read" and state["deliveries_underway"] == 0
        )
    )
    assert len(bot.received) == 2
    assert {item.header("X-Webhook-Subscription-ID") for item in received} == {asked.id}
    for item in received:
        Webhook(asked.signing_secret).verify(item.body, item.headers)


def test_two_subscriptions_are_told_apart_and_repeated_apart(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    with WebhookReceiver(lambda count: 503 if count == 1 else 200) as second:
        with LinqAPIV3(api_key=sandbox.api_key, base_url=sandbox.api_base) as client:
            client.webhook_subscriptions.create(
                target_url=second.url + "?version=2025-01-01",
                subscribed_events=["message.received"],
            )
        sandbox.inbound("hello", sender=PERSON)
        second.wait_for(2)
        sandbox.wait_for(lambda state: state["deliveries_underway"] == 0)
        assert len(bot.received) == 1
        assert {item.event["webhook_version"] for item in second.received} == {"2025-01-01"}


def test_routing_headers_come_back(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.point_at(None)
    bot.answer_headers = {"X-Node": "node-7"}
    with LinqAPIV3(api_key=sandbox.api_key, base_url=sandbox.api_base) as client:
        client.webhook_subscriptions.create(
            target_url=bot.url, subscribed_events=["message.received"], routing_key_header="X-Node"
        )
    chat_id = sandbox.inbound("hello", sender=PERSON)["chat_id"]
    bot.wait_for(1)
    sandbox.wait_for(lambda state: state["deliveries_underway"] == 0)
    sandbox.inbound("again", sender=PERSON)
    first, second = bot.wait_for(2)
    assert (first.header("Linq-Chat-Id"), first.header("X-Node")) == (chat_id, None)
    assert (second.header("Linq-Chat-Id"), second.header("X-Node")) == (None, "node-7")


def test_a_secret_may_be_given_with_the_target(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    secret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    sandbox.point_at(bot.url, secret)
    sandbox.inbound("hello", sender=PERSON)
    (received,) = bot.wait_for(1)
    Webhook(secret).verify(received.body, received.headers)
    answer = sandbox.http.post("/_sandbox/target", json={"url": bot.url, "secret": "whsec_?"})
    assert answer.status_code == 400


def test_timestamps_are_fresh_on_every_attempt(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    bot.answer = lambda count: 503 if count < 3 else 200
    sandbox.inbound("hello", sender=PERSON)
    for item in bot.wait_for(3):
        assert abs(int(item.header("webhook-timestamp") or 0) - time.time()) < 5
