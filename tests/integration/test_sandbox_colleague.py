"""A colleague who writes on the line past the API, and people who type."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest
from linq.types import MessageSentWebhookEvent

from tests.sandbox_audio import tone
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"
STARTED = "chat.typing_indicator.started"
STOPPED = "chat.typing_indicator.stopped"


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


def test_a_colleague_writes_on_the_line(
    linq: SandboxServer, bot: WebhookReceiver, chat: str
) -> None:
    message_id = linq.outbound(chat, "I'll take this one.")["message_id"]
    (received,) = bot.wait_for(1, "message.sent")
    event = MessageSentWebhookEvent.model_validate(received.event)
    assert (event.data.id, event.data.direction) == (message_id, "outbound")
    assert event.data.idempotency_key is None
    assert event.data.sender_handle.is_me
    bot.wait_for(1, "message.delivered")
    newest = linq.api("GET", f"/chats/{chat}/messages").json()["messages"][0]
    assert (newest["id"], newest["is_from_me"]) == (message_id, True)
    message = linq.state(chat=chat)["messages"][-1]
    assert (message["author"], message["accepted_number"]) == ("colleague", None)
    assert linq.state(chat=chat)["chats"][0]["outbound"] == 0, "it is no answer of the bot"


def test_a_colleague_sends_a_recording(linq: SandboxServer, chat: str) -> None:
    audio = base64.b64encode(tone("m4a")).decode()
    linq.outbound(chat, audio_base64=audio, filename="memo.m4a", mime_type="audio/x-m4a")
    message = linq.state(chat=chat)["messages"][-1]
    assert (message["kind"], message["author"]) == ("voice_memo", "colleague")
    assert message["memo"]["probe"]["duration"] == pytest.approx(1, abs=0.1)


def test_the_rules_of_sending_hold_for_a_colleague(linq: SandboxServer, chat: str) -> None:
    linq.inbound("STOP", chat=chat)
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        linq.outbound(chat, "One more thing")
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        linq.outbound("nobody", "Hello?")
    linq.inbound("hello", chat=chat)
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        linq.outbound(chat)


def test_who_sends_types_no_more(linq: SandboxServer, bot: WebhookReceiver, chat: str) -> None:
    linq.inbound(chat=chat, sender=PERSON, event_type=STARTED)
    bot.wait_for(1, STARTED)
    linq.inbound("There", chat=chat, sender=PERSON)
    bot.wait_for(2)
    (stopped,) = bot.of_type(STOPPED)
    assert stopped.event["data"]["actor_handle"]["handle"] == PERSON
    linq.inbound("And there", chat=chat, sender=PERSON)
    bot.wait_for(3)
    assert len(bot.of_type(STOPPED)) == 1


def test_groups_have_no_typing_events(linq: SandboxServer, bot: WebhookReceiver) -> None:
    linq.inbound("hi", chat="team", sender=PERSON, members=["+13125550178"])
    dropped = linq.inbound(chat="team", sender=PERSON, event_type=STARTED)
    assert dropped["dropped"] == "group"
    bot.wait_for(1)
    assert bot.of_type(STARTED) == []
