"""Sends what was composed: a memo, a text, or the one for want of the other – then it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from app.answers.checkpoints import Composed, PreparedMemo, Synthesized, dump_checkpoint
from app.answers.claims import Claim
from app.answers.composition import joined
from app.answers.delivery import Delivery, Media, Posted
from app.answers.memo_maker import (
    MadeMemo,
    MemoMaker,
    RecordingUnusable,
    UploadFailed,
    from_clip,
)
from app.answers.outcome import AnswerOutcome, ConversationUpdate, finish_answer
from app.answers.renewal import QuestionOutdated, Renewal
from app.answers.stages import Stages
from app.linq.errors import LinqError, OutcomeUnknown, Refused, RetryLater
from app.policy import Reason, final_refusal
from app.speech.errors import VoiceError
from app.speech.request import SpeechRequest
from app.store import chat_context, clips, deliveries, desk, ledger, sends, transitions
from app.store.clips import Clip
from app.store.database import Database
from app.store.ledger import AnswerRecord
from app.store.sealing import Sealer
from app.store.sends import SendAttempt
from app.store.transitions import Spoken
from app.telemetry import Metrics

_ATTACHMENT_GONE = 2003
"""Linq's code where an attachment is not known (any more)."""
_ATTACHMENT_MISSING = 2007
"""Linq's code where the file of an attachment has not arrived (yet)."""


@dataclass(frozen=True)
class ReplyPlan:
    """All that is needed to send an answer.

    text: what it says. written: what goes out in writing beside the memo. spoken: what the memo
    says where that is not `text`, which then holds all of it. update: what the chat has to know
    later. speech: the words made ready for speech, or why they cannot be spoken. clip: a memo
    of the same words that was sent before. ready: the memo that an earlier run made. is_new: this
    run composed it, so that none of it can have gone out already.
    """

    claim: Claim
    composed: Composed
    text: str
    update: ConversationUpdate
    written: str = ""
    spoken: str = ""
    speech: SpeechRequest | AnswerOutcome | None = None
    clip: Clip | None = None
    ready: PreparedMemo | None = None
    is_new: bool = False

    @property
    def whole(self) -> str:
        """All of the answer as one text."""
        return self.text if self.spoken else joined(self.text, self.written)


@dataclass(frozen=True)
class _TextFollows:
    """The memo was sent, and text goes out after it."""


class ReplySender:
    def __init__(
        self,
        database: Database,
        maker: MemoMaker,
        delivery: Delivery,
        sealer: Sealer,
        metrics: Metrics,
        renewal: Renewal,
        at: Callable[[str], None] = lambda _point: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """at: called at each point where a crash would matter; for tests. now: Unix seconds."""
        self._database = database
        self._maker = maker
        self._delivery = delivery
        self._sealer = sealer
        self._metrics = metrics
        self._renewal = renewal
        self._at = at
        self._now = now
        self._stages = Stages(metrics, at)

    async def prepare(self, text: str, language: str | None, voice: str | None) -> SpeechRequest:
        """Make words ready for speech. Raises: NothingToSay, UnknownVoice."""
        return await self._maker.prepare(text, language=language, voice=voice)

    def clip_key(self, speech: SpeechRequest | AnswerOutcome | None) -> str | None:
        """The key of a clip of these words; None where none would be reused."""
        return self._maker.clip_key(speech) if isinstance(speech, SpeechRequest) else None

    async def send(self, plan: ReplyPlan) -> AnswerRecord:
        """Send the words in their forms. Returns the answer, which is over.

        Raises: AnswerLost; QuestionOutdated, before anything went out.
        """
        composed = plan.composed
        if not composed.forms:
            return await self.finish(
                plan.claim, AnswerOutcome("silent", composed.reason), plan.update
            )
        if not plan.text:
            return await self.finish(
                plan.claim, AnswerOutcome("silent", Reason.FORGOTTEN), plan.update
            )
        outcome = AnswerOutcome("sent", composed.reason)
        text = plan.whole if "text" in composed.forms else plan.written
        memo_sent = False
        if "voice" in composed.forms:
            spoken = await self._send_memo(plan, text_follows=bool(text))
            if isinstance(spoken, AnswerRecord):
                return spoken
            if isinstance(spoken, _TextFollows):
                memo_sent = True
                if "text" not in composed.forms:
                    text = joined(await self._rest(plan), plan.written)
            elif spoken.state == "failed" and not plan.claim.record.is_recording:
                # No memo for whatever reason: the same words as text.
                outcome, text = spoken, plan.whole
            else:
                return await self.finish(plan.claim, spoken, plan.update)
        return await self._send_text(plan, text, outcome, memo_sent=memo_sent)

    async def finish(
        self, claim: Claim, outcome: AnswerOutcome, update: ConversationUpdate | None = None
    ) -> AnswerRecord:
        """End the answer. Raises: AnswerLost."""
        return await self._database.write(
            lambda c: finish_answer(
                c, claim.run, claim.record.chat_id, outcome, update, self._now()
            ),
            retry_forever=True,
        )

    # The memo -------------------------------------------------------------------------------

    async def _send_memo(
        self, plan: ReplyPlan, *, text_follows: bool
    ) -> AnswerRecord | AnswerOutcome | _TextFollows:
        """Make the memo and send it. Returns the answer if that ended it, else how it went."""
        try:
            made = await self._made(plan)
            try:
                return await self._post(plan, made, text_follows)
            except RetryLater as error:
                if error.code == _ATTACHMENT_MISSING:
                    await self._forget_clip(made.memo)
                raise
            except Refused as error:
                if error.code != _ATTACHMENT_GONE or not made.memo.attachment_id:
                    raise
            # A memo that was uploaded before is not there any more: it is made anew.
            await self._forget_clip(made.memo)
            self._at("send.gone")
            return await self._post(plan, await self._make(plan), text_follows)
        except VoiceError as error:
            return AnswerOutcome("failed", Reason.NO_VOICE, str(error))
        except RecordingUnusable as error:
            return AnswerOutcome("failed", Reason.RECORDING_UNUSABLE, str(error))
        except UploadFailed as error:
            return AnswerOutcome("failed", Reason.UPLOAD_FAILED, str(error))
        except _CannotSpeak as error:
            return error.outcome
        except OutcomeUnknown as error:
            return AnswerOutcome("uncertain", Reason.UNKNOWN_OUTCOME, str(error))
        except LinqError as error:
            if final := final_refusal(error.status or 0, error.code):
                return AnswerOutcome("refused", final, str(error))
            refused = isinstance(error, Refused)
            reason = Reason.MEMO_REFUSED if refused else Reason.MEMO_NOT_SENT
            return AnswerOutcome("failed", reason, str(error))

    async def _made(self, plan: ReplyPlan) -> MadeMemo:
        if plan.ready:
            return MadeMemo(plan.ready)
        if plan.clip:
            self._metrics.synthesized(plan.clip.engine, reused=True)
            return MadeMemo(from_clip(plan.clip))
        return await self._make(plan)

    async def _make(self, plan: ReplyPlan) -> MadeMemo:
        if plan.claim.record.is_recording:
            with self._stages.timed("synthesize"):
                return await self._maker.make_recorded(plan.claim.run.answer_id)
        speech = plan.speech
        if speech is None:
            # The memo of an earlier run is gone; its words are made ready once more.
            record = plan.claim.record
            speech = await self._maker.prepare(
                plan.spoken or plan.text, language=record.language, voice=record.voice
            )
        if isinstance(speech, AnswerOutcome):
            raise _CannotSpeak(speech)
        with self._stages.timed("synthesize"):
            made = await self._maker.make(plan.claim.run.answer_id, speech)
        self._metrics.synthesized(made.memo.engine, reused=False)
        return made

    async def _post(
        self, plan: ReplyPlan, made: MadeMemo, text_follows: bool
    ) -> AnswerRecord | AnswerOutcome | _TextFollows:
        claim, memo = plan.claim, made.memo
        answer_id = claim.run.answer_id
        rest = made.rest
        if rest and claim.context.zero_retention:
            rest = self._sealer.seal(rest)
        started = time.perf_counter()

        def begin(
            connection: sa.Connection, begun_at: float
        ) -> SendAttempt | Reason | QuestionOutdated:
            # Once a memo may be on its way, a stop, a person or a correction comes too late.
            last = sends.last(connection, answer_id)
            if (last is None or last.outcome == "not_sent") and (
                reason := self._unwanted(connection, claim)
            ):
                return reason
            may_renew = last is None and plan.is_new
            if may_renew and (outdated := self._renewal.outdates(connection, claim)):
                return outdated
            if sends.was_refused(connection, answer_id, memo.media_key, besides=_ATTACHMENT_GONE):
                return Reason.MEMO_REFUSED  # by an earlier run, which may have sent the text since
            if memo == plan.ready:
                transitions.check(connection, claim.run)
            else:
                checkpoint = dump_checkpoint(claim.run.number, Synthesized(plan.composed, memo))
                language = memo.language or None
                spoken = Spoken(memo.engine, language, memo.seconds, memo.bytes, memo.timings)
                transitions.save_synthesized(connection, claim.run, checkpoint, spoken, rest)
                if made.clip:
                    clips.keep(connection, made.clip)
            return sends.begin(
                connection, answer_id, claim.record.chat_id, memo.media_key, begun_at
            )

        def accepted(
            connection: sa.Connection, posted: Posted
        ) -> AnswerRecord | AnswerOutcome | _TextFollows:
            status = deliveries.attach(
                connection, answer_id, "memo", posted.message_id, posted.status, posted.service
            )
            if status == "failed":
                return AnswerOutcome(
                    "failed", Reason.NOT_DELIVERED, "Linq could not deliver the memo"
                )
            if text_follows or memo.is_cut:
                transitions.check(connection, claim.run)
                return _TextFollows()
            outcome = AnswerOutcome("sent", plan.composed.reason)
            return finish_answer(
                connection, claim.run, claim.record.chat_id, outcome, plan.update, self._now()
            )

        result: (
            AnswerRecord | AnswerOutcome | _TextFollows | Reason | QuestionOutdated
        ) = await self._delivery.send_memo(
            Media(memo.media_key, memo.attachment_id, self._maker.url(memo)),
            begin=begin,
            accepted=accepted,
            history_tells=not claim.context.zero_retention,
        )
        if isinstance(result, QuestionOutdated):
            raise result
        self._metrics.stage("send", time.perf_counter() - started)
        self._at("send.kept")
        if result is Reason.MEMO_REFUSED:
            return AnswerOutcome("failed", Reason.MEMO_REFUSED, "Linq refused this memo before")
        return AnswerOutcome("silent", result) if isinstance(result, Reason) else result

    async def _forget_clip(self, memo: PreparedMemo) -> None:
        if key := memo.clip_key:
            await self._database.write(lambda c: clips.forget(c, key), retry_forever=True)

    async def _rest(self, plan: ReplyPlan) -> str:
        """The words that did not fit into the memo."""
        stored = await self._database.read(
            lambda c: transitions.rest_of(c, plan.claim.run.answer_id), retry_forever=True
        )
        return self._sealer.open_or_none(stored) or ""

    # The text -------------------------------------------------------------------------------

    async def _send_text(
        self, plan: ReplyPlan, text: str, outcome: AnswerOutcome, *, memo_sent: bool
    ) -> AnswerRecord:
        """Send a text after, or for want of, a memo; `outcome` is how that went."""
        claim = plan.claim
        answer_id = claim.run.answer_id
        done = AnswerOutcome("sent", outcome.reason, outcome.detail)
        stop = await self._why_not(plan, memo_sent=memo_sent)
        if stop or not text:
            # Whoever asks to stop after the memo has had an answer.
            return await self.finish(
                claim,
                AnswerOutcome("silent", stop) if stop and not memo_sent else done,
                plan.update,
            )

        def accepted(connection: sa.Connection, posted: Posted) -> AnswerRecord:
            deliveries.attach(
                connection, answer_id, "text", posted.message_id, posted.status, posted.service
            )
            return finish_answer(
                connection, claim.run, claim.record.chat_id, done, plan.update, self._now()
            )

        try:
            with self._stages.timed("text"):
                record = await self._delivery.send_text(
                    answer_id, claim.record.chat_id, text, accepted
                )
        except LinqError as error:
            final = final_refusal(error.status or 0, error.code)
            causes = "; ".join(filter(None, (outcome.detail, str(error))))
            return await self.finish(
                claim,
                AnswerOutcome("refused", final, str(error))
                if final
                else AnswerOutcome("failed", Reason.TEXT_NOT_SENT, causes),
                plan.update,
            )
        return record

    async def _why_not(self, plan: ReplyPlan, *, memo_sent: bool) -> Reason | None:
        """Why nobody wants a text any more. Raises: QuestionOutdated."""
        claim = plan.claim
        answer_id = claim.run.answer_id

        def look(connection: sa.Connection) -> Reason | QuestionOutdated | None:
            if reason := self._unwanted(connection, claim):
                return reason
            if not plan.is_new or sends.last(connection, answer_id):
                return None  # a memo was posted, whatever became of it
            return self._renewal.outdates(connection, claim)

        if memo_sent:
            return await self._database.read(
                lambda c: chat_context.all_stopped(c, answer_id), retry_forever=True
            )
        found = await self._database.write(look, retry_forever=True)
        if isinstance(found, QuestionOutdated):
            raise found
        return found

    def _unwanted(self, connection: sa.Connection, claim: Claim) -> Reason | None:
        """Why an answer of which nothing has gone out is to be dropped, if it is."""
        if claim.record.origin != "inbound":
            return None
        if stop := chat_context.all_stopped(connection, claim.run.answer_id):
            return stop
        if not desk.is_taken(connection, claim.record.chat_id, self._now()):
            return None
        # A text of an earlier run may have gone out before: then it is known by its receipt.
        now = ledger.show(connection, claim.run.answer_id)
        return None if now and now.text_message_id else Reason.TAKEN_OVER


class _CannotSpeak(Exception):
    def __init__(self, outcome: AnswerOutcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome
