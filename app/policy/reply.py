"""Whether an answer is given to messages that are ours to answer, and in which form.

Pure: all it knows of the chat is in `ChatContext`. Whether a message is ours at all was decided
when it came in (`decision.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.linq.events import InboundMessage
from app.policy.chat_context import ChatContext
from app.policy.pace import LoopRules, RateLimit, looks_like_a_loop
from app.policy.reasons import Reason
from app.policy.wording import message_text

CHAT_LIMIT_FACTOR = 3
"""A chat may have so many times the answers of one sender, because groups have several."""


@dataclass(frozen=True)
class Limits:
    """How much is enough."""

    sender: RateLimit
    chat: RateLimit
    loops: LoopRules = field(default_factory=LoopRules)

    @classmethod
    def per_sender(cls, limit: int, window_seconds: float) -> Limits:
        """limit: answers that one person gets in any `window_seconds`."""
        return cls(
            RateLimit(limit, window_seconds), RateLimit(limit * CHAT_LIMIT_FACTOR, window_seconds)
        )


@dataclass(frozen=True)
class Reply:
    """Answer these messages."""

    messages: tuple[InboundMessage, ...]


@dataclass(frozen=True)
class Notice:
    """Tell the person, once, why these messages are not answered."""

    messages: tuple[InboundMessage, ...]
    reason: Reason


@dataclass(frozen=True)
class Skip:
    """Say nothing."""

    reason: Reason


ReplyDecision = Reply | Notice | Skip


def decide_reply(
    messages: Sequence[InboundMessage], context: ChatContext, limits: Limits, now: datetime
) -> ReplyDecision:
    """What to do with the messages of one answer at `now` (aware). `messages` is not empty."""
    wanted = tuple(one for one in messages if one.message_id not in context.stopped)
    if not wanted:
        return Skip(min(context.stopped.values()))
    if context.silent_until and context.silent_until > now:
        return Skip(Reason.HAND_OVER)
    if is_loop(wanted, context, limits, now):
        return Skip(Reason.LOOP)
    verdicts = {
        limits.chat.verdict(context.answered_in_chat, now, last_notice=context.last_notice),
        limits.sender.verdict(context.answered_to_sender, now, last_notice=context.last_notice),
    }
    if "silent" in verdicts:
        return Skip(Reason.LIMITED)
    if "notice" in verdicts:
        return Notice(wanted, Reason.LIMITED)
    return Reply(wanted)


def is_loop(
    messages: Sequence[InboundMessage], context: ChatContext, limits: Limits, now: datetime
) -> bool:
    """Whether this looks like another bot that answers our answers.

    Asked again once voice memos have been transcribed, because only then their words are known.
    """
    text = "\n".join(filter(None, map(message_text, messages)))
    at = messages[-1].sent_at or now.astimezone(UTC)
    return looks_like_a_loop(text, at, context.exchanges, limits.loops)
