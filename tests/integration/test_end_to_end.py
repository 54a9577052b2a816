"""A message in, a memo out: the real bot against the sandbox."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.linq.payloads import MAX_BODY_BYTES
from tests import http_calls
from tests.bot import Bot
from tests.harness import PATIENT, BotHarness
from tests.sandbox_server import SandboxServer

Start = Callable[..., Bot]

NEW_SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    """A bot whose secret is being rotated: webhooks are still signed with the old one."""
    secrets = f"{NEW_SECRET},{PATIENT.webhook_secret}"
    folder = tmp_path_factory.mktemp("end-to-end")
    with BotHarness(folder, LINQ_WEBHOOK_SECRET=secrets) as harness:
        yield harness


def memos(state: dict[str, Any], chat_id: str) -> list[dict[str, Any]]:
    return [memo for memo in state["memos"] if memo["chat_id"] == chat_id]


def test_a_text_is_answered_with_a_memo_that_plays(harness: BotHarness) -> None:
    harness.ask("Hello, are you open today?", "plays")
    [memo] = harness.memos("plays")
    probe = memo["memo"]["probe"]
    assert (probe["codec"], probe["profile"]) == ("aac", "LC")
    assert (probe["sample_rate"], probe["channels"]) == (24_000, 1)
    assert 1.0 < probe["duration"] < 6.0
    assert not probe["silent"]
    assert memo["memo"]["content_type"] == "audio/x-m4a"


@pytest.mark.parametrize("version", ["2025-01-01", "2026-02-03"])
def test_both_payload_versions_are_answered(harness: BotHarness, version: str) -> None:
    harness.ask("Which version is this?", version, version=version)
    assert len(harness.memos(version)) == 1


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


def test_the_same_words_again_cost_one_call(harness: BotHarness) -> None:
    harness.ask("Good morning", "first")
    harness.wait(lambda: not harness.chat("first")["typing"])
    before = harness.calls()
    harness.ask("Good morning", "second")
    assert len(harness.memos("second")) == 1
    made = {name: count - before.get(name, 0) for name, count in harness.calls().items()}
    made = {name: count for name, count in made.items() if count and "control" not in name}
    assert made.pop("voicememo") == 1
    assert set(made) <= {"typing_start", "read", "typing", "mark_read"}, made


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("hi", {"outbound": True}, "outbound"),
        ("hi", {"reconciled": True}, "reconciled"),
        ("STOP", {}, "opt_out"),
        ("   ", {}, "empty"),
        ("hi all", {"group": True}, "group_not_addressed"),
        ("hi", {"sent_at": "2026-01-01T00:00:00Z"}, "stale"),
    ],
)
def test_what_is_not_ours_is_not_answered_and_the_log_says_why(
    harness: BotHarness, text: str, options: dict[str, Any], reason: str
) -> None:
    silent = harness.say(text, reason, **options)
    harness.ask("And this one is", f"after {reason}")
    assert len(harness.memos(f"after {reason}")) == 1
    assert not harness.memos(reason)
    ignored = harness.bot.events("message ignored")
    assert [one["reason"] for one in ignored if one["message"] == silent] == [reason]


def signed(secret: str, body: bytes, when: float | None = None) -> dict[str, str]:
    moment = datetime.fromtimestamp(when or time.time(), UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", moment, body.decode()),
    }


UNKNOWN = b'{"event_type": "poll.received", "event_id": "e1", "data": {}}'


def post(harness: BotHarness, body: bytes, headers: dict[str, str]) -> int:
    response = http_calls.post(harness.bot.webhook_url, content=body, headers=headers)
    assert response.content == b""
    return response.status_code


def test_bad_deliveries_are_refused_and_the_log_says_why(harness: BotHarness) -> None:
    secret, body = harness.sandbox.secret, b'{"event_type": "message.received"}'
    assert post(harness, body, {}) == 401
    assert post(harness, body, {**signed(secret, body), "webhook-signature": "v1,AAAA"}) == 401
    assert post(harness, body, signed(secret, body, time.time() - 600)) == 401
    assert post(harness, b"{", signed(secret, b"{")) == 400
    assert post(harness, b"x" * (MAX_BODY_BYTES + 1), {}) == 413
    assert post(harness, UNKNOWN, signed(secret, UNKNOWN)) == 200
    reasons = [one["reason"] for one in harness.bot.events("webhook refused")]
    assert reasons == [
        "missing_headers",
        "bad_signature",
        "old_timestamp",
        "malformed",
        "too_large",
    ]
    assert harness.bot.metric(r'voicememo_webhooks_total\{outcome="refused"') == 5


def test_a_delivery_with_only_the_old_headers_is_accepted(harness: BotHarness) -> None:
    stamp = str(int(time.time()))
    signature = hmac.new(
        harness.sandbox.secret.encode(), stamp.encode() + b"." + UNKNOWN, hashlib.sha256
    ).hexdigest()
    headers = {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature}
    assert post(harness, UNKNOWN, headers) == 200


def test_two_secrets_are_accepted_while_rotating(harness: BotHarness) -> None:
    harness.ask("Still the old secret", "rotating")
    assert len(harness.memos("rotating")) == 1
    assert post(harness, UNKNOWN, signed(NEW_SECRET, UNKNOWN)) == 200


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
