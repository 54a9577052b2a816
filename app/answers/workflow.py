"""The durable workflow of one answer.

    claim ▸ decide ▸ typing ▸ transcribe ▸ compose ▸ synthesize ▸ send ▸ finish

DBOS queues the workflow, one at a time per chat, and runs it again when its process is gone. What
a run has finished is kept by ourselves, as a checkpoint in the transaction of the step's own
effects: DBOS's steps would store every result once more in transactions of their own, for twice
the writes of an answer. So a run begins with the claim, which reads all that is known in one
transaction, and goes on after the last finished step. Nothing else is read between the steps but
the clock, settings, clips, and whether somebody has asked to stop; each only decides what has not
been done yet, and is stored with it, so that a later run does not decide it again.

Every write names the run. A run that was taken over, because its process was thought dead, meets
`AnswerLost` at its next write and ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfiguredInstance

from app.answers.checkpoints import Composed, Synthesized
from app.answers.claims import Claim, claim_answer
from app.answers.composer import Composer
from app.answers.composition import joined
from app.answers.dbos_internals import (
    CLASS_NAME,
    FALLBACK_WORKFLOW,
    INSTANCE_NAME,
    recorded_steps,
)
from app.answers.delivery import Delivery, Posted
from app.answers.legacy_steps import step_from_records
from app.answers.outcome import AnswerOutcome
from app.answers.planner import AnswerPlanner
from app.answers.renewal import MOST_RENEWALS, QuestionOutdated
from app.answers.reply import ReplySender
from app.answers.shortage import is_shortage
from app.answers.timing import Timing
from app.answers.typing_indicator import TypingIndicator, TypingIndicators
from app.linq.errors import LinqError
from app.policy import Reason
from app.retry import Backoff
from app.settings import Settings
from app.store import chat_context, deliveries, ledger, sends
from app.store.database import Database
from app.store.ledger import AnswerRecord
from app.store.sealing import Sealer
from app.store.transitions import AnswerLost
from app.telemetry import Metrics, describe

log = structlog.get_logger()

MOST_RUNS = 60
"""An answer that has been begun so often is given up."""
UNEXPECTED_ATTEMPTS = 3
"""How often an answer is tried that fails for a reason nobody foresaw. Then it goes as text."""


_LOOK_AGAIN_SECONDS = 0.5
"""How often it is seen whether a person who is waited for types, or has stopped."""
_SHORTAGE_PAUSES = Backoff(first=0.5, longest=10.0)


@DBOS.dbos_class(CLASS_NAME)
class AnswerWorkflow(DBOSConfiguredInstance):
    """The parts an answer needs, and the workflow that uses them in order."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        composer: Composer,
        planner: AnswerPlanner,
        sender: ReplySender,
        delivery: Delivery,
        typing: TypingIndicators,
        sealer: Sealer,
        metrics: Metrics,
        timing: Timing,
        at: Callable[[str], None] = lambda _point: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """at: called at each point where a crash would matter; for tests. now: Unix seconds."""
        self._settings = settings
        self._database = database
        self._composer = composer
        self._planner = planner
        self._sender = sender
        self._delivery = delivery
        self._typing = typing
        self._sealer = sealer
        self._metrics = metrics
        self._timing = timing
        self._at = at
        self._now = now
        super().__init__(INSTANCE_NAME)

    @DBOS.workflow(name=f"{CLASS_NAME}.answer", max_recovery_attempts=None)
    async def answer(self, answer_id: str, chat_id: str) -> str:
        """Answer the oldest messages that wait in a chat, or say what the API was asked to."""
        self._at("answer.begin")
        try:
            record = await self._answer(answer_id, chat_id)
        except AnswerLost:
            log.warning("answer taken over by another process", answer=answer_id, chat=chat_id)
            return "lost"
        if record is None:
            return "over"
        self._at("answer.finished")
        self._report(record)
        return record.state

    @DBOS.workflow(name=f"{CLASS_NAME}.{FALLBACK_WORKFLOW}", max_recovery_attempts=None)
    async def send_text_fallback(self, answer_id: str, chat_id: str) -> str:
        """Send the words of a memo as text, because the memo could not be delivered."""
        record = await self._database.read(lambda c: ledger.show(c, answer_id), retry_forever=True)
        if record is None or not record.text or record.is_recording:
            return "over"
        send_id = answer_id
        text = record.text if record.spoken else joined(record.text, record.written or "")
        if record.text_message_id:
            if "text" in (record.reply_as or "") or record.written == record.text:
                return "over"  # its words are in that text
            # Only what belongs beside the memo went out in writing.
            send_id, text = f"{answer_id}:fallback", record.text

        def attach(connection: sa.Connection, posted: Posted) -> str:
            deliveries.attach(
                connection, answer_id, "text", posted.message_id, posted.status, posted.service
            )
            return posted.message_id

        message_id = cause = None
        try:
            message_id = await self._delivery.send_text(send_id, chat_id, text, attach)
        except LinqError as error:
            cause = str(error)
        log.warning(
            "memo not delivered, sent as text" if message_id else "memo not delivered, nor text",
            answer=answer_id,
            chat=chat_id,
            text=message_id,
            cause=cause,
        )
        return "sent" if message_id else "failed"

    async def _answer(self, answer_id: str, chat_id: str) -> AnswerRecord | None:
        """Run until the answer is over; what nobody foresaw is tried again, then written."""
        async with self._typing.during(chat_id) as typing:
            return await self._run_until_over(answer_id, chat_id, typing)

    async def _run_until_over(
        self, answer_id: str, chat_id: str, typing: TypingIndicator
    ) -> AnswerRecord | None:
        pauses = Backoff(first=self._timing.unexpected_pause_seconds, longest=60.0, factor=5.0)
        tries = failures = renewals = shortages = 0
        while True:
            claim = None
            try:
                claim = await self._claim(answer_id, chat_id, typing)
                if claim is None:
                    return None
                claim = claim.after(tries, renewals)
                tries += 1
                return await self._run(claim, typing)
            except AnswerLost:
                raise
            except QuestionOutdated:
                renewals += 1
                log.info("newer messages came, answer is composed anew", answer=answer_id)
                self._at("outdated.kept")
                continue
            except Exception as error:
                if is_shortage(error):
                    # Neither this answer's fault nor for ever: it waits, as for a database away.
                    shortages += 1
                    pause = _SHORTAGE_PAUSES.pause(shortages)
                    log.error(
                        "answer waits for memory, disk or open files",
                        answer=answer_id,
                        again_in=pause,
                        **describe(error),
                    )
                    await asyncio.sleep(pause)
                    continue
                failures += 1
                log.exception("answer failed unexpectedly", answer=answer_id, attempt=failures)
                if claim and failures >= UNEXPECTED_ATTEMPTS:
                    return await self._last_resort(claim, error)
            await asyncio.sleep(pauses.pause(failures))

    async def _run(self, claim: Claim, typing: TypingIndicator) -> AnswerRecord:
        if claim.lives > MOST_RUNS:
            detail = f"begun by {claim.lives} processes"
            return await self._sender.finish(claim, AnswerOutcome("failed", Reason.CRASHES, detail))
        if claim.record.origin == "inbound" and not claim.messages:
            return await self._sender.finish(claim, AnswerOutcome("collected", Reason.COLLECTED))
        plan = await self._planner.plan(claim, typing)
        if isinstance(plan, AnswerOutcome):
            return await self._sender.finish(claim, plan)
        record = await self._sender.send(plan)
        if record.state == "sent":
            typing.message_sent()
        return record

    # Claim ----------------------------------------------------------------------------------

    async def _claim(
        self, answer_id: str, chat_id: str, typing: TypingIndicator | None = None
    ) -> Claim | None:
        """Begin a run. Where quick messages are collected, after all that come in the pause."""
        pause = self._settings.debounce_seconds
        if pause and answer_id.startswith("answer:"):
            await self._wait_for_pause(chat_id, pause, typing)
        claim = await self._database.write(
            lambda c: claim_answer(
                c,
                answer_id,
                self._sealer,
                collect=pause > 0,
                window_seconds=self._timing.rate_window_seconds,
                now=self._now(),
            ),
            retry_forever=True,
        )
        self._at("claim.kept")
        if claim and claim.finished is None and claim.record.runs > 1:
            claim = await self._with_older_steps(claim)
        return claim

    async def _wait_for_pause(
        self, chat_id: str, pause: float, typing: TypingIndicator | None
    ) -> None:
        """Wait for the pause; meanwhile a person who will be answered sees that it is so."""
        deadline = time.monotonic() + 5 * pause
        while time.monotonic() < deadline:
            found = await self._database.read(
                lambda c: chat_context.collecting(c, chat_id, self._now()), retry_forever=True
            )
            now = time.time()
            wait = found.until(pause, now) - now
            if wait <= 0:
                return
            if typing and found.is_answered:
                typing.begin()
            await asyncio.sleep(min(wait, pause, _LOOK_AGAIN_SECONDS))

    async def _with_older_steps(self, claim: Claim) -> Claim:
        """What a run of an older version finished, whose steps DBOS kept."""
        workflow_id = DBOS.workflow_id or claim.run.answer_id
        records = await self._database.read(
            lambda c: recorded_steps(c, workflow_id), retry_forever=True
        )
        return claim.resumed_at(step_from_records(records))

    async def _last_resort(self, claim: Claim, error: Exception) -> AnswerRecord:
        """After errors that nobody foresaw: the words as text, unless a memo may have gone out."""
        detail = type(error).__name__  # its message might hold words
        attempt = await self._database.read(
            lambda c: sends.last(c, claim.run.answer_id), retry_forever=True
        )
        if attempt and attempt.outcome in sends.STANDING:
            return await self._sender.finish(
                claim, AnswerOutcome("uncertain", Reason.UNEXPECTED, detail)
            )
        if claim.record.is_recording:
            return await self._sender.finish(
                claim, AnswerOutcome("failed", Reason.UNEXPECTED, detail)
            )
        try:
            claim = await self._claim(claim.run.answer_id, claim.record.chat_id) or claim
            claim = replace(claim, renewals=MOST_RENEWALS)
            if isinstance(claim.finished, Composed | Synthesized) or claim.record.text:
                composition = self._composer.written(claim)
            else:
                composition = await self._composer.apologize(claim.messages, claim)
            plan = await self._planner.save(claim, composition, claim.messages)
            return await self._sender.send(plan)
        except AnswerLost:
            raise
        except Exception:
            log.exception("answer given up", answer=claim.run.answer_id)
            return await self._sender.finish(
                claim, AnswerOutcome("failed", Reason.UNEXPECTED, detail)
            )

    # Finish ---------------------------------------------------------------------------------

    def _report(self, done: AnswerRecord) -> None:
        """One line and the metrics of an answer that is over."""
        total = time.time() - done.created_at.timestamp()
        self._metrics.answered(done.state, done.reason, total, done.responder_code)
        level = log.info if done.state in ("sent", "silent", "collected") else log.warning
        level(
            f"answer {done.state}",
            answer=done.answer_id,
            chat=done.chat_id,
            reason=done.reason,
            responder_code=done.responder_code,
            cause=done.detail,
            reply_as=done.reply_as,
            engine=done.engine,
            audio_s=_rounded(done.seconds),
            bytes=done.bytes,
            memo=done.memo_message_id,
            text=done.text_message_id,
            total_s=_rounded(total),
            runs=done.runs,
        )


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 3) if seconds is not None else None
