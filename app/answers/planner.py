"""Works out what an answer is to be: decide, transcribe, compose – and stores it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog

from app.answers.checkpoints import Composed, Step, Synthesized, Transcribed, dump_checkpoint
from app.answers.claims import Claim
from app.answers.composer import Composer
from app.answers.composition import Composition
from app.answers.outcome import AnswerOutcome
from app.answers.renewal import QuestionOutdated, Renewal
from app.answers.reply import ReplyPlan, ReplySender
from app.answers.stages import Stages
from app.answers.typing_indicator import TypingIndicator
from app.linq.events import InboundMessage
from app.policy import Limits, Notice, Reason, Skip, asks_to_stop, decide_reply, is_loop
from app.policy.wording import message_text
from app.responders.protocol import ResponderError
from app.speech.errors import NothingToSay, VoiceError
from app.speech.request import SpeechRequest
from app.store import clips, conversations, messages, transitions
from app.store.clips import Clip
from app.store.database import Database
from app.store.ledger import RECORDING
from app.store.sealing import Sealer
from app.telemetry import Metrics
from app.transcription import TranscriptionFailure

log = structlog.get_logger()

MOST_DEATHS_COMPOSING = 30
"""An answer whose process died so often before it was composed gets a written apology instead.

A process that dies takes all that it works on with it, so a few deaths say little of one answer:
whatever could be made to kill a process, such as foreign audio, is worked on in others."""
MOST_DEATHS_IN_STEP = 3
"""An answer whose process died so often while it was transcribed or spoken goes without that."""


class AnswerPlanner:
    """Decides whether an answer is given, has it composed, and stores what is to be said."""

    def __init__(
        self,
        database: Database,
        composer: Composer,
        sender: ReplySender,
        limits: Limits,
        sealer: Sealer,
        metrics: Metrics,
        renewal: Renewal,
        at: Callable[[str], None] = lambda _point: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """at: called at each point where a crash would matter; for tests. now: Unix seconds."""
        self._database = database
        self._composer = composer
        self._sender = sender
        self._limits = limits
        self._sealer = sealer
        self._renewal = renewal
        self._at = at
        self._now = now
        self._stages = Stages(metrics, at)

    async def plan(self, claim: Claim, typing: TypingIndicator) -> ReplyPlan | AnswerOutcome:
        """What to send – or the outcome of an answer that nothing is sent for.

        Raises: QuestionOutdated.
        """
        finished = claim.finished
        if claim.record.is_recording and claim.deaths >= MOST_DEATHS_IN_STEP:
            detail = f"{claim.deaths} processes ended while its memo was made"
            return AnswerOutcome("failed", Reason.RECORDING_UNUSABLE, detail)
        if isinstance(finished, Composed | Synthesized):
            typing.begin()
            return await self._resume(claim, finished)
        if claim.record.origin != "inbound":
            return await self.save(claim, self._composer.requested(claim), ())
        decision = decide_reply(claim.messages, claim.context, self._limits, self._moment())
        if isinstance(decision, Skip):
            if decision.reason is Reason.HAND_OVER:
                return await self._for_the_desk(claim)
            return _skipped(claim, decision.reason)
        typing.begin()
        wanted = decision.messages
        if claim.deaths >= MOST_DEATHS_COMPOSING:
            return await self.save(claim, await self._composer.apologize(wanted, claim), wanted)
        if isinstance(decision, Notice):
            composition = await self._composer.notice(wanted, decision.reason, claim)
            return await self.save(claim, composition, wanted)
        wanted, failures = await self._transcribe(claim, wanted)
        if wanted[-1].audio and asks_to_stop(message_text(wanted[-1])):
            return _skipped(claim, Reason.ASKED_TO_STOP)  # said, not written
        if any(one.audio for one in wanted) and is_loop(
            wanted, claim.context, self._limits, self._moment()
        ):
            return _skipped(claim, Reason.LOOP)
        try:
            with self._stages.timed("compose"):
                composition = await self._composer.compose(wanted, failures, claim, self._now())
        except ResponderError as error:
            return AnswerOutcome("failed", Reason.NO_ANSWER, str(error))
        return await self.save(claim, composition, wanted)

    async def _for_the_desk(self, claim: Claim) -> ReplyPlan:
        """Says nothing: a person reads what was written, or said, and answers."""
        heard, _ = await self._transcribe(claim, claim.messages)
        silence = Composed((), Reason.HAND_OVER, is_turn=True)
        update = self._composer.conversation_update(heard, silence, self._now())
        return ReplyPlan(claim=claim, composed=silence, text="", update=update)

    async def _transcribe(
        self, claim: Claim, wanted: tuple[InboundMessage, ...]
    ) -> tuple[tuple[InboundMessage, ...], tuple[TranscriptionFailure, ...]]:
        """The messages with the words of their voice memos, and why some have none."""
        if not any(message.audio for message in wanted):
            return wanted, ()
        if isinstance(claim.finished, Transcribed):
            return wanted, claim.finished.failures
        if claim.deaths >= MOST_DEATHS_IN_STEP:
            return wanted, (TranscriptionFailure.TRANSCRIBER_FAILED,)
        with self._stages.timed("transcribe"):
            done = await self._composer.transcribe(wanted)
        checkpoint = self._checkpoint(claim, Transcribed(done.failures))

        def save(connection: sa.Connection) -> None:
            messages.save_transcripts(connection, done.messages, self._sealer)
            transitions.save_checkpoint(connection, claim.run, checkpoint)

        await self._database.write(save, retry_forever=True)
        self._at("transcribe.kept")
        return done.messages, done.failures

    async def save(
        self, claim: Claim, composition: Composition, wanted: tuple[InboundMessage, ...]
    ) -> ReplyPlan:
        """Store what is to be said. Finds the clip of the same words in the same transaction.

        Raises: QuestionOutdated, where newer messages have come meanwhile.
        """
        is_recording = claim.record.is_recording
        if not is_recording:
            composition = await self._composer.divided(composition)
        composed = composition.step
        said = "" if is_recording else composition.spoken or composition.text
        speech = await self._prepare(composed, said, composition.language, composition.voice)
        clip_key = self._sender.clip_key(speech)
        text, written, spoken = composition.text, composition.written, composition.spoken
        summary = composition.summary
        if claim.context.zero_retention:
            text, written, spoken = (
                self._sealer.seal(one) if one else "" for one in (text, written, spoken)
            )
            summary = ""

        def save(connection: sa.Connection) -> Clip | QuestionOutdated | None:
            if outdated := self._renewal.outdates(connection, claim):
                return outdated
            if composition.reset:
                conversations.reset(connection, claim.record.chat_id)
            if composition.preference:
                handle = wanted[-1].sender if wanted else None
                conversations.set_preference(
                    connection, claim.record.chat_id, composition.preference, handle
                )
            transitions.save_composed(
                connection,
                claim.run,
                self._checkpoint(claim, composed),
                text=text,
                written=written,
                spoken=spoken,
                summary=summary,
                language=composition.language,
                voice=composition.voice,
                responder_code=composition.responder_code,
                reply_as=RECORDING if is_recording else "+".join(composed.forms) or None,
            )
            return clips.find(connection, clip_key) if clip_key else None

        clip = await self._database.write(save, retry_forever=True)
        if isinstance(clip, QuestionOutdated):
            raise clip
        self._at("compose.kept")
        return ReplyPlan(
            claim=claim,
            composed=composed,
            text=composition.text,
            written=composition.written,
            spoken=composition.spoken,
            update=self._composer.conversation_update(wanted, composed, self._now(), summary),
            speech=speech,
            clip=clip,
            is_new=True,
        )

    async def _resume(self, claim: Claim, finished: Composed | Synthesized) -> ReplyPlan:
        """The plan of an earlier run, whose words are in the ledger."""
        composed = finished if isinstance(finished, Composed) else finished.composed
        record = claim.record
        speech: SpeechRequest | AnswerOutcome | None = None
        clip: Clip | None = None
        if isinstance(finished, Composed) and not record.is_recording:
            if claim.deaths >= MOST_DEATHS_IN_STEP and "voice" in composed.forms:
                composed = replace(composed, forms=("text",))
            said = record.spoken or record.text or ""
            speech = await self._prepare(composed, said, record.language, record.voice)
            if clip_key := self._sender.clip_key(speech):
                clip = await self._database.read(
                    lambda c: clips.find(c, clip_key), retry_forever=True
                )
        return ReplyPlan(
            claim=claim,
            composed=composed,
            text=record.text or "",
            written=record.written or "",
            spoken=record.spoken or "",
            update=self._composer.conversation_update(
                claim.messages, composed, self._now(), record.summary or ""
            ),
            speech=speech,
            clip=clip,
            ready=finished.memo if isinstance(finished, Synthesized) else None,
        )

    async def _prepare(
        self, composed: Composed, text: str, language: str | None, voice: str | None
    ) -> SpeechRequest | AnswerOutcome | None:
        """The words made ready for speech, or why they cannot be; None where nothing is spoken."""
        if "voice" not in composed.forms or not text:
            return None
        try:
            return await self._sender.prepare(text, language, voice)
        except NothingToSay as error:
            return AnswerOutcome("failed", Reason.NOTHING_TO_SAY, str(error))
        except VoiceError as error:
            return AnswerOutcome("failed", Reason.NO_VOICE, str(error))

    def _checkpoint(self, claim: Claim, finished: Step) -> object:
        return dump_checkpoint(claim.run.number, finished)

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _skipped(claim: Claim, reason: Reason) -> AnswerOutcome:
    if reason is Reason.LOOP:
        log.warning("two bots seem to answer each other", chat=claim.record.chat_id)
    return AnswerOutcome("silent", reason)
