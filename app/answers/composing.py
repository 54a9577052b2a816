"""Works out what to say: keeps to the manners, hears voice memos, asks the responder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

import structlog

from app.answers.asked import Asked, asked, words
from app.answers.manners import Manners, Silence
from app.answers.outcome import ConversationUpdate
from app.answers.phrases import Phrase, phrase
from app.linq.client import LinqClient
from app.linq.errors import LinqError
from app.linq.events import InboundMessage, Part
from app.policy import Form, Reason, reply_form
from app.responders.protocol import Answer, Question, Responder, ResponderError, Turn
from app.settings import Settings
from app.speech.language import detect
from app.store import conversations, ledger
from app.store.conversations import Chat
from app.store.database import Database
from app.transcription import TranscriptionError, TranscriptionFailure, VoiceMemoTranscriber

log = structlog.get_logger()

_WHY_UNHEARD: dict[str, Phrase] = {
    TranscriptionFailure.NO_TRANSCRIBER: "cannot_hear",
    TranscriptionFailure.NOTHING_SAID: "heard_nothing",
    TranscriptionFailure.NOT_AUDIO: "heard_nothing",
    TranscriptionFailure.TOO_LARGE: "too_long",
}


@dataclass(frozen=True)
class Composed:
    """How to answer; nothing at all is said if `forms` is empty.

    It holds no words, because the durable engine keeps it: those are in the ledger, from where
    they are erased.
    """

    forms: tuple[Form, ...] = ()
    reason: str = Reason.ANSWER.value
    is_turn: bool = False
    """Whether question and answer are part of the conversation, and not about the bot."""
    hand_over_seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Composed:
        return cls(**{**values, "forms": tuple(values["forms"])})


class Composer:
    """What it works out, it puts into the ledger; what it returns is how to go on."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        linq: LinqClient,
        transcriber: VoiceMemoTranscriber,
        responder: Responder,
        *,
        limit_window: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        """limit_window: seconds in which one person gets MEMO_SENDER_LIMIT answers at most.

        now: the clock, in Unix seconds.
        """
        self._settings = settings
        self._database = database
        self._linq = linq
        self._transcriber = transcriber
        self._responder = responder
        self._now = now
        self._manners = Manners(database, settings.sender_limit, limit_window=limit_window, now=now)

    async def considered(
        self, messages: Sequence[InboundMessage], answer_id: str
    ) -> Composed | None:
        """What the manners say before all else: silence, a notice, or None – go on."""
        wanted = await self._manners.still_wanted(messages, answer_id)
        if isinstance(wanted, Silence):
            return Composed(reason=wanted.reason.value)
        chat = await self._database.read(
            lambda c: conversations.chat(c, wanted[-1].chat_id), retry_forever=True
        )
        silence = await self._manners.silence(wanted, chat, answer_id)
        if silence and silence.notice:
            return await self._say("limited", wanted, chat, answer_id, silence.reason.value)
        return Composed(reason=silence.reason.value) if silence else None

    async def heard(self, messages: Sequence[InboundMessage]) -> list[str]:
        """Puts what voice memos say into the ledger, as the text of their parts.

        Returns why some could not be heard, as values of `TranscriptionFailure`.
        """
        deaf: list[str] = []
        for message in messages:
            if message.audio:
                parts = [await self._hear(part, message, deaf) for part in message.parts]
                told = replace(message, parts=tuple(parts))
                await self._database.write(lambda c: ledger.note_heard(c, told), retry_forever=True)
        return deaf

    async def composed(
        self, messages: Sequence[InboundMessage], deaf: Sequence[str], answer_id: str
    ) -> Composed:
        """Puts the answer into the ledger; `deaf` is what `heard` returned.

        Raises: ResponderError if there is neither an answer nor an apology.
        """
        wanted = await self._manners.still_wanted(messages, answer_id)
        if isinstance(wanted, Silence):
            return Composed(reason=wanted.reason.value)
        spoken = any(message.audio for message in wanted)
        if spoken and await self._manners.looping(wanted, answer_id):
            return Composed(reason=Reason.LOOP.value)
        said = self._asked(wanted)
        chat = await self._obey(said, wanted[-1])
        unseen = _not_understood(wanted, deaf)
        if not said.text:
            which = said.command or unseen or "cannot_see"
            reason = f"switch:{which}" if which in ("text", "voice") else which
            return await self._say(which, wanted, chat, answer_id, reason)
        answer = await self._answer(said.text, wanted, answer_id)
        if unseen and answer.text and not answer.reason.startswith("apology"):
            language = answer.language or await self._language(wanted)
            answer = replace(answer, text=f"{answer.text} {phrase(unseen, language)[0]}")
        composed = Composed(
            forms=self._forms(wanted, chat) if answer.text else (),
            reason=answer.reason[:64] or Reason.ANSWER.value,
            is_turn=True,
            hand_over_seconds=answer.hand_over_seconds,
        )
        return await self._put(answer_id, composed, answer.text, answer.language, answer.voice)

    def memory(self, messages: Sequence[InboundMessage], composed: Composed) -> ConversationUpdate:
        """What the chat has to know later of this answer."""
        message = messages[-1]
        now = self._now()
        return ConversationUpdate(
            sender=message.sender,
            question=self._asked(messages).text,
            asked_at=min(message.sent_at.timestamp(), now) if message.sent_at else now,
            is_turn=composed.is_turn,
            hand_over_seconds=composed.hand_over_seconds,
        )

    def _asked(self, messages: Sequence[InboundMessage]) -> Asked:
        return asked(messages, self._settings.text_words, self._settings.voice_words)

    async def _obey(self, said: Asked, message: InboundMessage) -> Chat:
        """Does what the person asks of the bot itself. Returns the chat as it is then."""
        if said.reset:
            await self._database.write(
                lambda c: conversations.reset(c, message.chat_id), retry_forever=True
            )
        if said.form:
            await self._database.write(
                lambda c: conversations.note_chat(
                    c, message.chat_id, reply_as=said.form, handle=message.sender
                ),
                retry_forever=True,
            )
        return await self._database.read(
            lambda c: conversations.chat(c, message.chat_id), retry_forever=True
        )

    async def _hear(self, part: Part, message: InboundMessage, deaf: list[str]) -> Part:
        """The part with what is said in it as its text, where it is a voice memo."""
        if part.kind != "audio" or part.text:
            return part
        try:
            heard = await self._transcriber.transcribe(part, fresh_url=self._linq.attachment_url)
        except (TranscriptionError, LinqError) as error:
            kind = (
                error.kind
                if isinstance(error, TranscriptionError)
                else TranscriptionFailure.FETCH_FAILED
            )
            deaf.append(kind.value)
            log.warning(
                "voice memo not heard",
                message=message.message_id,
                reason=kind.value,
                cause=str(error)[:200],
            )
            return part
        return replace(part, text=heard.text)

    async def _answer(
        self, text: str, messages: Sequence[InboundMessage], answer_id: str
    ) -> Answer:
        """What the responder says, or its apology."""
        message = messages[-1]
        question = Question(
            text=text,
            chat_id=message.chat_id,
            message_id=message.message_id,
            sender=message.sender,
            received_at=datetime.fromtimestamp(self._now(), UTC),
            history=await self._history(message.chat_id, answer_id),
            language=await self._language(messages),
            spoken=any(one.audio for one in messages),
            service=message.service,
            is_group=message.is_group,
        )
        try:
            answer = await self._responder.answer(question)
        except ResponderError as error:
            if not error.apology:
                raise
            reason = f"apology:{error.reason}" if error.reason else "apology"
            return Answer(error.apology, language=error.language, reason=reason)
        if answer.silent:
            reason = answer.reason or Reason.RESPONDER_SILENT.value
            return replace(answer, text="", reason=reason)
        return answer

    async def _say(
        self,
        which: Phrase,
        messages: Sequence[InboundMessage],
        chat: Chat,
        answer_id: str,
        reason: str,
    ) -> Composed:
        text, language = phrase(which, await self._language(messages))
        composed = Composed(forms=self._forms(messages, chat), reason=reason)
        return await self._put(answer_id, composed, text, language)

    async def _put(
        self,
        answer_id: str,
        composed: Composed,
        text: str,
        language: str | None,
        voice: str | None = None,
    ) -> Composed:
        if text:
            await self._database.write(
                lambda c: ledger.note(c, answer_id, text=text, language=language, voice=voice),
                retry_forever=True,
            )
        return composed

    async def _language(self, messages: Sequence[InboundMessage]) -> str | None:
        """The person's language: set, or that of what they write, wrote, or were told before."""
        chat_id = messages[-1].chat_id
        if known := self._settings.language or _language_of(map(words, reversed(messages))):
            return known
        before = reversed(await self._history(chat_id))
        return _language_of(turn.text for turn in before) or await self._database.read(
            lambda c: conversations.language(c, chat_id), retry_forever=True
        )

    async def _history(self, chat_id: str, answer_id: str | None = None) -> tuple[Turn, ...]:
        return await self._database.read(
            lambda c: conversations.history(c, chat_id, before=answer_id), retry_forever=True
        )

    def _forms(self, messages: Sequence[InboundMessage], chat: Chat) -> tuple[Form, ...]:
        forms = reply_form(
            self._settings.reply_as,
            spoken=any(message.audio for message in messages),
            service=messages[-1].service,
            preference=cast(Form | None, chat.reply_as),
        )
        return tuple(sorted(forms, reverse=True))  # voice first


def _language_of(texts: Iterable[str]) -> str | None:
    """That of the first of the texts that tells."""
    return next(filter(None, (detect(text, "") for text in texts)), None)


def _not_understood(messages: Sequence[InboundMessage], deaf: Sequence[str]) -> Phrase | None:
    """What to say of voice memos that were not heard, or of files."""
    if deaf:
        return _WHY_UNHEARD.get(deaf[0], "not_heard")
    files = any(part.kind == "media" for message in messages for part in message.parts)
    return "cannot_see" if files else None
