"""Reads the JSON of a webhook into an `Event`: lenient where Linq may change, strict on identity.

Both payload versions are read by the same code, field by field: 2026-02-03 keeps a message at the
top of `data`, 2025-01-01 in `data.message`; what one version lacks is looked for where the other
has it.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from app.linq.events import (
    DeliveryUpdate,
    EditedMessage,
    Event,
    InboundMessage,
    MalformedEvent,
    OtherEvent,
    Part,
    ReactionEvent,
    TypingEvent,
    UpdateKind,
    normal_handle,
)
from app.linq.fields import Object, as_flag, as_id, as_object, as_text, as_time, as_whole, has
from app.linq.signatures import TOLERANCE_SECONDS

MAX_BODY_BYTES = 8_000_000
"""Longest webhook body that is taken: the longest that Linq can send, which is not sent again after
a refusal. 100 parts of 10 000 UTF-16 code units, each written as `\\uXXXX` (6 bytes), are
6 000 000 bytes; 20 000 bytes a part are left for decorations, mentions and the envelope."""
MAX_PARTS = 100
"""Linq allows a message 100 parts; more are cut off."""
MAX_TEXT = 20_000
"""Characters kept of a whole message, text and links together: two parts as long as Linq allows.
What is longer loses its end here, so that all later work on the text is bounded."""

_MAX_FIELD = 2048
_CLOCKS_APART = timedelta(seconds=TOLERANCE_SECONDS)
_AUDIO_EXTENSIONS = frozenset(
    {".m4a", ".caf", ".mp3", ".wav", ".aac", ".amr", ".awb", ".aif", ".aiff"}
    | {".ogg", ".oga", ".opus", ".flac", ".weba"}
)
_UPDATES: dict[str, UpdateKind] = {
    "message.sent": "sent",
    "message.delivered": "delivered",
    "message.read": "read",
    "message.failed": "failed",
}


_REACTIONS = {"reaction.added": True, "reaction.removed": False}
_TYPING = {"chat.typing_indicator.started": True, "chat.typing_indicator.stopped": False}


def parse_event(body: bytes, *, now: datetime | None = None) -> Event:
    """Read one webhook body, which must be verified already.

    now: our clock, timezone-aware; the system's by default.
    Raises: MalformedEvent when it is longer than MAX_BODY_BYTES, is no JSON object, has no
    `event_type`, or is a received message without the ids that tell it from others.
    """
    envelope = _envelope(body)
    event_type = as_text(envelope.get("event_type"), 128)
    if not event_type:
        raise MalformedEvent("no event_type")
    data = as_object(envelope.get("data"))
    event: Event | None = None
    if event_type == "message.received":
        event = _inbound(envelope, data, now or datetime.now(UTC))
    elif event_type == "message.edited":
        event = _edited(envelope, data)
    elif event_type in _TYPING:
        event = _typing(_TYPING[event_type], envelope, data)
    elif event_type in _REACTIONS:
        event = _reaction(_REACTIONS[event_type], envelope, data)
    elif event_type in _UPDATES:
        event = _update(_UPDATES[event_type], envelope, data)
    return event or OtherEvent(as_text(envelope.get("event_id"), 128), event_type)


def _envelope(body: bytes) -> Object:
    if len(body) > MAX_BODY_BYTES:
        raise MalformedEvent("too long")
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MalformedEvent("not UTF-8") from None
    except RecursionError:
        raise MalformedEvent("nested too deep") from None
    except ValueError:
        raise MalformedEvent("not JSON") from None
    if not isinstance(value, dict):
        raise MalformedEvent("not a JSON object")
    return value


def _inbound(envelope: Object, data: Object, now: datetime) -> InboundMessage:
    message = _message(data)
    message_id, chat_id = as_id(message.get("id")), _chat_id(data)
    if not message_id:
        raise MalformedEvent("message.received without a usable message id")
    if not chat_id:
        raise MalformedEvent("message.received without a usable chat id")
    chat = as_object(data.get("chat"))
    direction = _direction(data)
    sender = _handle(data.get("sender_handle"), data.get("from_handle"), data.get("from"))
    own = _own_handle(data, direction)
    return InboundMessage(
        event_id=as_text(envelope.get("event_id"), 128),
        message_id=message_id,
        chat_id=chat_id,
        sender=sender,
        parts=tuple(_parts(message.get("parts"), own)),
        direction=direction,
        sender_is_us=_is_me(data) or (sender != "" and sender == own),
        own_handle=own or None,
        is_group=as_flag(chat.get("is_group")) or as_flag(data.get("is_group")),
        service=as_text(data.get("service"), 32) or "iMessage",
        sent_at=_sent_at(envelope, data, message, now),
        reconciled=any(has(holder, "reconciled_at") for holder in (data, message)),
        zero_retention=any(as_flag(holder.get("zero_retention")) for holder in (data, message)),
        reply_to=as_id(as_object(message.get("reply_to")).get("message_id")) or None,
        subscription_version=as_text(envelope.get("webhook_version"), 32),
        trace_id=as_text(envelope.get("trace_id"), 128) or None,
    )


def _sent_at(envelope: Object, data: Object, message: Object, now: datetime) -> datetime | None:
    """When a message was sent; else when its event was made. Never later than that, or than now.

    A time far ahead would make a STOP outlast everything that is written after it, and put the
    message behind all later ones. What two clocks may differ by is left as it is.
    """
    created = as_time(envelope.get("created_at"))
    latest = now if created is None or created > now + _CLOCKS_APART else created
    sent = as_time(message.get("sent_at")) or as_time(data.get("received_at")) or created
    return latest if sent is not None and sent > latest + _CLOCKS_APART else sent


def _edited(envelope: Object, data: Object) -> EditedMessage | None:
    message_id, chat_id = as_id(_message(data).get("id")), _chat_id(data)
    if not (message_id and chat_id):
        return None
    return EditedMessage(
        event_id=as_text(envelope.get("event_id"), 128),
        message_id=message_id,
        chat_id=chat_id,
        text=as_text(as_object(data.get("part")).get("text"), MAX_TEXT),
        sender_is_us=_direction(data) == "outbound",
    )


def _typing(is_typing: bool, envelope: Object, data: Object) -> TypingEvent | None:
    """None where it is not told who types: it may be the bot itself."""
    chat_id, actor = _chat_id(data), data.get("actor_handle")
    if not chat_id or not _handle(actor) or as_flag(as_object(actor).get("is_me")):
        return None
    return TypingEvent(as_text(envelope.get("event_id"), 128), chat_id, is_typing)


def _reaction(is_added: bool, envelope: Object, data: Object) -> ReactionEvent | None:
    """None where it does not say to what, or is our own."""
    message_id = as_id(data.get("message_id"))
    if not message_id or as_flag(data.get("is_from_me")) or _is_me(data):
        return None
    return ReactionEvent(
        event_id=as_text(envelope.get("event_id"), 128),
        chat_id=_chat_id(data),
        message_id=message_id,
        kind=as_text(data.get("reaction_type"), 32),
        is_added=is_added,
    )


def _update(kind: UpdateKind, envelope: Object, data: Object) -> DeliveryUpdate | None:
    """An update of a message from our line; None if it does not say which, or is not from us."""
    message = _message(data)
    message_id = as_id(data.get("message_id")) or as_id(message.get("id"))
    if not message_id or data.get("direction") == "inbound" or data.get("is_from_me") is False:
        return None
    at = as_time(message.get(f"{kind}_at")) or as_time(data.get(f"{kind}_at"))
    parts = tuple(_parts(message.get("parts"), ""))
    return DeliveryUpdate(
        event_id=as_text(envelope.get("event_id"), 128),
        kind=kind,
        message_id=message_id,
        chat_id=_chat_id(data),
        at=at or as_time(envelope.get("created_at")),
        attachment_ids=tuple(part.attachment_id for part in parts if part.attachment_id),
        filenames=tuple(part.filename for part in parts if part.filename),
        text="\n".join(part.text for part in parts if part.text),
        is_audio=bool(parts) and all(part.kind == "audio" for part in parts),
        idempotency_key=as_text(data.get("idempotency_key"), 255) or None,
        code=as_whole(data.get("code"), 99_999),
        reason=as_text(data.get("reason"), 500) or None,
    )


def _message(data: Object) -> Object:
    """Where the message itself is: `data.message` in version 2025-01-01, else `data`."""
    inner = data.get("message")
    return inner if isinstance(inner, dict) else data


def _chat_id(data: Object) -> str:
    return as_id(as_object(data.get("chat")).get("id")) or as_id(data.get("chat_id"))


def _direction(data: Object) -> Literal["inbound", "outbound"]:
    said = data.get("direction")
    if said == "outbound" or (said is None and as_flag(data.get("is_from_me"))):
        return "outbound"
    return "outbound" if said is None and _is_me(data) else "inbound"


def _is_me(data: Object) -> bool:
    return any(
        as_flag(as_object(data.get(name)).get("is_me")) for name in ("sender_handle", "from_handle")
    )


def _own_handle(data: Object, direction: str) -> str:
    """Our line in this chat. Version 2025-01-01 names it as recipient, or as sender of our own."""
    owner = _handle(as_object(data.get("chat")).get("owner_handle"))
    if owner:
        return owner
    if direction == "outbound":
        return _handle(data.get("from_handle"), data.get("from"))
    return _handle(data.get("recipient_handle"), data.get("recipient_phone"))


def _handle(*candidates: object) -> str:
    """The first of several handles that is there: an object with `handle`, or the bare text."""
    for candidate in candidates:
        value = candidate.get("handle") if isinstance(candidate, dict) else candidate
        if handle := normal_handle(as_text(value, 320)):
            return handle
    return ""


def _parts(value: object, own: str) -> Iterator[Part]:
    if not isinstance(value, list):
        return
    left = MAX_TEXT
    for item in value[:MAX_PARTS]:
        if isinstance(item, dict):
            part = _part(item, own, left)
            left -= len(part.text)
            yield part


def _part(item: Object, own: str, most: int) -> Part:
    """most: characters of text that are kept."""
    kind = as_text(item.get("type"), 64)
    if kind == "text":
        text = as_text(item.get("value"), most)
        return Part("text", text=text, mentions_us=_mentions(item, own))
    if kind == "link":
        return Part("link", text=as_text(item.get("value"), min(most, _MAX_FIELD)))
    if kind not in ("media", "voice_memo"):
        return Part("other")
    mime_type = as_text(item.get("mime_type"), 128).partition(";")[0].strip().lower()
    filename, url = as_text(item.get("filename"), 255), as_text(item.get("url"), _MAX_FIELD)
    return Part(
        "audio" if kind == "voice_memo" or _is_audio(mime_type, filename, url) else "media",
        attachment_id=as_id(item.get("id")) or as_id(item.get("attachment_id")) or None,
        url=url or None,
        mime_type=mime_type or None,
        filename=filename or None,
        size_bytes=as_whole(item.get("size_bytes", item.get("size")), 2**53),
    )


def _is_audio(mime_type: str, filename: str, url: str) -> bool:
    """By type; by file extension where the type is missing or says nothing."""
    family, slash, _ = mime_type.partition("/")
    if slash and family in ("audio", "image", "video", "text"):
        return family == "audio"
    try:
        path = filename or urlsplit(url).path
    except ValueError:
        return False
    return posixpath.splitext(path)[1].lower() in _AUDIO_EXTENSIONS


def _mentions(item: Object, own: str) -> bool:
    """Whether our line is mentioned: by `is_me`, else by its handle (also the deprecated field)."""
    mentions = item.get("mentions")
    for mention in mentions[:MAX_PARTS] if isinstance(mentions, list) else ():
        if isinstance(mention, dict) and (
            as_flag(mention.get("is_me")) or (own != "" and _handle(mention) == own)
        ):
            return True
    return own != "" and _handle(item.get("mention")) == own
