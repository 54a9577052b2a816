"""What the sandbox stores: chats, messages, attachments, probes of audio, subscriptions."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.sandbox.clock import now

Service = Literal["iMessage", "SMS", "RCS"]
Direction = Literal["inbound", "outbound"]
Author = Literal["person", "api", "colleague"]
Part = dict[str, Any]

TYPING_SECONDS = 88.0  # Linq shows an indicator for 85 to 90 seconds.


@dataclass
class Handle:
    """A person, or the own line, in one chat."""

    id: str
    address: str
    service: Service
    is_me: bool
    joined_at: datetime = field(default_factory=now)
    left_at: datetime | None = None
    status: Literal["active", "left", "removed"] = "active"


@dataclass
class Chat:
    """One conversation. `timeline` is ordered by `Message.position` and holds the newest last."""

    id: str
    name: str
    handles: list[Handle]
    is_group: bool
    service: Service
    display_name: str | None = None
    icon_url: str | None = None
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    health: str = "HEALTHY"
    health_updated_at: datetime = field(default_factory=now)
    left: bool = False
    zero_retention: bool = False
    typing_until: float = 0.0
    typing_people: set[str] = field(default_factory=set)
    last_read_at: datetime | None = None
    contact_card_at: float | None = None
    inbound_count: int = 0
    outbound_count: int = 0
    acknowledged_count: int = 0
    next_position: int = 1
    dropped_messages: int = 0
    timeline: list[Message] = field(default_factory=list, repr=False)

    @property
    def me(self) -> Handle:
        """The own line in this chat."""
        return next(handle for handle in self.handles if handle.is_me)

    @property
    def others(self) -> list[Handle]:
        """Everybody in the chat but the own line."""
        return [handle for handle in self.participants if not handle.is_me]

    @property
    def participants(self) -> list[Handle]:
        """Everybody in the chat; `handles` also has those who left or were removed."""
        return [handle for handle in self.handles if handle.status == "active"]

    @property
    def is_typing(self) -> bool:
        """Whether the bot's typing indicator shows at this moment."""
        return time.monotonic() < self.typing_until


@dataclass
class Message:
    """One message, in or out. The counters let an audit find lost, doubled and disordered answers.

    `number` counts all messages, `position` those of the chat, `inbound_number` its inbound ones.
    `acknowledged_number` is the rank in which the chat's `message.received` events got their first
    2xx; `accepted_number` counts a chat's accepted sends, `accepted_overall` all of them.
    `revision` rises with every change anywhere.
    `author` is who wrote it: a `colleague` writes on the line past the API, for instance in Linq's
    inbox pages, and is not counted.
    """

    id: str
    chat_id: str
    direction: Direction
    kind: Literal["message", "voice_memo"]
    parts: list[Part]
    sender: Handle
    service: Service
    delivery_status: str
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    reconciled_at: datetime | None = None
    effect: dict[str, Any] | None = None
    reply_to: dict[str, Any] | None = None
    idempotency_key: str | None = None
    preferred_service: str | None = None
    zero_retention: bool = False
    memo: Attachment | None = field(default=None, repr=False)
    author: Author = "person"
    deleted: bool = False
    edits: int = 0
    inbound_number: int | None = None
    acknowledged_number: int | None = None
    accepted_number: int | None = None
    accepted_overall: int | None = None
    number: int = 0
    position: int = 0
    revision: int = 0


@dataclass(frozen=True)
class Probe:
    """What a decoder found in an audio file.

    `duration` in seconds, `sample_rate` in Hz, `bit_rate` in bit/s, `peak` 0..1 of full scale;
    `waveform` holds the peaks of equal slices of time, 0..1.
    """

    container: str
    codec: str
    profile: str | None
    duration: float
    sample_rate: int
    channels: int
    bit_rate: int
    peak: float
    silent: bool
    waveform: tuple[float, ...]


@dataclass
class Attachment:
    """A file, declared first and uploaded later. `ready_at` is a monotonic time in seconds."""

    id: str
    filename: str
    content_type: str
    size_bytes: int
    url: str
    created_at: datetime = field(default_factory=now)
    data: bytes | None = None
    uploaded_at: datetime | None = None
    ready_at: float | None = None
    probe: Probe | None = None
    revision: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether the bytes are there and may be sent."""
        return self.ready_at is not None and time.monotonic() >= self.ready_at


@dataclass
class Subscription:
    """A webhook subscription. `built_in` marks the one that points at the configured bot."""

    id: str
    target_url: str
    signing_secret: str = field(repr=False)
    events: tuple[str, ...]
    phone_numbers: tuple[str, ...] | None = None
    routing_id_header: str | None = None
    routing_key_header: str | None = None
    is_active: bool = True
    built_in: bool = False
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    routing_keys: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass
class ContactCard:
    """The name and photo that a line shares with people."""

    phone_number: str
    first_name: str
    last_name: str | None = None
    image_url: str | None = None
