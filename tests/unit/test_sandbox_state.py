"""The sandbox's memory stays flat and bounded."""

from __future__ import annotations

import time
import uuid

from app.sandbox.config import SandboxConfig
from app.sandbox.records import Attachment, Chat, Message
from app.sandbox.state import State

LINE = "+13125550100"


def state_of(**limits: int) -> State:
    return State(SandboxConfig(**limits))  # type: ignore[arg-type]


def write(state: State, chat: Chat) -> Message:
    message = Message(
        id=str(uuid.uuid4()),
        chat_id=chat.id,
        direction="inbound",
        kind="message",
        parts=[],
        sender=chat.others[0],
        service="iMessage",
        delivery_status="received",
    )
    state.add(chat, message)
    return message


def test_history_is_newest_first_and_resumes_before_a_position() -> None:
    state = state_of()
    chat = state.open_chat(["+13125550177"], line=LINE)
    ids = [write(state, chat).id for _ in range(10)]
    newest = list(state.history(chat, None))
    assert [message.id for message in newest] == ids[::-1]
    assert [message.id for message in state.history(chat, newest[3].position)] == ids[5::-1]


def test_a_full_chat_forgets_its_oldest_and_says_so() -> None:
    state = state_of(max_messages_per_chat=100)
    chat = state.open_chat(["+13125550177"], line=LINE)
    messages = [write(state, chat) for _ in range(250)]
    assert len(chat.timeline) <= 100
    assert chat.dropped_messages == 250 - len(chat.timeline)
    assert messages[-1].inbound_number == 250
    assert messages[0].id not in state.messages
    assert len(state.messages) == len(chat.timeline) == len(state.changed_since(0))


def test_too_many_chats_forget_the_oldest() -> None:
    state = state_of(max_chats=10)
    chats = [state.open_chat([state.new_person()], line=LINE) for _ in range(12)]
    assert list(state.chats) == [chat.id for chat in chats[2:]]
    assert state.chat_with(LINE, [chats[0].others[0].address]) is None
    assert state.chat_with(LINE, [chats[5].others[0].address]) is chats[5]
    assert state.dropped_chats == 2


def test_old_files_make_room_for_new_ones() -> None:
    state = state_of(max_attachment_bytes=1000)
    files = [Attachment(str(n), "a.m4a", "audio/x-m4a", 300, "url") for n in range(5)]
    for file in files:
        state.add_attachment(file)
        state.store_bytes(file, bytes(300), ready_at=0)
    assert list(state.attachments) == ["2", "3", "4"]
    assert files[0].data is None
    assert state.dropped_attachments == 2


def test_changes_since_a_revision_are_only_those() -> None:
    state = state_of()
    chat = state.open_chat(["+13125550177"], line=LINE)
    first, second, third = (write(state, chat) for _ in range(3))
    seen = state.revision
    state.mark_changed(first)
    assert state.changed_since(seen) == [first]
    assert state.changed_since(0) == [second, third, first]


def test_a_name_gives_the_same_chat_in_every_run() -> None:
    ids = {state_of().open_chat(["+13125550177"], line=LINE, name="alice").id for _ in range(2)}
    assert len(ids) == 1


def test_people_never_share_a_number() -> None:
    state = state_of()
    assert len({state.new_person() for _ in range(20_000)}) == 20_000


def cost_of(messages: int) -> float:
    state = state_of(max_messages_per_chat=100_000)
    chat = state.open_chat(["+13125550177"], line=LINE)
    began = time.process_time()
    for _ in range(messages):
        write(state, chat)
        next(state.history(chat, None))
        state.changed_since(state.revision - 1)
    return time.process_time() - began


def test_work_grows_with_the_messages_and_not_with_their_square() -> None:
    cost_of(500)
    assert cost_of(16_000) < 60 * max(cost_of(1_000), 0.002)
