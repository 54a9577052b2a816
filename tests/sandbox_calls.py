"""Uses of every call of Linq's API, made with the official SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from linq import LinqAPIV3

from tests import http_calls
from tests.sandbox_audio import tone
from tests.sandbox_server import SandboxServer

LINE = "+13125550100"
PEOPLE = ["+13125550181", "+13125550182", "+13125550183"]
TEXT: Any = {"parts": [{"type": "text", "value": "On it!"}], "idempotency_key": "k"}


def group(sandbox: SandboxServer, others: int = 3) -> str:
    people = PEOPLE[:others]
    sent = sandbox.inbound("hi", sender=people[0], members=people, group=True)
    return str(sent["chat_id"])


def members(sandbox: SandboxServer, chat_id: str) -> list[str]:
    people: list[str] = sandbox.state(chat=chat_id)["chats"][0]["people"]
    return people


def upload(client: LinqAPIV3) -> str:
    data = tone("m4a")
    declared = client.attachments.create(
        filename="memo.m4a", content_type="audio/x-m4a", size_bytes=len(data)
    )
    http_calls.put(
        declared.upload_url, content=data, headers=dict(declared.required_headers)
    ).raise_for_status()
    return declared.attachment_id


def use_attachments(client: LinqAPIV3, _: SandboxServer) -> None:
    attachment_id = upload(client)
    client.attachments.retrieve(attachment_id)
    client.attachments.delete(attachment_id)


def use_chats(client: LinqAPIV3, _: SandboxServer) -> None:
    chat = client.chats.create(from_=LINE, to=[PEOPLE[0]], message=TEXT).chat
    client.contact_card.create(phone_number=LINE, first_name="Memo", last_name="Bot")
    client.contact_card.update(phone_number=LINE, image_url="https://example.org/memo.png")
    client.contact_card.retrieve()
    client.chats.share_contact_card(chat.id)
    client.chats.typing.start(chat.id)
    client.chats.typing.stop(chat.id)
    client.chats.mark_as_read(chat.id)
    client.chats.send_voicememo(chat.id, attachment_id=upload(client))
    assert len(list(client.chats.list_chats(limit=1))) == 1
    assert len(list(client.chats.messages.list(chat.id, limit=1))) == 2


def use_groups(client: LinqAPIV3, sandbox: SandboxServer) -> None:
    chat_id = group(sandbox)
    client.chats.update(chat_id, display_name="Team", group_chat_icon="https://example.org/i.png")
    client.chats.participants.remove(chat_id, handle=PEOPLE[2])
    sandbox.wait_for(lambda _: PEOPLE[2] not in members(sandbox, chat_id))
    client.chats.participants.add(chat_id, handle=PEOPLE[2])
    sandbox.wait_for(lambda _: PEOPLE[2] in members(sandbox, chat_id))
    client.chats.retrieve(chat_id)
    client.chats.leave_chat(chat_id)


def use_messages(client: LinqAPIV3, sandbox: SandboxServer) -> None:
    inbound = sandbox.inbound("hello", sender=PEOPLE[0])
    client.messages.add_reaction(inbound["message_id"], operation="add", type="love")
    client.messages.add_reaction(
        inbound["message_id"], operation="add", type="sticker", emoji="🎉", part_index=0
    )
    client.messages.retrieve(inbound["message_id"])
    reply: Any = {**TEXT, "reply_to": {"message_id": inbound["message_id"]}}
    effect: Any = {"effect": {"type": "screen", "name": "confetti"}, "preferred_service": "SMS"}
    sent = client.chats.messages.send(inbound["chat_id"], message=reply | effect).message
    client.messages.create(to=[PEOPLE[1]], message=TEXT | {"idempotency_key": "other"})
    client.messages.update(sent.id, text="Done!")
    list(client.messages.list_messages_thread(sent.id, limit=1, order="desc"))
    client.messages.delete(sent.id)


def use_subscriptions(client: LinqAPIV3, _: SandboxServer) -> None:
    url = "https://bot.example.org/linq"
    created = client.webhook_subscriptions.create(
        target_url=url, subscribed_events=["message.received"], phone_numbers=[LINE]
    )
    client.webhook_subscriptions.retrieve(created.id)
    client.webhook_subscriptions.update(created.id, is_active=False, routing_key_header="X-Key")
    client.webhook_subscriptions.list()
    client.webhook_subscriptions.delete(created.id)
    client.webhook_events.list()


def use_lines(client: LinqAPIV3, _: SandboxServer) -> None:
    client.phone_numbers.list()
    with pytest.warns(DeprecationWarning, match="deprecated"):
        client.phonenumbers.list()
    client.available_number.retrieve()
    client.capability.check_i_message(address=PEOPLE[0])
    client.capability.check_RCS(address=PEOPLE[0])
    client.blocked_handles.block(handle=PEOPLE[0])
    client.blocked_handles.block(handle=PEOPLE[1], reason="spam")
    client.blocked_handles.list()
    client.blocked_handles.unblock(handle=PEOPLE[0])


USES: tuple[Callable[[LinqAPIV3, SandboxServer], None], ...] = (
    use_attachments,
    use_chats,
    use_groups,
    use_messages,
    use_subscriptions,
    use_lines,
)
