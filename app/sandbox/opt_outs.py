"""Opt-outs: the words by which a person ends all messages, and what ends the opt-out."""

from __future__ import annotations

import re

from app.sandbox.clock import now
from app.sandbox.records import Chat, Message
from app.sandbox.state import State

_WORD = re.compile(r"STOP|UNSUBSCRIBE|CANCEL|END|QUIT")
_WORD_ANY_CASE = re.compile(r"opt[ -]?out", re.IGNORECASE)


def is_opt_out(text: str) -> bool:
    """Whether the whole trimmed message is an opt-out word: exact case, but for OPT OUT."""
    word = text.strip()
    return bool(_WORD.fullmatch(word) or _WORD_ANY_CASE.fullmatch(word))


def update_opt_out(state: State, chat: Chat, message: Message) -> None:
    """Opt-out words mark a person in a direct chat; anything else that they write clears it."""
    who = message.sender.address
    state.wrote_first.add(who)
    text = message.parts[0].get("value", "") if len(message.parts) == 1 else ""
    if isinstance(text, str) and is_opt_out(text):
        if not chat.is_group:
            state.opted_out.setdefault(who, set()).add(chat.id)
            chat.health, chat.health_updated_at = "OPTED_OUT", now()
        return
    for chat_id in state.opted_out.pop(who, ()):
        marked = state.chats.get(chat_id)
        if marked is not None:
            marked.health, marked.health_updated_at = "HEALTHY", now()
