"""Sending: the rules that stand before it, and what happens after a message was accepted."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections import deque

from app.sandbox.api.endpoint import Call
from app.sandbox.api.errors import ApiError
from app.sandbox.clock import now
from app.sandbox.records import Attachment, Chat, Message, Part
from app.sandbox.sandbox import Sandbox
from app.sandbox.webhooks.deliveries import Event
from app.sandbox.webhooks.events import failed_data, message_data


def check_sendable(call: Call, chat: Chat, *, override_optout: bool) -> None:
    """Raises ApiError when nothing may be sent to this chat at the moment.

    Groups are never blocked by one member's opt-out or block.
    """
    state = call.state
    if chat.left:
        raise ApiError(2013)
    if not chat.is_group:
        person = chat.others[0].address
        if person in state.blocked:
            raise ApiError(2026)
        if person in state.opted_out and not override_optout:
            raise ApiError(2024)
        if call.sandbox.config.inbound_first and person not in state.wrote_first:
            raise ApiError(2008)
    _check_rate(call, chat)


def accept_message(
    call: Call,
    chat: Chat,
    parts: list[Part],
    *,
    memo: Attachment | None = None,
    effect: dict[str, object] | None = None,
    reply_to: dict[str, object] | None = None,
    idempotency_key: str | None = None,
    preferred_service: str | None = None,
) -> Message:
    """Takes a message in, as Linq's 202 says, and starts it on its way."""
    sandbox = call.sandbox
    if call.state is not sandbox.state:
        raise ApiError(2001, "The sandbox was reset meanwhile")
    message = Message(
        id=str(uuid.uuid4()),
        chat_id=chat.id,
        direction="outbound",
        kind="message" if memo is None else "voice_memo",
        memo=memo,
        parts=parts,
        sender=chat.me,
        service=chat.service,
        delivery_status="pending",
        effect=effect,
        reply_to=reply_to,
        idempotency_key=idempotency_key,
        preferred_service=preferred_service,
        zero_retention=chat.zero_retention,
    )
    sandbox.state.add(chat, message)
    _count_towards_rate(sandbox, chat)
    if idempotency_key is not None:
        sandbox.state.remember_key(idempotency_key, message)
    sandbox.publish_message(chat, message)
    if chat.is_typing:
        chat.typing_until = 0.0
        sandbox.publish_typing(chat)
    failure = None
    if call.fault is not None and call.has_fault("fail"):
        failure = call.fault.code or 4001
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


async def _deliver(
    sandbox: Sandbox, chat: Chat, message: Message, trace_id: str, failure: int | None
) -> None:
    """Queued, sent, delivered, read: each with its event, as far as the service reports it."""
    config = sandbox.config
    message.delivery_status = "queued"
    await asyncio.sleep(config.sent_after)
    if failure is not None:
        message.delivery_status = "failed"
        _announce(sandbox, chat, message, "message.failed", trace_id, failure)
        return
    message.delivery_status, message.sent_at = "sent", now()
    _announce(sandbox, chat, message, "message.sent", trace_id)
    if chat.is_group or message.service == "SMS":
        return
    await asyncio.sleep(config.delivered_after)
    message.delivery_status, message.delivered_at = "delivered", now()
    _announce(sandbox, chat, message, "message.delivered", trace_id)
    if config.read_after is None:
        return
    await asyncio.sleep(config.read_after)
    message.delivery_status, message.read_at = "read", now()
    _announce(sandbox, chat, message, "message.read", trace_id)


def _announce(
    sandbox: Sandbox,
    chat: Chat,
    message: Message,
    event_type: str,
    trace_id: str,
    failure: int = 4001,
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
