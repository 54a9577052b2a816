"""The durable workflow: hear, compose, record, send. After a crash it goes on where it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from dbos import DBOS, DBOSConfiguredInstance

from app.answers.composing import Composed, Composer
from app.answers.presence import Attention, Presence
from app.answers.queue import CLASS_NAME, INSTANCE_NAME
from app.answers.recording import Recorded, Recorder, UploadFailed
from app.answers.sending import Posted, Sender
from app.inbox.events import InboundMessage
from app.linq import LinqError, OutcomeUnknown, Refused
from app.policy import Reason, final_refusal, reply_form
from app.responders.protocol import ResponderError
from app.settings import Settings
from app.store import ledger
from app.store.database import Database
from app.store.ledger import AnswerRecord, State
from app.telemetry import Metrics
from app.voices.errors import VoiceError

log = structlog.get_logger()

MOST_RUNS = 50
"""An answer that has taken its process down so often is given up."""


@dataclass(frozen=True)
class End:
    """How an answer ended."""

    state: State
    reason: str
    detail: str | None = None


@DBOS.dbos_class(CLASS_NAME)
class Answers(DBOSConfiguredInstance):
    """The parts an answer needs, and the workflow that uses them in order."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        composer: Composer,
        recorder: Recorder,
        sender: Sender,
        presence: Presence,
        metrics: Metrics,
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """at: told at each point where a crash would matter; for tests."""
        self._settings = settings
        self._database = database
        self._composer = composer
        self._recorder = recorder
        self._sender = sender
        self._presence = presence
        self._metrics = metrics
        self._at = at
        super().__init__(INSTANCE_NAME)

    @DBOS.workflow(name=f"{CLASS_NAME}.answer", max_recovery_attempts=None)
    async def answer(self, answer_id: str, chat_id: str) -> str:
        """Answer the oldest messages that wait in a chat, or say what the API was asked to."""
        self._at("answer.begin")
        record = await self._database.patiently(ledger.begin, answer_id)
        if record is None or record.state != "working":
            return "over"
        try:
            end = await self._give(record)
        except Exception as error:
            log.exception("answer failed", answer=answer_id, chat=chat_id)
            end = End("failed", "error", f"{type(error).__name__}: {error}"[:500])
        self._at("answer.end")
        await self._finish(record, end)
        return end.state

    @DBOS.workflow(name=f"{CLASS_NAME}.write_instead", max_recovery_attempts=None)
    async def write_instead(self, answer_id: str, chat_id: str) -> str:
        """Send the words of a memo as text, because the memo could not be delivered."""
        record = await self._database.patiently(ledger.show, answer_id)
        if record is None or not record.text or record.text_message_id:
            return "over"
        posted = await self._step("write", self._write, answer_id, chat_id, record.text)
        log.warning("memo not delivered, sent as text", answer=answer_id, chat=chat_id, **posted)
        return "sent" if "message_id" in posted else "failed"

    async def _give(self, record: AnswerRecord) -> End:
        if record.runs > MOST_RUNS:
            return End("failed", "crashes", f"took its process down {MOST_RUNS} times")
        if record.origin == "api":
            composed = Composed(
                record.text or "",
                record.language,
                record.voice,
                reply_forms(self._settings, record),
            )
            return await self._say(record, composed, history_tells=True)
        messages = await self._gather(record)
        if not messages:
            return End("collected", Reason.COLLECTED)
        history_tells = not messages[-1].zero_retention
        async with self._presence.around(record.chat_id) as presence:
            texts = None
            if any(message.audio for message in messages):
                texts = await self._step("hear", self._hear, messages, record.answer_id, presence)
            made = await self._step(
                "compose", self._compose, messages, texts, record.answer_id, presence
            )
            if "failed" in made:
                return End("failed", "responder", made["failed"])
            composed = Composed.from_json(made)
            end = await self._say(record, composed, history_tells=history_tells)
            if end.state == "sent":
                presence.ended_by_message()
            return end

    async def _say(self, record: AnswerRecord, composed: Composed, *, history_tells: bool) -> End:
        """Send the words in their forms: a memo, a text, or the one for want of the other."""
        if not composed.forms:
            return End("silent", composed.reason)
        await self._database.patiently(
            ledger.note, record.answer_id, text=composed.text, reply_as="+".join(composed.forms)
        )
        reason, detail, rest = composed.reason, None, ""
        write = "text" in composed.forms
        if "voice" in composed.forms:
            try:
                rest = await self._speak(record, composed, history_tells)
            except OutcomeUnknown as error:
                return End("uncertain", "unknown_outcome", str(error))
            except Refused as error:
                if final := final_refusal(error.status or 0, error.code):
                    return End("refused", final, str(error))
                write, reason, detail = True, "memo_refused", str(error)
            except (VoiceError, UploadFailed, LinqError) as error:
                write, reason = True, _why_no_memo(error)
                detail = f"{type(error).__name__}: {error}"[:500]
        if rest and not write:
            return await self._write_down(record, rest, composed.reason, None)
        if write:
            return await self._write_down(record, composed.text, reason, detail)
        return End("sent", composed.reason)

    async def _speak(self, record: AnswerRecord, composed: Composed, history_tells: bool) -> str:
        """Record the words and send the memo. Returns what did not fit into it.

        Raises: VoiceError, UploadFailed, LinqError.
        """
        for take in ("", " again"):
            made = await self._step(f"record{take}", self._record, record.answer_id, composed)
            if "failed" in made:
                raise UploadFailed(made["failed"])
            recorded = Recorded(**made)
            posted = await self._step(f"send{take}", self._send, record, recorded, history_tells)
            if posted.get("gone") and not take:
                # The clip's attachment was deleted meanwhile: forget it and record anew.
                await self._recorder.forget(recorded)
                continue
            _raise_refusal(posted)
            return recorded.rest
        raise AssertionError("unreachable")

    async def _write_down(
        self, record: AnswerRecord, text: str, reason: str, detail: str | None
    ) -> End:
        posted = await self._step("write", self._write, record.answer_id, record.chat_id, text)
        if "error" not in posted:
            return End("sent", reason, detail)
        if final := final_refusal(posted["status"] or 0, posted["code"]):
            return End("refused", final, posted["error"])
        return End("failed", "text_not_sent", "; ".join(filter(None, (detail, posted["error"]))))

    # Stages: each runs once to its end, and what it returns is kept for a run after a crash. ---

    async def _step(self, name: str, stage: Callable[..., Awaitable[Any]], *args: Any) -> Any:
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

    async def _gather(self, record: AnswerRecord) -> list[InboundMessage]:
        """The messages to answer; with a pause set, all that come until the chat pauses."""
        pause = self._settings.debounce_seconds
        deadline = time.monotonic() + 5 * pause
        while pause:
            newest = await self._database.patiently(ledger.newest_waiting, record.chat_id)
            wait = (newest or 0) + pause - time.time()
            if wait <= 0 or time.monotonic() > deadline:
                break
            await asyncio.sleep(min(wait, pause))
        return await self._database.patiently(
            ledger.claim, record.answer_id, record.chat_id, collect=pause > 0
        )

    async def _hear(
        self, messages: list[InboundMessage], answer_id: str, presence: Attention
    ) -> dict[str, Any]:
        if decided := await self._composer.considered(messages, answer_id):
            return {"decided": decided.as_json()}
        presence.begin()
        return {"texts": await self._composer.heard(messages)}

    async def _compose(
        self,
        messages: list[InboundMessage],
        heard: dict[str, Any] | None,
        answer_id: str,
        presence: Attention,
    ) -> dict[str, Any]:
        if heard is None:
            if decided := await self._composer.considered(messages, answer_id):
                return decided.as_json()
            presence.begin()
            heard = {"texts": [message.text or None for message in messages]}
        elif "decided" in heard:
            return dict(heard["decided"])
        try:
            composed = await self._composer.composed(messages, heard["texts"], answer_id)
        except ResponderError as error:
            return {"failed": str(error)[:500]}
        return composed.as_json()

    async def _record(self, answer_id: str, composed: Composed) -> dict[str, Any]:
        try:
            recorded = await self._recorder.record(
                answer_id, composed.text, language=composed.language, voice=composed.voice
            )
        except (VoiceError, UploadFailed) as error:
            return {"failed": f"{type(error).__name__}: {error}"[:500]}
        self._metrics.recorded(recorded.engine, reused=recorded.reused)
        await self._database.patiently(
            ledger.note,
            answer_id,
            engine=recorded.engine,
            seconds=recorded.seconds,
            bytes=recorded.bytes,
            language=recorded.language,
            timings=recorded.timings,
        )
        return recorded.as_json()

    async def _send(
        self, record: AnswerRecord, recorded: Recorded, history_tells: bool
    ) -> dict[str, Any]:
        try:
            posted = await self._sender.memo(
                record.answer_id,
                record.chat_id,
                self._recorder.ready(recorded),
                history_tells=history_tells,
            )
        except LinqError as error:
            gone = isinstance(error, Refused) and error.code == 2003
            return {**_refusal(error), "gone": gone}
        return await self._attach(record.answer_id, "memo", posted)

    async def _write(self, answer_id: str, chat_id: str, text: str) -> dict[str, Any]:
        try:
            posted = await self._sender.text(answer_id, chat_id, text)
        except LinqError as error:
            return _refusal(error)
        return await self._attach(answer_id, "text", posted)

    async def _attach(self, answer_id: str, kind: Any, posted: Posted) -> dict[str, Any]:
        status = await self._database.patiently(
            ledger.attach, answer_id, kind, posted.message_id, posted.status
        )
        if posted.service:
            await self._database.patiently(ledger.note, answer_id, service=posted.service)
        return {"message_id": posted.message_id, "delivery": status}

    async def _finish(self, record: AnswerRecord, end: End) -> None:
        await self._database.patiently(
            ledger.finish, record.answer_id, end.state, end.reason[:64], detail=end.detail
        )
        self._at("answer.finished")
        total = time.time() - record.created_at.timestamp()
        self._metrics.answered(end.state, end.reason, total)
        done = await self._database.patiently(ledger.show, record.answer_id) or record
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


def reply_forms(settings: Settings, record: AnswerRecord) -> tuple[Any, ...]:
    """The forms of a memo asked for over the API: what is set, and voice where it mirrors."""
    reply_as = "voice" if settings.reply_as == "mirror" else settings.reply_as
    return tuple(
        sorted(reply_form(reply_as, spoken=True, service=record.service or ""), reverse=True)
    )


def _refusal(error: LinqError) -> dict[str, Any]:
    """An error as a stage's result, so that a run after a crash sees the same."""
    return {
        "error": str(error),
        "kind": type(error).__name__,
        "status": error.status,
        "code": error.code,
    }


def _raise_refusal(posted: dict[str, Any]) -> None:
    if "error" not in posted:
        return
    kinds: dict[str, type[LinqError]] = {kind.__name__: kind for kind in (Refused, OutcomeUnknown)}
    kind = kinds.get(posted["kind"], LinqError)
    raise kind(posted["error"], status=posted["status"], code=posted["code"])


def _why_no_memo(error: Exception) -> str:
    if isinstance(error, VoiceError):
        return "no_voice"
    return "upload_failed" if isinstance(error, UploadFailed) else "memo_not_sent"


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 3) if seconds is not None else None
