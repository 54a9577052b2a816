"""Control: people who write in every way, the state for an audit, and the live feed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.sandbox import SandboxConfig
from tests import http_calls
from tests.sandbox_audio import tone
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"
LINE = "+13125550100"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(retry_delays=(0.05,))) as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer, bot: WebhookReceiver) -> SandboxServer:
    server.reset()
    server.point_at(bot.url)
    return server


@pytest.fixture
def bot() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as bot:
        yield bot


def event(bot: WebhookReceiver, event_type: str = "message.received") -> dict[str, Any]:
    (received,) = bot.wait_for(1, event_type)
    data: dict[str, Any] = received.event["data"]
    return data


@pytest.mark.parametrize("url", ["http://[::1/hook", "https://xn--/hook", "http://\n"])
def test_webhooks_go_to_no_address_that_is_none(sandbox: SandboxServer, url: str) -> None:
    answer = sandbox.http.post("/_sandbox/target", json={"url": url})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 1005)
    assert sandbox.inbound("hello", sender=PERSON)["message_id"]


# Who writes, and where


def test_a_name_is_a_chat_and_a_person(sandbox: SandboxServer) -> None:
    first = sandbox.inbound("one", chat="alice")
    second = sandbox.inbound("two", chat="alice")
    other = sandbox.inbound("one", chat="bob")
    assert first["chat_id"] == second["chat_id"] != other["chat_id"]
    people = {chat["name"]: chat["people"] for chat in sandbox.state()["chats"]}
    assert people["alice"] != people["bob"]
    assert sandbox.inbound("three", chat_id=first["chat_id"])["chat_id"] == first["chat_id"]


def test_a_person_is_found_by_their_number(sandbox: SandboxServer) -> None:
    first = sandbox.inbound("one", sender=PERSON)
    assert sandbox.inbound("two", sender=PERSON)["chat_id"] == first["chat_id"]
    assert sandbox.inbound("two", sender="friend@example.org")["chat_id"] != first["chat_id"]


def test_a_group_with_a_mention(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.inbound(
        "Linqbot, hi there 👋",
        chat="team",
        sender="friend@example.org",
        members=[PERSON],
        mention=True,
    )
    data = event(bot)
    assert data["chat"]["is_group"] is True
    assert data["sender_handle"]["handle"] == "friend@example.org"
    (part,) = data["parts"]
    assert part["mentions"] == [{"handle": LINE, "is_me": True, "range": [0, 8]}]
    assert (part["mention"], part["mention_range"]) == (LINE, [0, 8])


def test_somebody_who_does_not_belong_to_a_direct_chat(sandbox: SandboxServer) -> None:
    sandbox.inbound("hi", chat="alice", sender=PERSON)
    answer = sandbox.http.post(
        "/_sandbox/inbound", json={"text": "hi", "chat": "alice", "from": "+13125550178"}
    )
    assert answer.status_code == 400


# What is written


def test_several_parts_known_and_unknown(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    parts = [
        {"type": "text", "value": "look"},
        {"type": "link", "value": "https://example.org"},
        {"type": "hologram", "depth": 3},
    ]
    sandbox.inbound(sender=PERSON, parts=parts)
    received = event(bot)["parts"]
    assert [part["type"] for part in received] == ["text", "link", "hologram"]
    assert received[2] == parts[2]


@pytest.mark.parametrize(
    ("ending", "mime_type"),
    [("m4a", "audio/x-m4a"), ("caf", "audio/x-caf"), ("amr", "audio/amr")],
)
def test_a_voice_memo_from_a_person(
    sandbox: SandboxServer, bot: WebhookReceiver, ending: str, mime_type: str
) -> None:
    data = tone(ending)
    sandbox.inbound(
        sender=PERSON,
        audio_base64=base64.b64encode(data).decode(),
        filename=f"Audio Message.{ending}",
        mime_type=mime_type,
    )
    (part,) = event(bot)["parts"]
    assert (part["type"], part["mime_type"], part["size_bytes"]) == ("media", mime_type, len(data))
    assert http_calls.get(part["url"]).content == data
    (message,) = sandbox.state()["messages"]
    assert message["memo"]["probe"]["duration"] == pytest.approx(1.0, abs=0.1)


def test_a_file_that_is_no_audio_is_passed_on(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.inbound(
        sender=PERSON, audio_base64=base64.b64encode(b"junk").decode(), mime_type="audio/amr"
    )
    (part,) = event(bot)["parts"]
    assert http_calls.get(part["url"]).content == b"junk"
    assert sandbox.state()["messages"][0]["memo"] is None


def test_a_reply(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    first = sandbox.inbound("one", sender=PERSON)
    sandbox.inbound("two", sender=PERSON, reply_to=first["message_id"])
    reply = bot.wait_for(2)[1].event["data"]["reply_to"]
    assert reply == {"message_id": first["message_id"], "part_index": 0}


def test_circumstances(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.inbound("late", sender=PERSON, reconciled=True, sent_at="2026-01-02T03:04:05Z")
    data = event(bot)
    assert data["reconciled_at"]
    assert data["sent_at"] == "2026-01-02T03:04:05.000Z"


def test_the_services(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.inbound("hi", sender=PERSON, service="SMS")
    assert event(bot)["service"] == "SMS"
    assert sandbox.state()["chats"][0]["service"] == "SMS"


def test_a_private_line_still_tells_what_was_written(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    sandbox.inbound("secret", sender=PERSON, zero_retention=True)
    data = event(bot)
    assert data["zero_retention"] is True
    assert data["parts"][0]["value"] == "secret"


@pytest.mark.parametrize("version", ["2025-01-01", "2026-02-03"])
def test_what_the_line_itself_wrote(
    sandbox: SandboxServer, bot: WebhookReceiver, version: str
) -> None:
    sandbox.inbound("from my phone", sender=PERSON, outbound=True, version=version)
    data = event(bot)
    if version == "2025-01-01":
        assert data["is_from_me"] is True
    else:
        assert data["direction"] == "outbound"
        assert data["sender_handle"]["is_me"] is True
    assert sandbox.state()["chats"][0]["outbound"] == 0


def test_an_edit_and_a_reaction(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    message_id = sandbox.inbound("helo", sender=PERSON)["message_id"]
    sandbox.inbound("hello", sender=PERSON, event_type="message.edited", target=message_id)
    edit = event(bot, "message.edited")
    assert (edit["id"], edit["part"]) == (message_id, {"index": 0, "text": "hello"})
    sandbox.inbound(sender=PERSON, event_type="reaction.added", target=message_id)
    reaction = event(bot, "reaction.added")
    assert (reaction["message_id"], reaction["reaction_type"]) == (message_id, "love")
    assert len(sandbox.state()["messages"]) == 1


def test_edits_are_unknown_to_the_older_version(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    sandbox.point_at(bot.url + "?version=2025-01-01")
    message_id = sandbox.inbound("helo", sender=PERSON)["message_id"]
    sandbox.inbound("hello", sender=PERSON, event_type="message.edited", target=message_id)
    sandbox.inbound("another", sender=PERSON)
    bot.wait_for(2)
    assert bot.of_type("message.edited") == []


def test_any_event_with_any_data(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    sandbox.inbound(sender=PERSON, event_type="call.initiated", data={"call": 1})
    assert event(bot, "call.initiated") == {"call": 1}


def test_copies_of_an_event(sandbox: SandboxServer, bot: WebhookReceiver) -> None:
    same = sandbox.inbound("one", sender=PERSON, duplicate=2)
    assert len({item.header("webhook-id") for item in bot.wait_for(3)}) == 1
    assert same["event_ids"] == [same["event_id"]]
    other = sandbox.inbound("two", sender=PERSON, duplicate=2, new_event_ids=True)
    ids = [item.header("webhook-id") for item in bot.wait_for(6)[3:]]
    assert sorted(filter(None, ids)) == sorted(other["event_ids"])
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"text": 7},
        {"from": "somebody", "text": "hi"},
        {"text": "hi", "service": "pigeon"},
        {"text": "hi", "version": "2030-01-01"},
        {"text": "hi", "sent_at": "yesterday"},
        {"audio_base64": "***"},
        {"text": "hi", "duplicate": -1},
        {"mention": True},
        {"event_type": "message.edited", "text": "x"},
        {"event_type": "unknown.event"},
    ],
)
def test_what_makes_no_sense_is_refused(sandbox: SandboxServer, body: dict[str, Any]) -> None:
    answer = sandbox.http.post("/_sandbox/inbound", json=body)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


# The state


def test_every_message_has_the_numbers_that_an_audit_needs(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    chats = [sandbox.inbound("q1", chat=name)["chat_id"] for name in ("alice", "bob")]
    sandbox.inbound("q2", chat="alice")
    for chat in (chats[1], chats[0], chats[0]):
        sandbox.http.post(
            f"/v3/chats/{chat}/messages",
            json={"message": {"parts": [{"type": "text", "value": "a"}]}},
            headers={"Authorization": f"Bearer {sandbox.api_key}"},
        ).raise_for_status()
    bot.wait_for(3)
    state = sandbox.wait_for(
        lambda state: (
            state["deliveries_underway"] == 0
            and all(
                m["acknowledged_number"] for m in state["messages"] if m["direction"] == "inbound"
            )
            and state
        )
    )
    numbers = [
        (m["chat"], m["inbound_number"], m["acknowledged_number"])
        for m in state["messages"]
        if m["direction"] == "inbound"
    ]
    assert numbers == [("alice", 1, 1), ("bob", 1, 1), ("alice", 2, 2)]
    answers = [
        (m["chat"], m["accepted_number"], m["accepted_overall"])
        for m in state["messages"]
        if m["direction"] == "outbound"
    ]
    assert answers == [("bob", 1, 1), ("alice", 1, 2), ("alice", 2, 3)]
    assert state["calls"]["messages_send"] == 3
    assert {item["status"] for item in state["deliveries"]} == {200}
    assert all(item["elapsed_ms"] > 0 for item in state["deliveries"])


def test_the_state_of_one_chat_and_since_a_revision(sandbox: SandboxServer) -> None:
    sandbox.inbound("one", chat="alice")
    sandbox.inbound("one", chat="bob")
    settled = sandbox.wait_for(
        lambda state: len(state["deliveries"]) == 2 and state["deliveries_underway"] == 0 and state
    )
    assert [m["chat"] for m in sandbox.state(chat="alice")["messages"]] == ["alice"]
    sandbox.inbound("two", chat="bob")
    changed = sandbox.state(since=settled["revision"])["messages"]
    assert [(m["chat"], m["text"]) for m in changed] == [("bob", "two")]
    assert sandbox.http.get("/_sandbox/state?chat=nobody").status_code == 404


def test_a_reset_forgets_everything_but_the_target(
    sandbox: SandboxServer, bot: WebhookReceiver
) -> None:
    bot.answer = lambda _: 503
    sandbox.inbound("STOP", chat="alice")
    sandbox.reset()
    state = sandbox.state()
    assert state["chats"] == state["messages"] == state["uploads"] == state["opted_out"] == []
    assert state["webhook_target"] == bot.url
    bot.answer = lambda _: 200
    sandbox.inbound("hello", chat="alice")
    sandbox.wait_for(lambda state: [d for d in state["deliveries"] if d["status"] == 200])


# The feed


def frames(feed: httpx.Response, count: int) -> list[dict[str, Any]]:
    """The next events of a stream."""
    found: list[dict[str, Any]] = []
    frame: dict[str, Any] = {}
    for line in feed.iter_lines():
        name, _, value = line.partition(": ")
        if not line and "event" in frame:
            found.append(frame)
            if len(found) == count:
                return found
            frame = {}
        elif name == "data":
            frame["data"] = json.loads(value)
        elif name in ("id", "event"):
            frame[name] = value
    raise AssertionError("the stream ended")


def test_the_feed_tells_what_happens_and_can_be_resumed(sandbox: SandboxServer) -> None:
    with sandbox.http.stream("GET", "/_sandbox/events") as feed:
        assert feed.headers["content-type"].startswith("text/event-stream")
        chat = sandbox.inbound("hello", chat="alice")["chat_id"]
        message, delivery = frames(feed, 2)
    assert (message["event"], message["data"]["text"]) == ("message", "hello")
    assert (delivery["event"], delivery["data"]["status"]) == ("delivery", 200)
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    sandbox.http.post(f"/v3/chats/{chat}/typing", headers=headers)
    with sandbox.http.stream(
        "GET", "/_sandbox/events", headers={"Last-Event-ID": message["id"]}
    ) as feed:
        again, typing = frames(feed, 2)
    assert again == delivery
    assert (typing["event"], typing["data"]["typing"]) == ("typing", True)
    assert int(typing["id"]) > int(again["id"])


def test_the_front_page_answers(sandbox: SandboxServer) -> None:
    assert sandbox.http.get("/").status_code == 200
