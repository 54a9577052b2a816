"""Whether a message is ours to answer: pure rules over the message, the settings and the clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.linq.events import InboundMessage, normal_handle
from app.policy.reasons import Reason
from app.policy.requests_to_stop import asks_to_stop
from app.policy.wording import begins_with_name, contains_name, visible
from app.settings import Settings


@dataclass(frozen=True)
class PolicyRules:
    """What the deployer has set about whom to answer."""

    groups: Literal["mention", "always", "never"] = "mention"
    name: str | None = None
    """By which the bot is addressed in a group where mentions do not exist."""
    allow: tuple[str, ...] = ()
    """Handles to answer, `*` for any characters; empty allows everybody."""
    block: tuple[str, ...] = ()
    """Handles never to answer; wins over `allow`."""
    max_age_seconds: float = 3600.0
    own_handles: tuple[str, ...] = ()
    """Our own lines, as far as they are known."""

    @classmethod
    def from_settings(cls, settings: Settings, own_handles: Iterable[str] = ()) -> PolicyRules:
        return cls(
            groups=settings.groups,
            name=settings.name,
            allow=settings.allow,
            block=settings.block,
            max_age_seconds=settings.max_age_seconds,
            own_handles=tuple(own_handles),
        )


@dataclass(frozen=True)
class Decision:
    """Whether to answer, and why (not)."""

    answer: bool
    reason: Reason


def decide(message: InboundMessage, rules: PolicyRules, now: datetime) -> Decision:
    """Whether `message` is ours to answer at `now` (timezone-aware).

    The first reason against it is the one that is told.
    """
    reason = _reason_against(message, rules, now)
    return Decision(False, reason) if reason else Decision(True, Reason.ANSWER)


def _reason_against(message: InboundMessage, rules: PolicyRules, now: datetime) -> Reason | None:
    if message.direction == "outbound":
        return Reason.OUTBOUND
    if message.sender_is_us:
        return Reason.OWN_MESSAGE
    if handle_listed(message.sender, rules.own_handles):
        return Reason.OWN_LINE
    if is_opt_out(message.text):
        return Reason.OPT_OUT
    if asks_to_stop(message.text):
        return Reason.ASKED_TO_STOP
    if message.reconciled:
        return Reason.RECONCILED
    if message.sent_at and (now - message.sent_at).total_seconds() > rules.max_age_seconds:
        return Reason.STALE
    if handle_listed(message.sender, rules.block):
        return Reason.BLOCKED
    if rules.allow and not handle_listed(message.sender, rules.allow):
        return Reason.NOT_ALLOWED
    if message.is_group and rules.groups == "never":
        return Reason.GROUPS_NEVER
    if message.is_group and rules.groups == "mention" and not addressed(message, rules.name):
        return Reason.GROUP_NOT_ADDRESSED
    if _is_empty(message):
        return Reason.EMPTY
    return None


# Opting out ---------------------------------------------------------------------------------

_OPT_OUT_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "OPTOUT", "CANCEL", "END", "QUIT"})
_OPT_OUT = re.compile(r"opt[ -]?out", re.IGNORECASE)


def is_opt_out(text: str) -> bool:
    """Whether Linq opts a person out upon this text.

    The keyword must be the whole trimmed message in this very case; only OPT OUT counts in any
    case, with or without space or hyphen (linq-python, `types/chat.py`). START and UNSTOP need no
    rule: any later message opts a person in again, so they are answered like any other.
    """
    word = visible(text)
    return word in _OPT_OUT_WORDS or _OPT_OUT.fullmatch(word) is not None


# Groups -------------------------------------------------------------------------------------


def addressed(message: InboundMessage, name: str | None) -> bool:
    """Whether a group message speaks to us.

    By a mention; by `name` as a whole word anywhere where the service has no mentions (SMS, RCS);
    by `name` at the beginning on iMessage, where people do mention but also just say "Memo, …".
    A reply to some message does not count: whose message it was is not known here.
    """
    if message.mentions_us:
        return True
    if not name:
        return False
    if message.service.casefold() in ("sms", "rcs"):
        return contains_name(message.text, name)
    return begins_with_name(message.text, name)


# Lists of handles ---------------------------------------------------------------------------


def handle_listed(handle: str, entries: Iterable[str]) -> bool:
    """Whether `handle` is among `entries`, of which each may hold `*` for any characters.

    Punctuation of numbers and case of e-mail addresses do not count.
    """
    handle = normal_handle(handle)
    return handle != "" and any(_matches(handle, normal_handle(entry)) for entry in entries)


def _matches(handle: str, entry: str) -> bool:
    if "*" not in entry:
        return handle == entry
    pattern = ".*".join(re.escape(piece) for piece in re.split(r"\*+", entry))
    return re.fullmatch(pattern, handle, re.DOTALL) is not None


def _is_empty(message: InboundMessage) -> bool:
    return not visible(message.text) and all(p.kind in ("text", "link") for p in message.parts)
