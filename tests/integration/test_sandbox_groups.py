"""Groups of the sandbox's Linq: renamed, joined and left, each with its event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from linq.types import (
    ChatGroupNameUpdatedWebhookEvent,
    ParticipantAddedWebhookEvent,
    ParticipantRemovedWebhookEvent,
)

from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

PEOPLE = ["+13125550181", "+13125550182", "+13125550183", "+13125550184"]
LINE = "+13125550100"


@pytest.fixture
def bot() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as bot:
        yield bot


@pytest.fixture
def linq(sandbox: SandboxServer, bot: WebhookReceiver) -> SandboxServer:
    sandbox.point_at(bot.url)
    return sandbox


def group(linq: SandboxServer, others: int, **options: Any) -> str:
    people = PEOPLE[:others]
    sent = linq.inbound("hi", chat="team", sender=people[0], members=people, group=True, **options)
    return str(sent["chat_id"])


def code(linq: SandboxServer, method: str, path: str, body: Any = None) -> int:
    answer = linq.api(method, path, body)
    return int(answer.json()["error"]["code"]) if answer.is_error else answer.status_code


def test_a_new_name_comes_later_with_its_time(linq: SandboxServer, bot: WebhookReceiver) -> None:
    chat = group(linq, 2)
    answer = linq.api("PUT", f"/chats/{chat}", {"display_name": "The team"})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    (received,) = bot.wait_for(1, "chat.group_name_updated")
    event = ChatGroupNameUpdatedWebhookEvent.model_validate(received.event)
    assert (event.data.old_value, event.data.new_value) == (None, "The team")
    assert event.trace_id == answer.headers["X-Trace-ID"]


def test_somebody_joins(linq: SandboxServer, bot: WebhookReceiver) -> None:
    chat = group(linq, 2)
    assert code(linq, "POST", f"/chats/{chat}/participants", {"handle": PEOPLE[3]}) == 202
    (received,) = bot.wait_for(1, "participant.added")
    event = ParticipantAddedWebhookEvent.model_validate(received.event)
    assert event.data.participant is not None
    assert event.data.handle == event.data.participant.handle == PEOPLE[3]
    assert code(linq, "POST", f"/chats/{chat}/participants", {"handle": PEOPLE[3]}) == 2015
    assert code(linq, "POST", f"/chats/{chat}/participants", {"handle": "nobody"}) == 1002


def test_three_remain_when_somebody_is_removed(linq: SandboxServer, bot: WebhookReceiver) -> None:
    chat = group(linq, 3)
    assert code(linq, "DELETE", f"/chats/{chat}/participants", {"handle": PEOPLE[2]}) == 202
    (received,) = bot.wait_for(1, "participant.removed")
    event = ParticipantRemovedWebhookEvent.model_validate(received.event)
    assert event.data.handle == PEOPLE[2]
    assert code(linq, "DELETE", f"/chats/{chat}/participants", {"handle": PEOPLE[1]}) == 2015
    assert code(linq, "DELETE", f"/chats/{chat}/participants", {"handle": PEOPLE[2]}) == 1005


def test_the_line_leaves_a_group_of_four_but_none_of_three(
    linq: SandboxServer, bot: WebhookReceiver
) -> None:
    chat = group(linq, 3)
    assert code(linq, "POST", f"/chats/{chat}/leave") == 202
    (received,) = bot.wait_for(1, "participant.removed")
    assert received.event["data"]["handle"] == LINE
    message = {"message": {"parts": [{"type": "text", "value": "hi"}]}}
    assert code(linq, "POST", f"/chats/{chat}/messages", message) == 2013
    assert code(linq, "POST", f"/chats/{chat}/typing") == 2013
    assert linq.inbound("anybody?", chat="team")["dropped"] == "left"
    linq.reset()
    assert code(linq, "POST", f"/chats/{group(linq, 2)}/leave") == 2015


def test_only_groups_have_members_to_change(linq: SandboxServer) -> None:
    chat = linq.inbound("hi", sender=PEOPLE[0])["chat_id"]
    assert code(linq, "POST", f"/chats/{chat}/participants", {"handle": PEOPLE[1]}) == 1006
    assert code(linq, "POST", f"/chats/{chat}/leave") == 1006


def test_other_services_do_not_join(linq: SandboxServer) -> None:
    chat = group(linq, 2, service="SMS")
    handle = {"handle": "friend@example.org"}
    assert code(linq, "POST", f"/chats/{chat}/participants", handle) == 2017


def test_the_chat_is_found_by_its_present_people(linq: SandboxServer) -> None:
    chat = group(linq, 2)
    linq.api("POST", f"/chats/{chat}/participants", {"handle": PEOPLE[2]})
    linq.wait_for(lambda state: PEOPLE[2] in state["chats"][0]["people"])
    message = {"parts": [{"type": "text", "value": "hi"}]}
    sent = linq.api("POST", "/messages", {"to": PEOPLE[:3], "message": message}).json()
    assert (sent["chat_id"], sent["created_new_chat"]) == (chat, False)
    sent = linq.api("POST", "/messages", {"to": PEOPLE[:2], "message": message}).json()
    assert sent["created_new_chat"] is True
