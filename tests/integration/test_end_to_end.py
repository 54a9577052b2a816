"""A message in, a memo out: the real bot against the sandbox."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.linq.payloads import MAX_BODY_BYTES
from tests import http_calls
from tests.bot import Bot
from tests.sandbox_server import SandboxServer

Start = Callable[..., Bot]


def memos(state: dict[str, Any], chat_id: str) -> list[dict[str, Any]]:
    return [memo for memo in state["memos"] if memo["chat_id"] == chat_id]


def test_a_text_is_answered_with_a_memo_that_plays(
    sandbox: SandboxServer, start_bot: Start
) -> None:
    start_bot()
    sent = sandbox.inbound("Hello, are you open today?")
    memo = sandbox.wait_for(lambda state: memos(state, sent["chat_id"]))[0]
    probe = memo["memo"]["probe"]
    assert (probe["codec"], probe["profile"]) == ("aac", "LC")
    assert (probe["sample_rate"], probe["channels"]) == (24_000, 1)
    assert 1.0 < probe["duration"] < 6.0
    assert not probe["silent"]
    assert memo["memo"]["content_type"] == "audio/x-m4a"


@pytest.mark.parametrize("version", ["2025-01-01", "2026-02-03"])
def test_both_payload_versions_are_answered(
    sandbox: SandboxServer, start_bot: Start, version: str
) -> None:
    start_bot()
    sent = sandbox.inbound("Which version is this?", version=version)
    sandbox.wait_for(lambda state: memos(state, sent["chat_id"]))


def test_both_ways_of_delivery_end_in_the_same_bubble(
    sandbox: SandboxServer, start_bot: Start
) -> None:
    bot = start_bot(environment={"MEMO_DELIVERY": "url", "MEMO_PUBLIC_URL": "http://127.0.0.1:1"})
    bot.stop()
    bot.environment["MEMO_PUBLIC_URL"] = bot.url
    bot.start()
    by_url = sandbox.inbound("The very same words", chat="one", sender="+13125550101")
    sandbox.wait_for(lambda state: memos(state, by_url["chat_id"]))
    bot.stop()
    bot.environment["MEMO_DELIVERY"] = "attachment"
    bot.start()
    by_id = sandbox.inbound("The very same words", chat="two", sender="+13125550102")
    state = sandbox.wait_for(lambda state: state if memos(state, by_id["chat_id"]) else None)
    one, two = (memos(state, sent["chat_id"])[0]["memo"] for sent in (by_url, by_id))
    assert one["probe"]["duration"] == two["probe"]["duration"]
    assert one["probe"]["codec"] == two["probe"]["codec"] == "aac"
    assert one["content_type"] == two["content_type"] == "audio/x-m4a"


def test_the_same_words_again_cost_one_call(sandbox: SandboxServer, start_bot: Start) -> None:
    start_bot()
    first = sandbox.inbound("Good morning", sender="+13125550101")
    sandbox.wait_for(lambda state: memos(state, first["chat_id"]))
    before = sandbox.state()["calls"]
    second = sandbox.inbound("Good morning", sender="+13125550102")
    state = sandbox.wait_for(lambda state: state if memos(state, second["chat_id"]) else None)
    made = {name: count - before.get(name, 0) for name, count in state["calls"].items()}
    made = {name: count for name, count in made.items() if count and "control" not in name}
    assert made.pop("voicememo") == 1
    assert set(made) <= {"typing_start", "read", "typing", "mark_read"}, made


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"text": "hi", "outbound": True}, "outbound"),
        ({"text": "hi", "reconciled": True}, "reconciled"),
        ({"text": "STOP"}, "opt_out"),
        ({"text": "   "}, "empty"),
        ({"text": "hi all", "group": True}, "group_not_addressed"),
        ({"text": "hi", "sent_at": "2026-01-01T00:00:00Z"}, "stale"),
    ],
)
def test_what_is_not_ours_is_not_answered_and_the_log_says_why(
    sandbox: SandboxServer, start_bot: Start, options: dict[str, Any], reason: str
) -> None:
    bot = start_bot()
    silent = sandbox.inbound(**options)
    asked = sandbox.inbound("And this one is", sender="+13125550199", chat="another")
    state = sandbox.wait_for(lambda state: state if memos(state, asked["chat_id"]) else None)
    assert not memos(state, silent["chat_id"])
    ignored = bot.events("message ignored")
    assert [(one["message"], one["reason"]) for one in ignored] == [(silent["message_id"], reason)]


def signed(sandbox: SandboxServer, body: bytes, when: float | None = None) -> dict[str, str]:
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(when or time.time(), UTC)
    signature = Webhook(sandbox.secret).sign("msg_1", moment, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


def test_bad_deliveries_are_refused_and_the_log_says_why(
    sandbox: SandboxServer, start_bot: Start
) -> None:
    bot = start_bot()
    body = b'{"event_type": "message.received"}'

    def post(body: bytes, headers: dict[str, str]) -> int:
        response = http_calls.post(bot.webhook_url, content=body, headers=headers)
        assert response.content == b""
        return response.status_code

    assert post(body, {}) == 401
    assert post(body, {**signed(sandbox, body), "webhook-signature": "v1,AAAA"}) == 401
    assert post(body, signed(sandbox, body, time.time() - 600)) == 401
    assert post(b"{", signed(sandbox, b"{")) == 400
    assert post(b"x" * (MAX_BODY_BYTES + 1), {}) == 413
    unknown = b'{"event_type": "poll.received", "event_id": "e1", "data": {}}'
    assert post(unknown, signed(sandbox, unknown)) == 200
    reasons = [one["reason"] for one in bot.events("webhook refused")]
    assert reasons == [
        "missing_headers",
        "bad_signature",
        "old_timestamp",
        "malformed",
        "too_large",
    ]
    assert bot.metric(r'voicememo_webhooks_total\{outcome="refused"') == 5


def test_a_delivery_with_only_the_old_headers_is_accepted(
    sandbox: SandboxServer, start_bot: Start
) -> None:
    bot = start_bot()
    body = b'{"event_type": "poll.received", "event_id": "e1", "data": {}}'
    stamp = str(int(time.time()))
    signature = hmac.new(
        sandbox.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256
    ).hexdigest()
    headers = {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature}
    assert http_calls.post(bot.webhook_url, content=body, headers=headers).status_code == 200


def test_two_secrets_are_accepted_while_rotating(sandbox: SandboxServer, start_bot: Start) -> None:
    new = "whsec_" + "A" * 43 + "="
    start_bot(environment={"LINQ_WEBHOOK_SECRET": f"{new},{sandbox.secret}"})
    sent = sandbox.inbound("Still the old secret")
    sandbox.wait_for(lambda state: memos(state, sent["chat_id"]))


def test_webhooks_are_acknowledged_while_linq_hangs(
    sandbox: SandboxServer, start_bot: Start
) -> None:
    start_bot()
    sandbox.faults([{"endpoint": "*", "kind": "hang", "count": 1000}])
    sent = [sandbox.inbound(f"number {n}", sender=f"+1312555{n:04}") for n in range(5)]
    ids = {one["message_id"] for one in sent}

    def acknowledged(state: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in state["deliveries"] if one["message_id"] in ids and one["status"]]

    done = sandbox.wait_for(
        lambda state: acknowledged(state) if len(acknowledged(state)) == 5 else None
    )
    assert [one["status"] for one in done] == [200] * 5
    sandbox.clear_faults()


@pytest.mark.parametrize("missing", ["LINQ_API_V3_API_KEY", "LINQ_WEBHOOK_SECRET"])
def test_it_refuses_to_start_without_key_or_secret(
    sandbox: SandboxServer, sqlite_url: str, missing: str
) -> None:
    bot = Bot(sandbox, sqlite_url, environment={missing: ""}, quick=False)
    del bot.environment["PORT"]  # which says that a platform runs it
    bot.start(ready=False)
    assert bot.wait() == 1
    assert re.search(rf"Error: .*{missing}", bot.log)
    assert "Traceback" not in bot.log


def test_the_url_delivery_needs_a_public_https_address(
    sandbox: SandboxServer, sqlite_url: str
) -> None:
    environment = {"MEMO_DELIVERY": "url", "MEMO_PUBLIC_URL": "http://example.org"}
    bot = Bot(sandbox, sqlite_url, environment=environment, quick=False)
    del bot.environment["PORT"]
    bot.start(ready=False)
    assert bot.wait() == 1
    assert "MEMO_PUBLIC_URL" in bot.log
    assert "https://" in bot.log
