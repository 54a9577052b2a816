"""The sandbox's memory: lookups that stay flat as chats and messages grow, all bounded."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator, Reversible
from itertools import takewhile
from typing import Protocol, TypeVar

from app.sandbox.clock import now
from app.sandbox.config import SandboxConfig
from app.sandbox.records import Attachment, Chat, ContactCard, Handle, Message, Service

_MAX_KEYS = 100_000
_MAX_ATTACHMENTS = 20_000


class Revised(Protocol):
    """Something that knows when it changed last."""

    revision: int


_T = TypeVar("_T", bound=Revised)


def newer(items: Reversible[_T], revision: int) -> list[_T]:
    """Those of `items`, which are in the order of their revisions, that changed after `revision`.

    Costs no more than what it returns.
    """
    found = list(takewhile(lambda item: item.revision > revision, reversed(items)))
    found.reverse()
    return found


class State:
    """Everything that calls have left behind. `revision` rises with everything that happens."""

    def __init__(self, config: SandboxConfig, revision: int = 0) -> None:
        self._config = config
        self.chats: OrderedDict[str, Chat] = OrderedDict()
        self.messages: dict[str, Message] = {}
        self.attachments: OrderedDict[str, Attachment] = OrderedDict()
        self.calls: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.opted_out: dict[str, set[str]] = {}  # person to the chats that are marked
        self.blocked: dict[str, dict[str, str]] = {}
        self.contact_cards: dict[str, ContactCard] = {}  # by phone number
        self.contact_card_writes: dict[str, deque[float]] = {}  # monotonic seconds
        self.wrote_first: set[str] = set()
        self.idempotency: OrderedDict[str, str] = OrderedDict()
        self.sends: dict[tuple[str, str], deque[float]] = {}
        self.next_capability_check = 0.0  # monotonic seconds
        self.revision = revision
        self.seen = 0
        self.accepted = 0
        self.dropped_chats = 0
        self.dropped_attachments = 0
        self._recent: OrderedDict[str, Message] = OrderedDict()
        self._by_participants: dict[tuple[str, frozenset[str]], str] = {}
        self._participants_of: dict[str, tuple[str, frozenset[str]]] = {}
        self._by_name: dict[str, str] = {}
        self._attachment_bytes = 0
        self._people = 176

    # Chats

    def chat_named(self, name: str) -> Chat | None:
        """The chat with this id or sandbox name."""
        return self.chats.get(name) or self.chats.get(self._by_name.get(name, ""))

    def chat_with(self, line: str, people: Iterable[str]) -> Chat | None:
        """The chat of `line` with exactly `people`; a group with a display name is never it."""
        chat = self.chats.get(self._by_participants.get((line, frozenset(people)), ""))
        if chat is None or chat.left or (chat.is_group and chat.display_name):
            return None
        return chat

    def open_chat(
        self,
        people: list[str],
        *,
        line: str,
        service: Service = "iMessage",
        is_group: bool | None = None,
        name: str | None = None,
        chat_id: str | None = None,
    ) -> Chat:
        """Begins a chat of `line` with `people`; its id follows from `name` where one is given."""
        if chat_id is None:
            chat_id = _stable_id(name) if name else str(uuid.uuid4())
        handles = [Handle(str(uuid.uuid4()), line, service, is_me=True)]
        handles += [Handle(str(uuid.uuid4()), who, service, is_me=False) for who in people]
        group = len(people) > 1 if is_group is None else is_group
        chat = Chat(chat_id, name or people[0], handles, group, service)
        self.index_participants(chat)
        self._by_name.setdefault(chat.name, chat_id)
        self.chats[chat_id] = chat
        if len(self.chats) > self._config.max_chats:
            self.remove_chat(next(iter(self.chats.values())))
            self.dropped_chats += 1
        return chat

    def index_participants(self, chat: Chat) -> None:
        """Finds the chat by its present participants from now on."""
        self._unindex_participants(chat)
        key = (chat.me.address, frozenset(handle.address for handle in chat.others))
        if self.chat_with(*key) is None:
            self._by_participants[key] = chat.id
            self._participants_of[chat.id] = key

    def new_person(self) -> str:
        """A telephone number that nobody in this sandbox has yet."""
        self._people += 1
        area, local = divmod(self._people, 10_000)
        return f"+1{312 + area}555{local:04d}"

    def remove_chat(self, chat: Chat) -> None:
        """Forgets a chat with all its messages."""
        self.chats.pop(chat.id, None)
        for message in chat.timeline:
            self._drop_message(message)
        if self._by_name.get(chat.name) == chat.id:
            del self._by_name[chat.name]
        self._unindex_participants(chat)

    def _unindex_participants(self, chat: Chat) -> None:
        key = self._participants_of.pop(chat.id, None)
        if key is not None and self._by_participants.get(key) == chat.id:
            del self._by_participants[key]

    # Messages

    def add(self, chat: Chat, message: Message) -> None:
        """Appends `message` to its chat and gives it its numbers."""
        message.position = chat.next_position
        chat.next_position += 1
        chat.timeline.append(message)
        chat.updated_at = now()
        self.messages[message.id] = message
        self.seen += 1
        message.number = self.seen
        if message.direction == "inbound":
            chat.inbound_count += 1
            message.inbound_number = chat.inbound_count
        elif message.author == "api":
            chat.outbound_count += 1
            self.accepted += 1
            message.accepted_number = chat.outbound_count
            message.accepted_overall = self.accepted
        self.mark_changed(message)
        limit = self._config.max_messages_per_chat
        if len(chat.timeline) > limit:
            surplus = max(1, limit // 10)  # Several at once, so that the cost stays flat.
            for old in chat.timeline[:surplus]:
                self._drop_message(old)
            del chat.timeline[:surplus]
            chat.dropped_messages += surplus

    def acknowledge(self, message_id: str) -> None:
        """Notes that the bot has taken in an inbound message, the first time it does."""
        message = self.messages.get(message_id)
        if message is None or message.inbound_number is None or message.acknowledged_number:
            return
        chat = self.chats[message.chat_id]
        chat.acknowledged_count += 1
        message.acknowledged_number = chat.acknowledged_count
        self.mark_changed(message)

    def next_revision(self) -> int:
        """A number higher than every one before."""
        self.revision += 1
        return self.revision

    def mark_changed(self, message: Message) -> None:
        """Marks `message` as just changed."""
        message.revision = self.next_revision()
        message.updated_at = now()
        self._recent[message.id] = message
        self._recent.move_to_end(message.id)

    def changed_since(self, revision: int) -> list[Message]:
        """Messages changed after `revision`, the max_length unchanged first."""
        return newer(self._recent.values(), revision)

    def history(self, chat: Chat, before: int | None) -> Iterator[Message]:
        """The chat's messages, newest first, those before position `before` when it is given."""
        end = len(chat.timeline)
        if before is not None:
            end = bisect_left(chat.timeline, before, key=lambda message: message.position)
        for index in range(end - 1, -1, -1):
            if not chat.timeline[index].deleted:
                yield chat.timeline[index]

    def remember_key(self, key: str, message: Message) -> None:
        """Binds an idempotency key to the message it produced."""
        self.idempotency[key] = message.id
        if len(self.idempotency) > _MAX_KEYS:
            self.idempotency.popitem(last=False)

    def _drop_message(self, message: Message) -> None:
        self.messages.pop(message.id, None)
        self._recent.pop(message.id, None)

    # Attachments

    def add_attachment(self, attachment: Attachment) -> None:
        """Remembers a declared file."""
        attachment.revision = self.next_revision()
        self.attachments[attachment.id] = attachment
        self._evict()

    def store_bytes(self, attachment: Attachment, data: bytes, *, ready_at: float) -> None:
        """Stores the bytes of a declared file; `ready_at` is a monotonic time in seconds."""
        self._attachment_bytes += len(data) - len(attachment.data or b"")
        attachment.data = data
        attachment.probe = None
        attachment.uploaded_at = now()
        attachment.ready_at = ready_at
        attachment.revision = self.next_revision()
        self.attachments.move_to_end(attachment.id)
        self._evict()

    def remove_attachment(self, attachment: Attachment) -> None:
        """Forgets a file for good."""
        if self.attachments.pop(attachment.id, None) is not None:
            self._attachment_bytes -= len(attachment.data or b"")
            attachment.data = None

    def detach(self, attachment: Attachment) -> None:
        """Takes the reference to a deleted file out of the messages; their parts stay."""
        for message in self.messages.values():
            for part in message.parts:
                if part.get("id") == attachment.id:
                    part["id"] = part["url"] = ""
                    self.mark_changed(message)

    def _evict(self) -> None:
        while (
            self._attachment_bytes > self._config.max_attachment_bytes
            or len(self.attachments) > _MAX_ATTACHMENTS
        ):
            self.remove_attachment(next(iter(self.attachments.values())))
            self.dropped_attachments += 1


def _stable_id(name: str) -> str:
    """A chat id that is the same for the same name in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox-chat:{name}"))
