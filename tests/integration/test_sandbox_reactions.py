"""Reactions, edits and threads of the sandbox's Linq."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from linq.types import MessageEditedWebhookEvent, ReactionAddedWebhookEvent

from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"


@pytest.fixture
def bot() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as bot:
        yield bot


@pytest.fixture
def linq(sandbox: SandboxServer, bot: WebhookReceiver) -> SandboxServer:
    sandbox.point_at(bot.url)
    return sandbox


@pytest.fixture
def chat(linq: SandboxServer) -> str:
    return str(linq.inbound("hello", sender=PERSON)["chat_id"])


def send(linq: SandboxServer, chat: str, words: str = "hi", **message: Any) -> str:
    body = {"message": {"parts": [{"type": "text", "value": words}], **message}}
    return str(linq.api("POST", f"/chats/{chat}/messages", body).json()["message"]["id"])


def react(linq: SandboxServer, message: str, kind: str, **body: Any) -> tuple[int, int | None]:
    body = {"operation": "add", "type": kind, **body}
    answer = linq.api("POST", f"/messages/{message}/reactions", body)
    return answer.status_code, answer.json().get("error", {}).get("code")


def reactions(linq: SandboxServer, message: str) -> list[tuple[bool, str]]:
    part = linq.api("GET", f"/messages/{message}").json()["parts"][0]
    return [(one["is_me"], one["type"]) for one in part["reactions"] or []]


def test_the_line_and_the_person_react(
    linq: SandboxServer, bot: WebhookReceiver, chat: str
) -> None:
    message = send(linq, chat)
    assert react(linq, message, "like") == (202, None)
    (received,) = bot.wait_for(1, "reaction.added")
    event = ReactionAddedWebhookEvent.model_validate(received.event)
    assert (event.data.is_from_me, event.data.reaction_type) == (True, "like")
    linq.inbound(
        chat=chat,
        sender=PERSON,
        event_type="reaction.added",
        target=message,
        reaction_type="custom",
        custom_emoji="🎉",
    )
    event = ReactionAddedWebhookEvent.model_validate(bot.wait_for(2, "reaction.added")[1].event)
    assert (event.data.is_from_me, event.data.custom_emoji) == (False, "🎉")
    assert reactions(linq, message) == [(True, "like"), (False, "custom")]


def test_somebody_has_one_tapback_on_a_message(
    linq: SandboxServer, bot: WebhookReceiver, chat: str
) -> None:
    message = send(linq, chat)
    react(linq, message, "like")
    react(linq, message, "love")
    assert reactions(linq, message) == [(True, "love")]
    assert react(linq, message, "love", operation="remove") == (202, None)
    bot.wait_for(1, "reaction.removed")
    assert reactions(linq, message) == []
    assert react(linq, message, "love", operation="remove") == (202, None)
    assert len(bot.of_type("reaction.removed")) == 1


def test_reactions_that_are_refused(linq: SandboxServer, chat: str) -> None:
    message = send(linq, chat)
    assert react(linq, message, "wink") == (400, 1005)
    assert react(linq, message, "custom") == (400, 1001)
    assert react(linq, message, "like", operation="undo") == (400, 1005)
    assert react(linq, message, "like", part_index=1) == (400, 1005)
    assert react(linq, message, "sticker") == (400, 1005)
    assert react(linq, message, "sticker", emoji="🎉", operation="remove") == (400, 1005)
    assert react(linq, message, "sticker", emoji="🎉") == (202, None)
    assert react(linq, chat, "like") == (404, 2002)


def test_an_edit_is_told_and_kept(linq: SandboxServer, bot: WebhookReceiver, chat: str) -> None:
    message = send(linq, chat, "At four")
    answer = linq.api("PATCH", f"/messages/{message}", {"text": "At five"})
    assert answer.json()["parts"][0]["value"] == "At five"
    (received,) = bot.wait_for(1, "message.edited")
    event = MessageEditedWebhookEvent.model_validate(received.event)
    assert (event.data.direction, event.data.part.text) == ("outbound", "At five")


def test_a_message_is_edited_five_times_at_most(linq: SandboxServer, chat: str) -> None:
    message = send(linq, chat)
    statuses = [
        linq.api("PATCH", f"/messages/{message}", {"text": f"{number}"}).status_code
        for number in range(6)
    ]
    assert statuses == [200] * 5 + [400]


def test_only_own_texts_are_edited(linq: SandboxServer, chat: str) -> None:
    theirs = linq.inbound("hello", chat=chat)["message_id"]
    assert linq.api("PATCH", f"/messages/{theirs}", {"text": "x"}).json()["error"]["code"] == 2005
    mine = send(linq, chat)
    assert linq.api("PATCH", f"/messages/{mine}", {"text": ""}).status_code == 400
    body = {"text": "x", "part_index": 1}
    assert linq.api("PATCH", f"/messages/{mine}", body).json()["error"]["code"] == 1005


def test_a_thread_page_by_page(linq: SandboxServer, chat: str) -> None:
    first = send(linq, chat, "one")
    alone = send(linq, chat, "alone")
    second = linq.inbound("two", chat=chat, reply_to=first)["message_id"]
    third = send(linq, chat, "three", reply_to={"message_id": second})

    def page(message: str, query: str) -> Any:
        return linq.api("GET", f"/messages/{message}/thread{query}").json()

    def ids(message: str, query: str = "") -> list[str]:
        return [one["id"] for one in page(message, query)["messages"]]

    assert ids(third) == ids(first) == [first, second, third]
    assert ids(second, "?order=desc") == [third, second, first]
    assert ids(alone) == [alone]
    begun = page(first, "?limit=2")
    assert [one["id"] for one in begun["messages"]] == [first, second]
    assert ids(first, f"?limit=2&cursor={begun['next_cursor']}") == [third]
    assert linq.api("GET", f"/messages/{first}/thread?order=up").status_code == 400
