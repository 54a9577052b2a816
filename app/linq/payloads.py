"""Reads the JSON of a webhook into an `Event`: lenient where Linq may change, strict on identity.

Both payload versions are read by the same code, field by field: 2026-02-03 keeps a message at the
top of `data`, 2025-01-01 in `data.message`; what one version lacks is looked for where the other
has it.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from app.linq.events import (
    DeliveryUpdate,
    EditedMessage,
    Event,
    InboundMessage,
    MalformedEvent,
    OtherEvent,
    Part,
    UpdateKind,
    normal_handle,
)
from app.linq.ids import is_id
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

Object = Mapping[str, Any]


def parse_event(body: bytes, *, now: datetime | None = None) -> Event:
    """Read one webhook body, which must be verified already.

    now: our clock, timezone-aware; the system's by default.
    Raises: MalformedEvent when it is longer than MAX_BODY_BYTES, is no JSON object, has no
    `event_type`, or is a received message without the ids that tell it from others.
    """
    envelope = _envelope(body)
    event_type = _text(envelope.get("event_type"), 128)
    if not event_type:
        raise MalformedEvent("no event_type")
    data = _object(envelope.get("data"))
    event: Event | None = None
    if event_type == "message.received":
        event = _inbound(envelope, data, now or datetime.now(UTC))
    elif event_type == "message.edited":
        event = _edited(envelope, data)
    elif event_type in _UPDATES:
        event = _update(_UPDATES[event_type], envelope, data)
    return event or OtherEvent(_text(envelope.get("event_id"), 128), event_type)


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
    message_id, chat_id = _id(message.get("id")), _chat_id(data)
    if not message_id:
        raise MalformedEvent("message.received without a usable message id")
    if not chat_id:
        raise MalformedEvent("message.received without a usable chat id")
    chat = _object(data.get("chat"))
    direction = _direction(data)
    sender = _handle(data.get("sender_handle"), data.get("from_handle"), data.get("from"))
    own = _own_handle(data, direction)
    return InboundMessage(
        event_id=_text(envelope.get("event_id"), 128),
        message_id=message_id,
        chat_id=chat_id,
        sender=sender,
        parts=tuple(_parts(message.get("parts"), own)),
        direction=direction,
        sender_is_us=_is_me(data) or (sender != "" and sender == own),
        own_handle=own or None,
        is_group=_flag(chat.get("is_group")) or _flag(data.get("is_group")),
        service=_text(data.get("service"), 32) or "iMessage",
        sent_at=_sent_at(envelope, data, message, now),
        reconciled=any(_has(holder, "reconciled_at") for holder in (data, message)),
        zero_retention=any(_flag(holder.get("zero_retention")) for holder in (data, message)),
        reply_to=_id(_object(message.get("reply_to")).get("message_id")) or None,
        subscription_version=_text(envelope.get("webhook_version"), 32),
        trace_id=_text(envelope.get("trace_id"), 128) or None,
    )


def _sent_at(envelope: Object, data: Object, message: Object, now: datetime) -> datetime | None:
    """When a message was sent; else when its event was made. Never later than that, or than now.

    A time far ahead would make a STOP outlast everything that is written after it, and put the
    message behind all later ones. What two clocks may differ by is left as it is.
    """
    created = _time(envelope.get("created_at"))
    latest = now if created is None or created > now + _CLOCKS_APART else created
    sent = _time(message.get("sent_at")) or _time(data.get("received_at")) or created
    return latest if sent is not None and sent > latest + _CLOCKS_APART else sent


def _edited(envelope: Object, data: Object) -> EditedMessage | None:
    message_id, chat_id = _id(_message(data).get("id")), _chat_id(data)
    if not (message_id and chat_id):
        return None
    return EditedMessage(
        event_id=_text(envelope.get("event_id"), 128),
        message_id=message_id,
        chat_id=chat_id,
        text=_text(_object(data.get("part")).get("text"), MAX_TEXT),
        sender_is_us=_direction(data) == "outbound",
    )


def _update(kind: UpdateKind, envelope: Object, data: Object) -> DeliveryUpdate | None:
    """An update of one of our messages; None if it does not say which, or is not about ours."""
    message = _message(data)
    message_id = _id(data.get("message_id")) or _id(message.get("id"))
    if not message_id or data.get("direction") == "inbound" or data.get("is_from_me") is False:
        return None
    at = _time(message.get(f"{kind}_at")) or _time(data.get(f"{kind}_at"))
    parts = tuple(_parts(message.get("parts"), ""))
    return DeliveryUpdate(
        event_id=_text(envelope.get("event_id"), 128),
        kind=kind,
        message_id=message_id,
        chat_id=_chat_id(data),
        at=at or _time(envelope.get("created_at")),
        attachment_ids=tuple(part.attachment_id for part in parts if part.attachment_id),
        filenames=tuple(part.filename for part in parts if part.filename),
        code=_whole(data.get("code"), 99_999),
        reason=_text(data.get("reason"), 500) or None,
    )


def _message(data: Object) -> Object:
    """Where the message itself is: `data.message` in version 2025-01-01, else `data`."""
    inner = data.get("message")
    return inner if isinstance(inner, dict) else data


def _chat_id(data: Object) -> str:
    return _id(_object(data.get("chat")).get("id")) or _id(data.get("chat_id"))


def _direction(data: Object) -> Literal["inbound", "outbound"]:
    said = data.get("direction")
    if said == "outbound" or (said is None and _flag(data.get("is_from_me"))):
        return "outbound"
    return "outbound" if said is None and _is_me(data) else "inbound"


def _is_me(data: Object) -> bool:
    return any(
        _flag(_object(data.get(name)).get("is_me")) for name in ("sender_handle", "from_handle")
    )


def _own_handle(data: Object, direction: str) -> str:
    """Our line in this chat. Version 2025-01-01 names it as recipient, or as sender of our own."""
    owner = _handle(_object(data.get("chat")).get("owner_handle"))
    if owner:
        return owner
    if direction == "outbound":
        return _handle(data.get("from_handle"), data.get("from"))
    return _handle(data.get("recipient_handle"), data.get("recipient_phone"))


def _handle(*candidates: object) -> str:
    """The first of several handles that is there: an object with `handle`, or the bare text."""
    for candidate in candidates:
        value = candidate.get("handle") if isinstance(candidate, dict) else candidate
        if handle := normal_handle(_text(value, 320)):
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
    kind = _text(item.get("type"), 64)
    if kind == "text":
        text = _text(item.get("value"), most)
        return Part("text", text=text, mentions_us=_mentions(item, own))
    if kind == "link":
        return Part("link", text=_text(item.get("value"), min(most, _MAX_FIELD)))
    if kind not in ("media", "voice_memo"):
        return Part("other")
    mime_type = _text(item.get("mime_type"), 128).partition(";")[0].strip().lower()
    filename, url = _text(item.get("filename"), 255), _text(item.get("url"), _MAX_FIELD)
    return Part(
        "audio" if kind == "voice_memo" or _is_audio(mime_type, filename, url) else "media",
        attachment_id=_id(item.get("id")) or _id(item.get("attachment_id")) or None,
        url=url or None,
        mime_type=mime_type or None,
        filename=filename or None,
        size_bytes=_whole(item.get("size_bytes", item.get("size")), 2**53),
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
            _flag(mention.get("is_me")) or (own != "" and _handle(mention) == own)
        ):
            return True
    return own != "" and _handle(item.get("mention")) == own


def _time(value: object) -> datetime | None:
    """RFC 3339, up to nanoseconds; without an offset it is taken as UTC. None if it is no time."""
    if not isinstance(value, str) or not value[:4].isdigit() or len(value) > 64:
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _has(holder: Object, name: str) -> bool:
    return holder.get(name) not in (None, "", False)


def _flag(value: object) -> bool:
    return value is True


def _whole(value: object, highest: int) -> int | None:
    """A whole number from 0 to `highest`."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= highest
    return value if isinstance(value, int) and fits else None


def _id(value: Any) -> str:
    return value if is_id(value) else ""


def _text(value: object, limit: int) -> str:
    """A string of at most `limit` characters, without NUL and lone surrogates, which no
    database takes."""
    if not isinstance(value, str):
        return ""
    text = value[:limit].replace("\0", "")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
