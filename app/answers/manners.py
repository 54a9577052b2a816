"""The manners that need a memory: whom not to answer just now, and when to say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import structlog

from app.answers.asked import words
from app.linq.events import InboundMessage
from app.policy import Exchange, LoopRules, RateLimit, Reason, looks_like_a_loop
from app.responders.protocol import Turn
from app.store import conversations, opt_outs
from app.store.conversations import Chat
from app.store.database import Database

log = structlog.get_logger()

CHAT_LIMIT_FACTOR = 3
"""A chat may have so many times the answers of one sender, because groups have several."""
STOPS = (Reason.OPT_OUT.value, Reason.ASKED_TO_STOP.value)

_LOOPS = LoopRules()
_LOOP_TURNS = 2 * (_LOOPS.quick_turns + 1)


@dataclass(frozen=True)
class Silence:
    """Why not to answer. `notice`: the person is to be told so."""

    reason: Reason
    notice: bool = False


class Manners:
    def __init__(
        self,
        database: Database,
        sender_limit: int,
        *,
        limit_window: float,
        now: Callable[[], float],
    ) -> None:
        """sender_limit: answers given to one person in `limit_window` seconds at most.

        now: the clock, in Unix seconds.
        """
        self._database = database
        self._now = now
        self._limit = RateLimit(sender_limit, limit_window)
        self._chat_limit = RateLimit(sender_limit * CHAT_LIMIT_FACTOR, limit_window)

    async def still_wanted(
        self, messages: Sequence[InboundMessage], answer_id: str
    ) -> list[InboundMessage] | Silence:
        """The messages whose senders have not asked to stop since."""
        gone = await self._database.read(
            lambda c: opt_outs.withdrawn(c, answer_id, STOPS), retry_forever=True
        )
        wanted = [message for message in messages if message.message_id not in gone]
        return wanted or Silence(Reason(min(gone.values())))

    async def silence(
        self, messages: Sequence[InboundMessage], chat: Chat, answer_id: str
    ) -> Silence | None:
        """Why these messages are not to be answered now; None if they are."""
        if chat.silent_until > self._now():
            return Silence(Reason.HAND_OVER)
        if await self.looping(messages, answer_id):
            return Silence(Reason.LOOP)
        verdicts = await self._verdicts(messages[-1], chat)
        if "silent" in verdicts:
            return Silence(Reason.LIMITED)
        return Silence(Reason.LIMITED, notice=True) if "notice" in verdicts else None

    async def looping(self, messages: Sequence[InboundMessage], answer_id: str) -> bool:
        """Whether this looks like another bot that answers our answers."""
        chat_id = messages[-1].chat_id
        history = await self._database.read(
            lambda c: conversations.history(
                c, chat_id, before=answer_id, turns_at_most=_LOOP_TURNS
            ),
            retry_forever=True,
        )
        said = "\n".join(filter(None, map(words, messages)))
        at = messages[-1].sent_at or _moment(self._now())
        if not looks_like_a_loop(said, at, _exchanges(history), _LOOPS):
            return False
        log.warning("two bots seem to answer each other", chat=chat_id)
        return True

    async def _verdicts(self, message: InboundMessage, chat: Chat) -> set[str]:
        now = self._now()
        since = now - self._limit.window_seconds
        notice = Reason.LIMITED.value
        in_chat = await self._database.read(
            lambda c: opt_outs.answered_in(c, chat.chat_id, since, besides=notice),
            retry_forever=True,
        )
        counted = [(self._chat_limit, in_chat)]
        if message.sender:
            to_sender = await self._database.read(
                lambda c: opt_outs.answered_to(c, message.sender, since, besides=notice),
                retry_forever=True,
            )
            counted.append((self._limit, to_sender))
        told = _moment(chat.noticed_at) if chat.noticed_at else None
        return {
            limit.verdict([_moment(one) for one in times], _moment(now), last_notice=told)
            for limit, times in counted
        }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _exchanges(history: Sequence[Turn]) -> list[Exchange]:
    """Question and answer pairs of a history, oldest first."""
    return [
        Exchange(asked.text, asked.at, answered.text, answered.at)
        for asked, answered in pairwise(history)
        if asked.role == "user" and answered.role == "assistant"
    ]
