"""The official SDK, sync and async and strict about every answer, works on every endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import linq
import pytest
from linq import AsyncLinqAPIV3, DefaultAsyncHttpxClient, DefaultHttpxClient, LinqAPIV3
from pydantic import BaseModel

from app.sandbox import SandboxConfig
from tests import http_calls
from tests.sandbox_audio import tone
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"
LINE = "+13125550100"
TEXT: Any = {"parts": [{"type": "text", "value": "On it!"}]}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(capability_pause=0)) as server:
        yield server


class Caller:
    """Makes the same SDK call through the sync and through the async client."""

    def __init__(self, sandbox: SandboxServer, kind: str) -> None:
        self.sandbox = sandbox
        self.options: dict[str, Any] = {
            "api_key": sandbox.api_key,
            "base_url": sandbox.api_base,
            "max_retries": 0,
            "_strict_response_validation": True,
        }
        self.is_async = kind == "async"
        http = DefaultHttpxClient(verify=http_calls.NO_TLS)
        self.client = LinqAPIV3(**self.options, http_client=http)

    def __call__(self, call: Callable[[Any], Any]) -> Any:
        if not self.is_async:
            return call(self.client)

        async def run() -> Any:
            http = DefaultAsyncHttpxClient(verify=http_calls.NO_TLS)
            async with AsyncLinqAPIV3(**self.options, http_client=http) as client:
                return await call(client)

        return asyncio.run(run())


@pytest.fixture(params=["sync", "async"])
def call(sandbox: SandboxServer, request: pytest.FixtureRequest) -> Caller:
    sandbox.reset()
    return Caller(sandbox, request.param)


def declared(call: Caller, data: bytes) -> Any:
    return call(
        lambda client: client.attachments.create(
            filename="reply.m4a", content_type="audio/x-m4a", size_bytes=len(data)
        )
    )


def uploaded(call: Caller) -> str:
    data = tone("m4a")
    attachment = declared(call, data)
    answer = http_calls.put(
        attachment.upload_url, content=data, headers=attachment.required_headers
    )
    assert answer.status_code == 200
    assert answer.content == b""
    return str(attachment.attachment_id)


def chat_with_somebody(call: Caller) -> str:
    return str(call.sandbox.inbound("hello", sender=PERSON)["chat_id"])


def group_of(sandbox: SandboxServer, size: int) -> str:
    """A group of `size` people, the line among them."""
    people = [f"+1312555018{number}" for number in range(size - 1)]
    return str(sandbox.inbound("hi", chat="team", sender=people[0], members=people)["chat_id"])


def test_an_attachment_from_declaration_to_deletion(call: Caller) -> None:
    data = tone("m4a")
    attachment = declared(call, data)
    read = lambda client: client.attachments.retrieve(attachment.attachment_id)  # noqa: E731
    assert call(read).status == "pending"
    http_calls.put(attachment.upload_url, content=data, headers=attachment.required_headers)
    assert call(read).status == "complete"
    assert http_calls.get(attachment.download_url).content == data
    call(lambda client: client.attachments.delete(attachment.attachment_id))
    with pytest.raises(linq.NotFoundError):
        call(read)
    assert http_calls.get(attachment.download_url).status_code == 404


def test_a_voice_memo(call: Caller) -> None:
    chat_id = chat_with_somebody(call)
    attachment_id = uploaded(call)
    memo = call(
        lambda client: client.chats.send_voicememo(chat_id, attachment_id=attachment_id)
    ).voice_memo
    assert (memo.from_, memo.to, memo.status) == (LINE, [PERSON], "queued")
    assert memo.voice_memo.id == attachment_id
    assert 900 < memo.voice_memo.duration_ms < 1200
    message = call(lambda client: client.messages.retrieve(memo.id))
    assert message.is_from_me
    assert message.parts[0].id == attachment_id


def test_a_message_into_a_chat(call: Caller) -> None:
    chat_id = chat_with_somebody(call)
    sent = call(lambda client: client.chats.messages.send(chat_id, message=TEXT))
    assert sent.chat_id == chat_id
    assert sent.message.parts[0].value == "On it!"
    assert sent.message.delivery_status == "pending"


def test_a_message_that_opens_a_chat(call: Caller) -> None:
    body = {"from_": LINE, "to": [PERSON], "message": TEXT}
    chat = call(lambda client: client.chats.create(**body)).chat
    assert [handle.handle for handle in chat.handles if not handle.is_me] == [PERSON]
    again = call(lambda client: client.chats.create(**body)).chat
    assert again.id == chat.id
    assert again.message.id != chat.message.id


def test_a_message_to_people(call: Caller) -> None:
    first, second = (
        call(lambda client: client.messages.create(to=[PERSON], message=TEXT)) for _ in range(2)
    )
    assert (first.created_new_chat, second.created_new_chat) == (True, False)
    assert second.from_selection.reason == "reused_active_chat"
    assert first.chat_id == second.chat_id


def test_history_page_by_page(call: Caller) -> None:
    chat_id = chat_with_somebody(call)
    for number in range(7):
        call.sandbox.inbound(f"line {number}", chat_id=chat_id)

    if call.is_async:

        async def everything(client: AsyncLinqAPIV3) -> list[Any]:
            return [message async for message in client.chats.messages.list(chat_id, limit=3)]

        messages = call(everything)
    else:
        messages = call(lambda client: list(client.chats.messages.list(chat_id, limit=3)))
    assert [message.parts[0].value for message in messages] == [
        *(f"line {number}" for number in reversed(range(7))),
        "hello",
    ]


def test_a_message_is_read_and_removed(call: Caller) -> None:
    chat_id = chat_with_somebody(call)
    sent = call(lambda client: client.chats.messages.send(chat_id, message=TEXT)).message
    assert call(lambda client: client.messages.retrieve(sent.id)).chat_id == chat_id
    call(lambda client: client.messages.delete(sent.id))
    with pytest.raises(linq.NotFoundError):
        call(lambda client: client.messages.retrieve(sent.id))


def test_chats_are_listed_and_read(call: Caller) -> None:
    ids = [call.sandbox.inbound("hi", chat=f"chat {n}")["chat_id"] for n in range(5)]
    assert call(lambda client: client.chats.retrieve(ids[0])).id == ids[0]
    if call.is_async:

        async def everything(client: AsyncLinqAPIV3) -> list[str]:
            return [chat.id async for chat in client.chats.list_chats(limit=2)]

        listed = call(everything)
    else:
        listed = call(lambda client: [chat.id for chat in client.chats.list_chats(limit=2)])
    assert sorted(listed) == sorted(ids)


def test_a_group_is_renamed_and_left(call: Caller) -> None:
    chat_id = group_of(call.sandbox, 4)
    call(lambda client: client.chats.update(chat_id, display_name="The team"))
    call.sandbox.wait_for(lambda state: state["chats"][0]["display_name"] == "The team")
    assert call(lambda client: client.chats.retrieve(chat_id)).display_name == "The team"
    call(lambda client: client.chats.leave_chat(chat_id))
    with pytest.raises(linq.ConflictError):
        call(lambda client: client.chats.messages.send(chat_id, message=TEXT))


def test_a_reaction_an_edit_and_a_thread(call: Caller) -> None:
    chat_id = chat_with_somebody(call)
    sent = call(lambda client: client.chats.messages.send(chat_id, message=TEXT)).message
    call(lambda client: client.messages.add_reaction(sent.id, operation="add", type="like"))
    edited = call(lambda client: client.messages.update(sent.id, text="Done!"))
    assert edited.parts[0].value == "Done!"
    assert [one.type for one in edited.parts[0].reactions] == ["like"]
    reply: Any = {**TEXT, "reply_to": {"message_id": sent.id}}
    answer = call(lambda client: client.chats.messages.send(chat_id, message=reply)).message
    page = call(lambda client: client.messages.list_messages_thread(answer.id))
    assert [one.id for one in page.messages] == [sent.id, answer.id]


def test_typing_reading_and_the_contact_card(call: Caller) -> None:
    chat_id = chat_with_somebody(call)

    def typing() -> bool:
        return bool(call.sandbox.state(chat=chat_id)["chats"][0]["typing"])

    assert not typing()
    call(lambda client: client.chats.typing.start(chat_id))
    assert typing()
    call(lambda client: client.chats.typing.stop(chat_id))
    assert not typing()
    call(lambda client: client.chats.typing.start(chat_id))
    call(lambda client: client.chats.messages.send(chat_id, message=TEXT))
    assert not typing(), "sending clears the indicator"
    call(lambda client: client.chats.mark_as_read(chat_id))
    assert call.sandbox.state(chat=chat_id)["chats"][0]["read_at"]
    call(lambda client: client.contact_card.create(phone_number=LINE, first_name="Memo"))
    call(lambda client: client.chats.share_contact_card(chat_id))
    with pytest.raises(linq.RateLimitError):
        call(lambda client: client.chats.share_contact_card(chat_id))


def test_subscriptions(call: Caller) -> None:
    created = call(
        lambda client: client.webhook_subscriptions.create(
            target_url="https://bot.example.org/linq?version=2026-02-03",
            subscribed_events=["message.received", "message.sent"],
        )
    )
    assert created.signing_secret.startswith("whsec_")
    for shown in (
        call(lambda client: client.webhook_subscriptions.retrieve(created.id)),
        call(lambda client: client.webhook_subscriptions.list()).subscriptions[0],
    ):
        assert shown.id == created.id
        assert isinstance(shown, BaseModel)
        assert "signing_secret" not in shown.model_dump()
    changed = call(
        lambda client: client.webhook_subscriptions.update(
            created.id, is_active=False, phone_numbers=[LINE]
        )
    )
    assert (changed.is_active, changed.phone_numbers) == (False, [LINE])
    call(lambda client: client.webhook_subscriptions.delete(created.id))
    with pytest.raises(linq.NotFoundError):
        call(lambda client: client.webhook_subscriptions.retrieve(created.id))


def test_event_types(call: Caller) -> None:
    listed = call(lambda client: client.webhook_events.list())
    assert "message.received" in listed.events
    assert len(listed.events) == 75


def test_lines_and_capabilities(call: Caller) -> None:
    numbers = call(lambda client: client.phone_numbers.list()).phone_numbers
    assert [number.phone_number for number in numbers] == [LINE]
    with pytest.warns(DeprecationWarning, match="deprecated"):
        call(lambda client: client.phonenumbers.list())
    assert call(lambda client: client.available_number.retrieve()).phone_number == LINE
    assert call(lambda client: client.capability.check_i_message(address=PERSON)).available
    assert call(lambda client: client.capability.check_RCS(address=PERSON)).available
    with pytest.raises(linq.BadRequestError):
        call(lambda client: client.capability.check_RCS(address="friend@example.org"))


def test_blocked_handles(call: Caller) -> None:
    chat_id = chat_with_somebody(call)
    call(lambda client: client.blocked_handles.block(handle=PERSON, reason="spam"))
    listed = call(lambda client: client.blocked_handles.list()).blocked_handles
    assert [entry.handle for entry in listed] == [PERSON]
    with pytest.raises(linq.PermissionDeniedError) as caught:
        call(lambda client: client.chats.messages.send(chat_id, message=TEXT))
    assert caught.value.code == 2026
    assert call.sandbox.inbound("let me in", sender=PERSON)["dropped"] == "blocked"
    call(lambda client: client.blocked_handles.unblock(handle=PERSON))
    call(lambda client: client.chats.messages.send(chat_id, message=TEXT))


def test_an_error_as_the_sdk_sees_it(call: Caller) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(linq.NotFoundError) as caught:
        call(lambda client: client.chats.retrieve(unknown))
    error = caught.value
    assert error.status_code == 404
    assert error.code == 2001
    assert error.response.headers["X-Trace-ID"] == error.response.json()["trace_id"]
