"""Works out what to say: hears voice memos, keeps to the manners, asks the responder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast

import structlog

from app.answers.phrases import Phrase, phrase
from app.hearing import CannotHear, Ears
from app.inbox.events import InboundMessage
from app.linq import Linq, LinqError
from app.policy import (
    Exchange,
    RateLimit,
    Reason,
    looks_like_a_loop,
    reply_form,
    reset_requested,
    switch_requested,
)
from app.policy.form import Form
from app.responders.protocol import Answer, Question, Responder, ResponderError
from app.settings import Settings
from app.store import conversations, ledger
from app.store.conversations import Chat, Turn
from app.store.database import Database
from app.voices.language import detect

log = structlog.get_logger()

LIMIT_WINDOW_SECONDS = 600.0
CHAT_LIMIT_FACTOR = 3
"""A chat may have so many times the messages of one sender, because groups have several."""
HISTORY_TURNS = 20


@dataclass(frozen=True)
class Composed:
    """What to say and how; nothing at all if `forms` is empty."""

    text: str = ""
    language: str | None = None
    voice: str | None = None
    forms: tuple[Form, ...] = ()
    reason: str = Reason.ANSWER.value

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Composed:
        return cls(**{**values, "forms": tuple(values["forms"])})


class Composer:
    def __init__(
        self, settings: Settings, database: Database, linq: Linq, ears: Ears, responder: Responder
    ) -> None:
        self._settings = settings
        self._database = database
        self._linq = linq
        self._ears = ears
        self._responder = responder
        self._limit = RateLimit(settings.sender_limit, LIMIT_WINDOW_SECONDS)
        self._chat_limit = RateLimit(
            settings.sender_limit * CHAT_LIMIT_FACTOR, LIMIT_WINDOW_SECONDS
        )

    async def considered(
        self, messages: Sequence[InboundMessage], answer_id: str
    ) -> Composed | None:
        """What the manners say before all else: silence, a notice, or None – go on."""
        message = messages[-1]
        now = time.time()
        chat = await self._database.patiently(conversations.chat, message.chat_id)
        if chat.silent_until > now:
            return Composed(reason=Reason.HAND_OVER)
        history = await self._database.patiently(
            conversations.history, message.chat_id, before=answer_id
        )
        if looks_like_a_loop(_said(messages), datetime.now(UTC), _exchanges(history)):
            log.warning("two bots seem to answer each other", chat=message.chat_id)
            return Composed(reason=Reason.LOOP)
        since = now - LIMIT_WINDOW_SECONDS
        sender = await self._database.patiently(ledger.times_from, message.sender, since)
        in_chat = await self._database.patiently(ledger.times_in, message.chat_id, since)
        told = datetime.fromtimestamp(chat.noticed_at, UTC) if chat.noticed_at else None
        verdicts = {
            limit.verdict(_moments(times), datetime.now(UTC), last_notice=told)
            for limit, times in (
                # The messages at hand are among those counted.
                (self._limit, sender[: -len(messages)]),
                (self._chat_limit, in_chat[:-1]),
            )
        }
        if "silent" in verdicts:
            return Composed(reason=Reason.LIMITED)
        if "notice" in verdicts:
            await self._database.patiently(conversations.note_chat, message.chat_id, noticed_at=now)
            return self._say("limited", messages, chat, history, reason=Reason.LIMITED)
        return None

    async def heard(self, messages: Sequence[InboundMessage]) -> list[str | None]:
        """What each message says, voice memos included; None for one that cannot be heard."""
        return [await self._hear(message) for message in messages]

    async def composed(
        self, messages: Sequence[InboundMessage], texts: Sequence[str | None], answer_id: str
    ) -> Composed:
        """The answer to `messages`, of which `texts` were heard, and the turns remembered."""
        message = messages[-1]
        chat = await self._database.patiently(conversations.chat, message.chat_id)
        history = await self._database.patiently(
            conversations.history, message.chat_id, before=answer_id, turns_at_most=HISTORY_TURNS
        )
        text = "\n".join(text for text in texts if text)
        if not text:
            return self._say(self._why_wordless(messages), messages, chat, history)
        if composed := await self._asked_of_the_bot(text, messages, chat, history):
            return composed
        language = detect(text, "") or None
        question = Question(
            text=text,
            chat_id=message.chat_id,
            message_id=message.message_id,
            sender=message.sender,
            received_at=datetime.now(UTC),
            history=history,
            language=language,
            spoken=any(one.audio for one in messages),
            service=message.service,
            is_group=message.is_group,
        )
        reason = Reason.ANSWER.value
        try:
            answer = await self._responder.answer(question)
            reason = answer.reason or reason
        except ResponderError as error:
            if not error.apology:
                raise
            answer = Answer(error.apology, language=error.language)
            reason = f"apology:{error.reason}" if error.reason else "apology"
        await self._remember(message, answer_id, text, answer)
        if answer.silent:
            return Composed(reason=answer.reason or Reason.RESPONDER_SILENT)
        return Composed(
            text=answer.text,
            language=answer.language,
            voice=answer.voice,
            forms=self._forms(messages, chat),
            reason=reason[:64],
        )

    async def _hear(self, message: InboundMessage) -> str | None:
        said = [message.text] if message.text else []
        for part in message.audio:
            try:
                heard = await self._ears.hear(part, fresh_url=self._linq.attachment_url)
            except (CannotHear, LinqError) as error:
                log.warning(
                    "voice memo not heard", message=message.message_id, cause=str(error)[:200]
                )
                continue
            said.append(heard.text)
        return "\n".join(said) or None

    async def _asked_of_the_bot(
        self, text: str, messages: Sequence[InboundMessage], chat: Chat, history: Sequence[Turn]
    ) -> Composed | None:
        """The answer where the person speaks to the bot about the bot."""
        if reset_requested(text):
            await self._database.patiently(conversations.reset, chat.chat_id)
            return self._say("reset", messages, chat, history, reason="reset")
        wanted = switch_requested(text, self._settings.text_words, self._settings.voice_words)
        if wanted is None:
            return None
        await self._database.patiently(
            conversations.note_chat, chat.chat_id, reply_as=wanted, handle=messages[-1].sender
        )
        return self._say(
            wanted, messages, replace(chat, reply_as=wanted), history, reason=f"switch:{wanted}"
        )

    async def _remember(
        self, message: InboundMessage, answer_id: str, text: str, answer: Answer
    ) -> None:
        def remember(connection: Any) -> None:
            noted: dict[str, Any] = {"handle": message.sender}
            if answer.hand_over_seconds > 0:
                noted["silent_until"] = time.time() + answer.hand_over_seconds
            conversations.note_chat(connection, message.chat_id, **noted)
            if message.zero_retention:
                return
            conversations.remember(connection, message.chat_id, answer_id, "user", text)
            if answer.text and not answer.silent:
                conversations.remember(
                    connection, message.chat_id, answer_id, "assistant", answer.text
                )

        await self._database.patiently(remember)

    def _say(
        self,
        which: Phrase,
        messages: Sequence[InboundMessage],
        chat: Chat,
        history: Sequence[Turn],
        *,
        reason: str | None = None,
    ) -> Composed:
        written = [*(turn.text for turn in history), _said(messages)]
        known = next((found for said in reversed(written) if (found := detect(said, ""))), None)
        text, language = phrase(which, self._settings.language or known)
        return Composed(
            text=text,
            language=language,
            forms=self._forms(messages, chat),
            reason=reason or which,
        )

    def _why_wordless(self, messages: Sequence[InboundMessage]) -> Phrase:
        if not any(message.audio for message in messages):
            return "cannot_see"
        return "heard_nothing" if self._settings.transcribe_base_url else "cannot_hear"

    def _forms(self, messages: Sequence[InboundMessage], chat: Chat) -> tuple[Form, ...]:
        forms = reply_form(
            self._settings.reply_as,
            spoken=any(message.audio for message in messages),
            service=messages[-1].service,
            preference=cast(Form | None, chat.reply_as),
        )
        return tuple(sorted(forms, reverse=True))  # voice first


def _said(messages: Sequence[InboundMessage]) -> str:
    return "\n".join(message.text for message in messages if message.text)


def _moments(times: Sequence[float]) -> list[datetime]:
    return [datetime.fromtimestamp(one, UTC) for one in times]


def _exchanges(history: Sequence[Turn]) -> list[Exchange]:
    """Question and answer pairs of a history, oldest first."""
    return [
        Exchange(asked.text, asked.at, answered.text, answered.at)
        for asked, answered in pairwise(history)
        if asked.role == "user" and answered.role == "assistant"
    ]
