"""Sending: the rules that stand before it, and what happens after a message was accepted."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import is_phone_number
from app.sandbox.clock import now
from app.sandbox.records import Attachment, Author, Chat, Message, Part, Service
from app.sandbox.sandbox import Sandbox
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import failed_data, message_data

_DELIVERY_FAILED = 4001


@dataclass(frozen=True)
class Content:
    """What is to be sent. `audio` is the file of a voice memo."""

    parts: list[Part]
    effect: dict[str, Any] | None = None
    reply_to: dict[str, Any] | None = None
    idempotency_key: str | None = None
    preferred_service: Service | None = None
    audio: Attachment | None = None


def check_sendable(call: Call, chat: Chat, *, override_optout: bool) -> None:
    """Raises ApiError when nothing may be sent to this chat at the moment.

    Groups are never blocked by one member's opt-out or block.
    """
    state = call.state
    check_member(chat)
    if not chat.is_group:
        person = chat.others[0].address
        if person.lower() in state.blocked:
            raise ApiError(2026)
        if person in state.opted_out and not override_optout:
            raise ApiError(2024)
        if call.sandbox.config.inbound_first and person not in state.wrote_first:
            raise ApiError(2008)
    _check_rate(call, chat)


def check_member(chat: Chat) -> None:
    """Raises ApiError 409/2013 when the line has left the chat."""
    if chat.left:
        raise ApiError(2013)


def accept_message(call: Call, chat: Chat, content: Content, author: Author = "api") -> Message:
    """Takes a message in, as Linq's 202 says, and starts it on its way."""
    sandbox = call.sandbox
    if call.state is not sandbox.state:
        raise ApiError(2001, "The sandbox was reset meanwhile")
    service, failure = _service(chat, content.preferred_service)
    # Outside iMessage there are no voice memos: the audio arrives as a file.
    is_voice_memo = content.audio is not None and service == "iMessage"
    message = Message(
        id=str(uuid.uuid4()),
        chat_id=chat.id,
        direction="outbound",
        kind="voice_memo" if is_voice_memo else "message",
        memo=content.audio,
        parts=content.parts,
        sender=chat.me,
        service=service,
        delivery_status="pending",
        effect=content.effect,
        reply_to=content.reply_to,
        idempotency_key=content.idempotency_key,
        preferred_service=content.preferred_service,
        zero_retention=chat.zero_retention,
        author=author,
    )
    sandbox.state.add(chat, message)
    _count_towards_rate(sandbox, chat)
    if content.idempotency_key is not None:
        sandbox.state.remember_key(content.idempotency_key, message)
    sandbox.publish_message(chat, message)
    if chat.is_typing:
        chat.typing_until = 0.0
        sandbox.publish_typing(chat)
    if call.fault is not None and call.has_fault("fail"):
        failure = call.fault.code or _DELIVERY_FAILED
    sandbox.spawn(_deliver(sandbox, chat, message, call.trace_id, failure))
    return message


def message_for_key(call: Call, key: str | None) -> Message | None:
    """The message that this idempotency key has already produced; nothing is sent again.

    Raises ApiError 404/2002 when that message has been deleted since.
    """
    if key is None or key not in call.state.idempotency:
        return None
    message = call.state.messages.get(call.state.idempotency[key])
    if message is None or message.deleted:
        raise ApiError(2002, "The message of this idempotency key is gone")
    return message


def _service(chat: Chat, preferred: Service | None) -> tuple[Service, int | None]:
    """The service a message takes, and the code with which it fails there, if it does.

    iMessage has no fallback; RCS and SMS behave alike: RCS where there is RCS, else SMS.
    """
    if preferred is None or preferred == chat.service:
        return chat.service, None
    if preferred == "iMessage":
        return "iMessage", _DELIVERY_FAILED
    if chat.service != "iMessage":
        return chat.service, None
    by_phone = all(is_phone_number(handle.address) for handle in chat.others)
    return "RCS", None if by_phone else _DELIVERY_FAILED


async def _deliver(
    sandbox: Sandbox, chat: Chat, message: Message, trace_id: str, failure: int | None
) -> None:
    """Queued, sent, delivered, read: each with its event, as far as the service reports it."""
    config = sandbox.config
    message.delivery_status = "queued"
    await asyncio.sleep(config.sent_after)
    if failure is not None:
        message.delivery_status = "failed"
        _emit_status(sandbox, chat, message, "message.failed", trace_id, failure)
        return
    message.delivery_status, message.sent_at = "sent", now()
    _emit_status(sandbox, chat, message, "message.sent", trace_id)
    if chat.is_group or message.service == "SMS":
        return
    await asyncio.sleep(config.delivered_after)
    message.delivery_status, message.delivered_at = "delivered", now()
    _emit_status(sandbox, chat, message, "message.delivered", trace_id)
    if config.read_after is None:
        return
    await asyncio.sleep(config.read_after)
    message.delivery_status, message.read_at = "read", now()
    _emit_status(sandbox, chat, message, "message.read", trace_id)


def _emit_status(
    sandbox: Sandbox,
    chat: Chat,
    message: Message,
    event_type: str,
    trace_id: str,
    failure: int = _DELIVERY_FAILED,
) -> None:
    sandbox.state.mark_changed(message)
    sandbox.publish_status(message)
    data = (
        failed_data(chat, message, failure)
        if event_type == "message.failed"
        else message_data(event_type, chat, message)
    )
    sandbox.courier.emit(Event(event_type, data, trace_id, chat.me.address, chat.id, message.id))


def _check_rate(call: Call, chat: Chat) -> None:
    """At most `rate_limit` messages per `rate_window` from one line to one person."""
    config = call.sandbox.config
    if config.rate_limit is None:
        return
    moment = time.monotonic()
    for handle in chat.others:
        times = call.state.sends.get((chat.me.address, handle.address), deque())
        while times and times[0] <= moment - config.rate_window:
            times.popleft()
        if len(times) >= config.rate_limit:
            oldest = times[-config.rate_limit]
            wait = math.ceil(oldest + config.rate_window - moment)
            raise ApiError(1007, retry_after=max(1, wait))


def _count_towards_rate(sandbox: Sandbox, chat: Chat) -> None:
    if sandbox.config.rate_limit is None:
        return
    for handle in chat.others:
        pair = (chat.me.address, handle.address)
        sandbox.state.sends.setdefault(pair, deque()).append(time.monotonic())
