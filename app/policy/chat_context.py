"""What is remembered of a chat, as far as it decides whether and how to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.policy.form import Form
from app.policy.pace import Exchange
from app.policy.reasons import Reason


@dataclass(frozen=True)
class ChatContext:
    """Read in one transaction, as the answer begins. Times are aware UTC."""

    preference: Form | None = None
    """The form that the person asked for."""
    silent_until: datetime | None = None
    """A person has taken over the chat until then."""
    last_notice: datetime | None = None
    """When the chat was last told that it had sent too many messages."""
    exchanges: tuple[Exchange, ...] = ()
    """Earlier questions and answers, oldest first."""
    answered_in_chat: tuple[datetime, ...] = ()
    """When messages came that were answered within the rate window, from anybody in the chat."""
    answered_to_sender: tuple[datetime, ...] = ()
    """The same for the sender of the newest message, in all chats; empty where it has no handle."""
    stopped: Mapping[str, Reason] = field(default_factory=dict)
    """The messages whose sender has asked to stop since, by id."""
    zero_retention: bool = False
    """Linq keeps nothing of this chat, and neither does the bot once an answer is over."""
