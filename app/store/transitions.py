"""How an answer moves on: one function per transition, each for one transaction.

    waiting ─begin▶ working ─save_checkpoint▶ … ─mark_sent▶ … ─finish▶ sent, silent, failed, …

Every transition names the run it belongs to. A run that another process has taken over, because
this one was thought dead, stores nothing more: it meets `AnswerLost`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.policy import Reason
from app.store import recorded_audio
from app.store.ledger import RETRYABLE, TERMINAL_STATES, AnswerRecord, State, show, to_record
from app.store.prepared import prepared
from app.store.tables import answers, messages

_NO_WORDS: dict[str, Any] = dict.fromkeys(("text", "written", "spoken", "summary"))


class AnswerLost(Exception):
    """Another process works on this answer now, or it is over: this run has to end."""


@dataclass(frozen=True)
class Run:
    """One run of an answer in one process; `number` counts its runs from 1."""

    answer_id: str
    number: int


@dataclass(frozen=True)
class Spoken:
    """The memo that an answer became, for ledger and log. Durations in seconds, size in bytes."""

    engine: str
    language: str | None
    seconds: float
    bytes: int
    timings: dict[str, float]


def begin(connection: sa.Connection, answer_id: str) -> tuple[AnswerRecord, Any] | None:
    """Begin a run. Returns the answer and its checkpoint as stored; None if it is over or gone."""
    row = connection.execute(*_begun(answer_id, time.time())).first()
    return (to_record(row), row.checkpoint) if row else None


def save_checkpoint(connection: sa.Connection, run: Run, checkpoint: Any) -> None:
    """Store the last finished step (JSON), from which a later run goes on.

    Raises: AnswerLost.
    """
    _change(connection, run, checkpoint=checkpoint)


def save_composed(
    connection: sa.Connection,
    run: Run,
    checkpoint: Any,
    *,
    text: str,
    written: str,
    spoken: str,
    summary: str,
    language: str | None,
    voice: str | None,
    responder_code: str | None,
    reply_as: str | None,
) -> None:
    """Store what is to be said, and how. Raises: AnswerLost."""
    _change(
        connection,
        run,
        checkpoint=checkpoint,
        text=text or None,
        written=written or None,
        spoken=spoken or None,
        summary=summary or None,
        language=language,
        voice=voice,
        responder_code=responder_code,
        reply_as=reply_as,
    )


def save_synthesized(
    connection: sa.Connection, run: Run, checkpoint: Any, spoken: Spoken, rest: str
) -> None:
    """Store the memo that is ready to be sent, and the words that did not fit into it.

    Raises: AnswerLost.
    """
    _change(connection, run, checkpoint=checkpoint, rest=rest or None, **vars(spoken))


def start_over(connection: sa.Connection, run: Run) -> None:
    """Drop what was composed; a later run composes anew. Raises: AnswerLost."""
    _change(connection, run, rest=None, **_NO_WORDS)
    of_run = answers.update().where(answers.c.answer_id == run.answer_id)
    connection.execute(of_run.values(checkpoint=sa.null()))


def finish(
    connection: sa.Connection,
    run: Run,
    state: State,
    reason: str,
    *,
    detail: str | None,
    keep_words: bool,
) -> AnswerRecord:
    """End an answer. What it was about is emptied once it is over for good.

    keep_words: whether the words may stay until the retention ends. Without them nobody can
    repeat the answer.
    Raises: AnswerLost.
    """
    before = show(connection, run.answer_id)
    if before is None or before.runs != run.number:
        raise AnswerLost(run.answer_id)
    if before.is_over:
        return before  # the commit of this very transaction was never reported
    words = {} if keep_words else _NO_WORDS
    _change(connection, run, state=state, reason=reason, detail=detail, rest=None, **words)
    is_repeatable = state in RETRYABLE and keep_words
    connection.execute(*(_done if is_repeatable else _done_for_good)(run.answer_id))
    if before.is_recording and (not is_repeatable or reason == Reason.RECORDING_UNUSABLE):
        recorded_audio.delete(connection, run.answer_id)
    record = show(connection, run.answer_id)
    assert record is not None
    return record


def check(connection: sa.Connection, run: Run) -> None:
    """Make sure that this run still has the answer. Raises: AnswerLost."""
    _change(connection, run)


def rest_of(connection: sa.Connection, answer_id: str) -> str:
    """The words of an answer in progress that did not fit into its memo."""
    query = sa.select(answers.c.rest).where(answers.c.answer_id == answer_id)
    return connection.execute(query).scalar() or ""


@prepared
def _begun(answer_id: Any, now: Any) -> sa.UpdateBase:
    return (
        answers.update()
        .where(answers.c.answer_id == answer_id, answers.c.state.not_in(TERMINAL_STATES))
        .values(state="working", runs=answers.c.runs + 1, updated_at=now)
        .returning(*answers.c)
    )


@prepared
def _done(answer_id: Any) -> sa.UpdateBase:
    return messages.update().where(messages.c.answer_id == answer_id).values(state="done")


@prepared
def _done_for_good(answer_id: Any) -> sa.UpdateBase:
    return (
        messages.update()
        .where(messages.c.answer_id == answer_id)
        .values(state="done", payload=sa.null())
    )


def _change(connection: sa.Connection, run: Run, **values: Any) -> None:
    statement, of_run = _of_run(run.answer_id, run.number)
    changed = connection.execute(statement, {"updated_at": time.time(), **of_run, **values})
    if not changed.rowcount:
        raise AnswerLost(run.answer_id)


@prepared
def _of_run(answer_id: Any, number: Any) -> sa.Update:
    """Sets the columns for which there are values."""
    return answers.update().where(
        answers.c.answer_id == answer_id, answers.c.runs == number, answers.c.state == "working"
    )
