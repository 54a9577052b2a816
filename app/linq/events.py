"""Webhook events as values: both payload versions of Linq become one shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PartKind = Literal["text", "audio", "media", "link", "other"]
UpdateKind = Literal["sent", "delivered", "read", "failed"]


class MalformedEvent(Exception):
    """A verified webhook that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True)
class Part:
    """One part of an inbound message; what Linq did not tell is left at its default."""

    kind: PartKind
    """`audio` is any part that holds a voice memo or another sound file."""
    text: str = ""
    """The words of a text part, the address of a link part."""
    mentions_us: bool = False
    """Whether our own line is mentioned in it (iMessage only)."""
    attachment_id: str | None = None
    url: str | None = None
    """Where the file lay when the event was sent; it may have expired since."""
    mime_type: str | None = None
    """Lower case, without parameters. The file may be of another type."""
    filename: str | None = None
    size_bytes: int | None = None
    """As announced; the file may be longer."""
    language: str | None = None
    """BCP 47, in which a voice memo was heard to be spoken."""


@dataclass(frozen=True)
class InboundMessage:
    """A `message.received` event, whatever its payload version."""

    event_id: str
    """The same each time that Linq delivers it again; "" if the event has none."""
    message_id: str
    chat_id: str
    sender: str
    """Handle of the person who wrote: E.164 number or e-mail address; "" if the event has none."""
    parts: tuple[Part, ...]
    """In the order of the message."""
    direction: Literal["inbound", "outbound"] = "inbound"
    sender_is_us: bool = False
    """Our own line wrote it, as an echo of what the bot or a person sent from it."""
    own_handle: str | None = None
    """Our line in this chat."""
    is_group: bool = False
    service: str = "iMessage"
    """iMessage, RCS or SMS; of this message, not of the chat."""
    sent_at: datetime | None = None
    """When it was sent, timezone-aware UTC; else when its event was made, None if neither is told.
    Not later than the event and our clock, within what clocks may differ."""
    reconciled: bool = False
    """Recovered late by Linq (`reconciled_at` is present): history, not to be answered."""
    zero_retention: bool = False
    """Linq keeps nothing of it, so the chat's history cannot tell what was sent."""
    reply_to: str | None = None
    """Id of the message that it replies to."""
    subscription_version: str = ""
    """Payload version, such as 2026-02-03."""
    trace_id: str | None = None
    """For Linq's support."""

    @property
    def text(self) -> str:
        """All text and link parts, one a line."""
        return "\n".join(p.text for p in self.parts if p.kind in ("text", "link") and p.text)

    @property
    def audio(self) -> tuple[Part, ...]:
        return tuple(p for p in self.parts if p.kind == "audio")

    @property
    def mentions_us(self) -> bool:
        return any(p.mentions_us for p in self.parts)


@dataclass(frozen=True)
class DeliveryUpdate:
    """A `message.sent`, `.delivered`, `.read` or `.failed` event about a message from our line."""

    event_id: str
    kind: UpdateKind
    message_id: str
    chat_id: str
    at: datetime | None = None
    attachment_ids: tuple[str, ...] = ()
    """Of the message's media parts, so that a memo of uncertain fate is recognised."""
    filenames: tuple[str, ...] = ()
    """Of the same parts, by which a memo that Linq fetched from us is recognised."""
    text: str = ""
    """Its words, where it has any: of ours, and of whoever else writes from the line."""
    is_audio: bool = False
    """Whether there is nothing but sound in it."""
    idempotency_key: str | None = None
    """Given by whoever sent it; a memo has none."""
    code: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class OtherEvent:
    """Any event that asks nothing of the bot; acknowledged and counted by its type."""

    event_id: str
    event_type: str


@dataclass(frozen=True)
class EditedMessage:
    """A `message.edited` event: the message is known already and is not answered again."""

    event_id: str
    message_id: str
    chat_id: str
    text: str = ""
    sender_is_us: bool = field(default=False)


@dataclass(frozen=True)
class TypingEvent:
    """A `chat.typing_indicator.started` or `.stopped` event about somebody who writes to us."""

    event_id: str
    chat_id: str
    is_typing: bool


@dataclass(frozen=True)
class ReactionEvent:
    """A `reaction.added` or `.removed` event: what a person thinks of a message, by tapback."""

    event_id: str
    chat_id: str
    message_id: str
    """The message that is reacted to."""
    kind: str
    """love, like, dislike, laugh, emphasize, question, custom or sticker."""
    is_added: bool


Event = InboundMessage | DeliveryUpdate | EditedMessage | TypingEvent | ReactionEvent | OtherEvent


def normal_handle(handle: str) -> str:
    """A handle in the form in which handles are compared: E.164 without punctuation, or e-mail.

    An asterisk is kept, because lists of handles use it as a wildcard.
    """
    handle = handle.strip().casefold().removeprefix("tel:").removeprefix("mailto:")
    if any(char.isalpha() or char == "@" for char in handle):
        return handle
    return "".join(char for char in handle if char in "+*0123456789")
