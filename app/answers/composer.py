"""Works out what to say: transcribes voice memos, obeys commands, asks the responder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import structlog

from app.answers.checkpoints import Composed, Synthesized
from app.answers.claims import Claim
from app.answers.composition import Composition, Division, joined
from app.answers.hand_over import HandOverWords, OpeningNote
from app.answers.outcome import ConversationUpdate
from app.answers.phrases import Phrase, phrase
from app.answers.pictures import PictureFetcher
from app.answers.requests import Request, parse_request
from app.linq.client import LinqClient
from app.linq.errors import LinqError
from app.linq.events import InboundMessage, Part
from app.policy import Form, Reason, reply_form
from app.policy.wording import message_text
from app.responders.apologies import apology
from app.responders.protocol import Answer, Draft, Question, Responder, ResponderError, Turn
from app.settings import Settings
from app.speech.language import detect
from app.transcription import TranscriptionError, TranscriptionFailure, VoiceMemoTranscriber

log = structlog.get_logger()

_WHY_NOT_TRANSCRIBED: dict[TranscriptionFailure, Phrase] = {
    TranscriptionFailure.NO_TRANSCRIBER: "cannot_hear",
    TranscriptionFailure.NOTHING_SAID: "heard_nothing",
    TranscriptionFailure.NOT_AUDIO: "heard_nothing",
    TranscriptionFailure.TOO_LARGE: "too_long",
}
_REASONS: dict[Phrase, Reason] = {
    "cannot_hear": Reason.CANNOT_HEAR,
    "heard_nothing": Reason.HEARD_NOTHING,
    "not_heard": Reason.NOT_HEARD,
    "too_long": Reason.TOO_LONG,
    "cannot_see": Reason.CANNOT_SEE,
    "reset": Reason.RESET,
    "text": Reason.SWITCH_TEXT,
    "voice": Reason.SWITCH_VOICE,
}


_PICTURE = "(a picture)"
"""What is asked where a picture comes without words."""
_VOICE_MEMO = "(a voice memo)"
"""What stands in the conversation for one that was not heard, or that a colleague recorded."""


@dataclass(frozen=True)
class Transcripts:
    """The messages with the words of their voice memos, and why some have none."""

    messages: tuple[InboundMessage, ...]
    failures: tuple[TranscriptionFailure, ...] = ()


class Composer:
    """Reads and writes no database: all it knows of the chat is in the claim."""

    def __init__(
        self,
        settings: Settings,
        linq: LinqClient,
        transcriber: VoiceMemoTranscriber,
        responder: Responder,
        draft: Callable[[], Draft | None] = lambda: None,
        pictures: PictureFetcher | None = None,
        opening_note: OpeningNote | None = None,
    ) -> None:
        """draft: gives what speaks an answer ahead while it is being written. pictures: for
        responders that can see. opening_note: says when there is somebody to answer."""
        self._desk = HandOverWords(settings, opening_note)
        self._draft = draft
        self._pictures = pictures
        self._settings = settings
        self._division = Division.from_settings(settings)
        self._linq = linq
        self._transcriber = transcriber
        self._responder = responder

    async def transcribe(self, messages: Sequence[InboundMessage]) -> Transcripts:
        """The words of all voice memos in `messages`, side by side."""
        results = await asyncio.gather(*(self._transcribe_message(one) for one in messages))
        failures = tuple(failure for _, failed in results for failure in failed)
        return Transcripts(tuple(message for message, _ in results), failures)

    async def compose(
        self,
        messages: Sequence[InboundMessage],
        failures: Sequence[TranscriptionFailure],
        claim: Claim,
        now: float,
    ) -> Composition:
        """What to answer to `messages`, whose voice memos are transcribed but for `failures`.

        now: Unix seconds. Raises: ResponderError if there is neither an answer nor an apology.
        """
        request = self.request(messages)
        history = () if request.reset else claim.history
        language = await self._language(messages, history, claim.last_language)
        forms = self._forms(messages, request.form or claim.context.preference)
        pictures = await self._pictures.fetch(messages) if self._pictures else ()
        missing = _not_understood(messages, failures, seen=len(pictures))
        text = request.text or (_PICTURE if pictures and not request.command else "")
        if not request.text and not any(message.parts for message in messages):
            return await self.apologize(messages, claim)  # its words cannot be read any more
        if not text:
            which = request.command or missing or "cannot_see"
            composed = _phrase(which, _REASONS[which], forms, language)
            if which == "text" and "voice" in self._forms(messages, claim.context.preference):
                # Who cannot listen wants to read what was just said.
                composed = replace(composed, text=_with_last_answer(composed.text, claim.history))
        else:
            draft = self._draft() if "voice" in forms else None
            question = replace(
                _question(text, messages, history, now),
                language=language,
                reply_to=claim.quoted,
                images=pictures,
                draft=draft,
            )
            answer = await self._desk.told(await self._ask(question), question)
            composed = _from_answer(answer, forms)
            if missing and composed.text and composed.step.reason != Reason.APOLOGY:
                addition, _ = phrase(missing, answer.language or language)
                composed = replace(composed, text=f"{composed.text} {addition}")
        return replace(composed, reset=request.reset, preference=request.form)

    async def notice(
        self, messages: Sequence[InboundMessage], reason: Reason, claim: Claim
    ) -> Composition:
        """Tells a person that they have written too much for now."""
        language = await self._language(messages, claim.history, claim.last_language)
        forms = self._forms(messages, claim.context.preference)
        return _phrase("limited", reason, forms, language)

    async def apologize(self, messages: Sequence[InboundMessage], claim: Claim) -> Composition:
        """Written where something unexpected keeps an answer from being made."""
        language = await self._language(messages, claim.history, claim.last_language)
        text, spoken_in = apology(language)
        return Composition(Composed(("text",), Reason.CANNOT_ANSWER), text, spoken_in)

    def requested(self, claim: Claim) -> Composition:
        """What the API or a colleague asked for, in their form, else in the one that is set; a
        memo where replies mirror."""
        record = claim.record
        if record.is_recording:
            return Composition(Composed(("voice",), is_turn=True), _VOICE_MEMO)
        if record.reply_as in ("voice", "text"):
            forms: Iterable[Form] = (cast(Form, record.reply_as),)
        else:
            reply_as = "voice" if self._settings.reply_as == "mirror" else self._settings.reply_as
            forms = reply_form(reply_as, spoken=True, service=record.service or "")
        step = Composed(_ordered(forms), is_turn=True)
        return Composition(step, record.text or "", record.language, record.voice)

    def written(self, claim: Claim) -> Composition:
        """The words that the ledger has, as text."""
        finished = claim.finished
        composed = finished.composed if isinstance(finished, Synthesized) else finished
        if not isinstance(composed, Composed):
            composed = Composed(is_turn=True)
        record = claim.record
        step = replace(composed, forms=("text",))
        return Composition(
            step,
            record.text or "",
            record.language,
            record.voice,
            record.responder_code,
            written="" if record.spoken else record.written or "",
        )

    async def divided(self, composition: Composition) -> Composition:
        """The composition, with what goes out in writing where it is spoken."""
        return await self._division.of(composition)

    def conversation_update(
        self,
        messages: Sequence[InboundMessage],
        composed: Composed,
        now: float,
        summary: str = "",
    ) -> ConversationUpdate:
        """What the chat has to know later of this answer. now: Unix seconds. summary: for whoever
        takes the chat over."""
        if not messages:
            return ConversationUpdate(is_turn=composed.is_turn)
        message = messages[-1]
        return ConversationUpdate(
            sender=message.sender,
            question=self.request(messages).text or _without_words(messages),
            asked_at=min(message.sent_at.timestamp(), now) if message.sent_at else now,
            is_turn=composed.is_turn,
            hand_over=self._desk.plan(composed, summary),
        )

    def request(self, messages: Sequence[InboundMessage]) -> Request:
        return parse_request(messages, self._settings.text_words, self._settings.voice_words)

    async def _transcribe_message(
        self, message: InboundMessage
    ) -> tuple[InboundMessage, list[TranscriptionFailure]]:
        failures: list[TranscriptionFailure] = []
        parts: list[Part] = []
        for part in message.parts:
            if part.kind == "audio" and not part.text:
                try:
                    found = await self._transcriber.transcribe(
                        part, fresh_url=self._linq.attachment_url
                    )
                    part = replace(part, text=found.text, language=found.language)
                except (TranscriptionError, LinqError) as error:
                    kind = (
                        error.kind
                        if isinstance(error, TranscriptionError)
                        else TranscriptionFailure.FETCH_FAILED
                    )
                    failures.append(kind)
                    log.warning(
                        "voice memo not transcribed",
                        message=message.message_id,
                        reason=kind.value,
                        cause=str(error)[:200],
                    )
            parts.append(part)
        return replace(message, parts=tuple(parts)), failures

    async def _ask(self, question: Question) -> Answer:
        """What the responder says, or its apology."""
        try:
            return await self._responder.answer(question)
        except ResponderError as error:
            if not error.apology:
                raise
            return Answer(
                error.apology, language=error.language, reason=f"{Reason.APOLOGY}:{error.reason}"
            )

    async def _language(
        self,
        messages: Sequence[InboundMessage],
        history: Sequence[Turn],
        last_language: str | None,
    ) -> str | None:
        """The person's language: set, or that of what they write, wrote, or were told before."""
        if self._settings.language:
            return self._settings.language
        heard = next(
            (part.language for one in reversed(messages) for part in one.parts if part.language),
            None,
        )
        if heard and not any(part.kind == "text" for part in messages[-1].parts):
            return heard
        texts = [
            *(message_text(message) for message in reversed(messages)),
            *(turn.text for turn in reversed(history)),
        ]
        return await asyncio.to_thread(_language_of, texts) or last_language

    def _forms(
        self, messages: Sequence[InboundMessage], preference: Form | None
    ) -> tuple[Form, ...]:
        return _ordered(
            reply_form(
                self._settings.reply_as,
                spoken=any(message.audio for message in messages),
                service=messages[-1].service,
                preference=preference,
            )
        )


def _without_words(messages: Sequence[InboundMessage]) -> str:
    """What stands in the conversation for messages that hold no words."""
    if any(one.audio for one in messages):
        return _VOICE_MEMO
    return _PICTURE if any(part.kind == "media" for one in messages for part in one.parts) else ""


def _question(
    text: str, messages: Sequence[InboundMessage], history: tuple[Turn, ...], now: float
) -> Question:
    message = messages[-1]
    return Question(
        text=text,
        chat_id=message.chat_id,
        message_id=message.message_id,
        sender=message.sender,
        received_at=datetime.fromtimestamp(now, UTC),
        history=history,
        spoken=any(one.audio for one in messages),
        service=message.service,
        is_group=message.is_group,
    )


def _from_answer(answer: Answer, forms: tuple[Form, ...]) -> Composition:
    text, written = ("", "") if answer.silent else (answer.text, answer.written)
    if written and not text:
        forms, text, written = ("text",), written, ""
    reason = Reason.ANSWER
    if answer.reason.startswith(Reason.APOLOGY):
        reason = Reason.APOLOGY
    elif not text:
        reason = Reason.RESPONDER_SILENT
    step = Composed(
        forms=forms if text else (),
        reason=reason,
        is_turn=True,
        hand_over_seconds=answer.hand_over_seconds,
        hand_over=answer.hand_over.reason if answer.hand_over else "",
    )
    summary = answer.hand_over.summary if answer.hand_over else ""
    code = answer.reason.removeprefix(f"{Reason.APOLOGY}:")[:64] or None
    composition = Composition(
        step, text, answer.language, answer.voice, code, written=written, summary=summary
    )
    if answer.spoken and text and "voice" in forms:
        whole = joined(text, written)
        beside = "" if "text" in forms else whole
        return replace(composition, text=whole, spoken=answer.spoken, written=beside)
    return composition


def _phrase(
    which: Phrase, reason: Reason, forms: tuple[Form, ...], language: str | None
) -> Composition:
    text, spoken_in = phrase(which, language)
    return Composition(Composed(forms, reason), text, spoken_in)


def _with_last_answer(text: str, history: Sequence[Turn]) -> str:
    last = next((turn.text for turn in reversed(history) if turn.role == "assistant"), "")
    return "\n\n".join(filter(None, (text, last)))


def _ordered(forms: Iterable[Form]) -> tuple[Form, ...]:
    return tuple(sorted(forms, reverse=True))  # voice first


def _language_of(texts: Iterable[str]) -> str | None:
    """That of the first of the texts that tells."""
    return next(filter(None, (detect(text, "") for text in texts)), None)


def _not_understood(
    messages: Sequence[InboundMessage], failures: Sequence[TranscriptionFailure], *, seen: int
) -> Phrase | None:
    """What to say of voice memos that were not transcribed, or of files, `seen` of which were."""
    if failures:
        return _WHY_NOT_TRANSCRIBED.get(failures[0], "not_heard")
    files = sum(part.kind == "media" for message in messages for part in message.parts)
    return "cannot_see" if files > seen else None
