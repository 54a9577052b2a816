"""The durable workflow: hear, compose, record, send. After a crash it goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog
from dbos import DBOS, DBOSConfiguredInstance

from app.answers.composing import Composed
from app.answers.outcome import AnswerOutcome, ConversationUpdate, finish_answer
from app.answers.queue import CLASS_NAME, INSTANCE_NAME
from app.answers.recording import Recorded
from app.answers.stages import Result, Stages
from app.answers.typing_indicator import Presence
from app.policy import Reason, final_refusal, reply_form
from app.policy.form import Form
from app.settings import Settings
from app.store import ledger
from app.store.database import Database
from app.store.ledger import AnswerRecord
from app.telemetry import Metrics

log = structlog.get_logger()

MOST_RUNS = 50
"""An answer that has taken its process down so often is given up."""


@DBOS.dbos_class(CLASS_NAME)
class Answers(DBOSConfiguredInstance):
    """The parts an answer needs, and the workflow that uses them in order."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        stages: Stages,
        presence: Presence,
        metrics: Metrics,
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """at: told at each point where a crash would matter; for tests."""
        self._settings = settings
        self._database = database
        self._stages = stages
        self._presence = presence
        self._metrics = metrics
        self._at = at
        super().__init__(INSTANCE_NAME)

    @DBOS.workflow(name=f"{CLASS_NAME}.answer", max_recovery_attempts=None)
    async def answer(self, answer_id: str, chat_id: str) -> str:
        """Answer the oldest messages that wait in a chat, or say what the API was asked to."""
        self._at("answer.begin")
        record = await self._database.read(lambda c: ledger.show(c, answer_id), retry_forever=True)
        if record is None or record.state in ledger.TERMINAL_STATES:
            return "over"
        try:
            end = await self._give(record)
        except Exception as error:
            log.exception("answer failed", answer=answer_id, chat=chat_id)
            end = AnswerOutcome("failed", "error", f"{type(error).__name__}: {error}"[:500])
        self._at("answer.end")
        await self._finish(record, end)
        return end.state

    @DBOS.workflow(name=f"{CLASS_NAME}.write_instead", max_recovery_attempts=None)
    async def write_instead(self, answer_id: str, chat_id: str) -> str:
        """Send the words of a memo as text, because the memo could not be delivered."""
        record = await self._database.read(lambda c: ledger.show(c, answer_id), retry_forever=True)
        if record is None or not record.text or record.text_message_id:
            return "over"
        posted = await self._step("write", self._stages.write, answer_id, chat_id, record.text)
        log.warning(
            "memo not delivered, sent as text",
            answer=answer_id,
            chat=chat_id,
            text=posted.get("message_id"),
            cause=posted.get("error") or posted.get("stopped"),
        )
        return "sent" if "message_id" in posted else "failed"

    async def _give(self, record: AnswerRecord) -> AnswerOutcome:
        messages = await self._stages.gather(record)
        if record.runs >= MOST_RUNS:
            return AnswerOutcome("failed", "crashes", f"took its process down {MOST_RUNS} times")
        if record.origin == "api":
            composed = _as_asked(record, self._settings)
            return replace(
                await self._say(record, composed), memory=ConversationUpdate(is_turn=True)
            )
        if not messages:
            return AnswerOutcome("collected", Reason.COLLECTED)
        async with self._presence.around(record.chat_id) as attention:
            heard = None
            if any(message.audio for message in messages):
                heard = await self._step(
                    "hear", self._stages.hear, messages, record.answer_id, attention
                )
                messages = await self._stages.gathered(record) or messages
            made = await self._step(
                "compose", self._stages.compose, messages, heard, record.answer_id, attention
            )
            if "failed" in made:
                return AnswerOutcome("failed", "responder", made["failed"])
            composed = Composed.from_json(made)
            if composed.forms:
                attention.begin()  # again, after a crash
            end = await self._say(record, composed)
            if end.state == "sent":
                attention.ended_by_message()
            return replace(end, memory=self._stages.composer.memory(messages, composed))

    async def _say(self, record: AnswerRecord, composed: Composed) -> AnswerOutcome:
        """Send the words in their forms: a memo, a text, or the one for want of the other."""
        if not composed.forms:
            return AnswerOutcome("silent", composed.reason)
        said = await self._database.read(
            lambda c: ledger.show(c, record.answer_id), retry_forever=True
        )
        if said is None or not said.text:
            return AnswerOutcome("silent", Reason.FORGOTTEN)
        noted: dict[str, Any] = {"reply_as": "+".join(composed.forms)}
        end = AnswerOutcome("sent", composed.reason)
        to_write = said.text if "text" in composed.forms else ""
        if "voice" in composed.forms:
            end, is_cut = await self._speak(said, composed, noted)
            if end.state == "failed":
                # No memo for whatever reason: the same words as text.
                to_write = said.text
            elif end.state != "sent":
                return replace(end, noted=noted)
            elif is_cut and not to_write:
                to_write = await self._database.read(
                    lambda c: ledger.rest_of(c, record.answer_id), retry_forever=True
                )
        if to_write:
            written = await self._write_down(said, to_write, end)
            # Whoever asks to stop after the memo has had an answer.
            had_one = "voice" in composed.forms and end.state == "sent"
            end = end if had_one and written.state == "silent" else written
        return replace(end, noted=noted)

    async def _speak(
        self, said: AnswerRecord, composed: Composed, noted: dict[str, Any]
    ) -> tuple[AnswerOutcome, bool]:
        """Record the words and send the memo. Also returns whether some did not fit into it."""
        posted: Result = {}
        for take in ("", " again"):
            made = await self._step(f"record{take}", self._stages.record, said)
            if "failed" in made:
                return AnswerOutcome("failed", made["reason"], made["failed"]), False
            recorded = Recorded(**made)
            self._metrics.recorded(recorded.engine, reused=recorded.reused)
            noted |= {
                "engine": recorded.engine,
                "language": recorded.language,
                "seconds": recorded.seconds,
                "bytes": recorded.bytes,
                "timings": recorded.timings,
            }
            posted = await self._step(f"send{take}", self._stages.send, said, recorded)
            if not posted.get("gone"):
                break
            await self._stages.recorder.forget(recorded)
        if "stopped" in posted:
            return AnswerOutcome("silent", posted["stopped"]), False
        if posted.get("delivery") == "failed":
            return AnswerOutcome(
                "failed", "not_delivered", "Linq could not deliver the memo"
            ), False
        if "error" not in posted:
            return AnswerOutcome("sent", composed.reason), recorded.is_cut
        if posted["kind"] == "OutcomeUnknown":
            return AnswerOutcome("uncertain", "unknown_outcome", posted["error"]), False
        if final := final_refusal(posted["status"], posted["code"]):
            return AnswerOutcome("refused", final, posted["error"]), False
        reason = "memo_refused" if posted["kind"] == "Refused" else "memo_not_sent"
        return AnswerOutcome("failed", reason, posted["error"]), False

    async def _write_down(
        self, said: AnswerRecord, text: str, so_far: AnswerOutcome
    ) -> AnswerOutcome:
        """Send a text after, or for want of, a memo that ended as `so_far`."""
        posted = await self._step("write", self._stages.write, said.answer_id, said.chat_id, text)
        if "stopped" in posted:
            return AnswerOutcome("silent", posted["stopped"])
        if "error" not in posted:
            return AnswerOutcome("sent", so_far.reason, so_far.detail)
        if final := final_refusal(posted["status"], posted["code"]):
            return AnswerOutcome("refused", final, posted["error"])
        causes = (so_far.detail, posted["error"])
        return AnswerOutcome("failed", "text_not_sent", "; ".join(filter(None, causes)))

    async def _step(self, name: str, stage: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Run a stage to its end once; what it returns is kept for a run after a crash."""

        async def run() -> Any:
            self._at(f"{name}.begin")
            started = time.perf_counter()
            result = await stage(*args)
            self._metrics.stage(name, time.perf_counter() - started)
            self._at(f"{name}.end")
            return result

        result = await DBOS.run_step_async({"name": name}, run)
        self._at(f"{name}.kept")
        return result

    async def _finish(self, record: AnswerRecord, end: AnswerOutcome) -> None:
        done = await self._database.write(
            lambda c: finish_answer(c, record, end, time.time()), retry_forever=True
        )
        self._at("answer.finished")
        total = time.time() - record.created_at.timestamp()
        self._metrics.answered(end.state, end.reason, total)
        level = log.info if end.state in ("sent", "silent", "collected") else log.warning
        level(
            f"answer {end.state}",
            answer=record.answer_id,
            chat=record.chat_id,
            reason=end.reason,
            cause=end.detail,
            reply_as=done.reply_as,
            engine=done.engine,
            audio_s=_rounded(done.seconds),
            bytes=done.bytes,
            memo=done.memo_message_id,
            text=done.text_message_id,
            total_s=_rounded(total),
            runs=done.runs,
        )


def _as_asked(record: AnswerRecord, settings: Settings) -> Composed:
    """What the API asked for: the form that is set, and voice where it mirrors."""
    reply_as = "voice" if settings.reply_as == "mirror" else settings.reply_as
    forms = reply_form(reply_as, spoken=True, service=record.service or "")
    order: tuple[Form, ...] = ("voice", "text")
    return Composed(tuple(form for form in order if form in forms))


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 3) if seconds is not None else None
