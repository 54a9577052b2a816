"""Begins a run of an answer: claims its messages and reads what it has to know, all at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.answers.checkpoints import Step, load_checkpoint
from app.linq.events import InboundMessage
from app.policy import ChatContext
from app.responders.protocol import Turn
from app.store import chat_context, conversations, ledger, messages, transitions
from app.store.ledger import AnswerRecord
from app.store.sealing import Sealer
from app.store.transitions import Run


@dataclass(frozen=True)
class Claim:
    """What one run of an answer works with.

    messages: those it answers, in the order they were sent; empty where another answer took them,
    and where the answer was asked for through the API. finished: the last step that an earlier run
    finished. deaths: how many runs ended after that step without finishing the next. renewals: how
    often this process has dropped what was composed, because newer messages had come. quoted: the
    words of ours that the last of them replies to, where it does. lives: how many processes have
    begun the answer, this one included.
    """

    run: Run
    record: AnswerRecord
    messages: tuple[InboundMessage, ...]
    context: ChatContext
    history: tuple[Turn, ...]
    last_language: str | None
    finished: Step | None
    deaths: int
    lives: int
    renewals: int = 0
    quoted: str = ""

    def after(self, tries: int, renewals: int) -> Claim:
        """The same claim of a process that has begun the answer `tries` times before, `renewals`
        of them because newer messages had come. Whoever tries again has not died of it."""
        return replace(
            self,
            deaths=max(0, self.deaths - tries),
            lives=self.lives - tries,
            renewals=renewals,
        )

    def resumed_at(self, finished: Step | None) -> Claim:
        """The same claim, to go on after another step."""
        return replace(self, finished=finished) if finished else self


def claim_answer(
    connection: sa.Connection,
    answer_id: str,
    sealer: Sealer,
    *,
    collect: bool,
    window_seconds: float,
    now: float,
) -> Claim | None:
    """Begin a run. None if the answer is over.

    collect: take all messages of the chat that wait, not just the oldest. window_seconds: of the
    rate limit. now: Unix seconds.
    """
    begun = transitions.begin(connection, answer_id)
    if begun is None:
        return None
    record, stored = begun
    record = replace(
        record,
        text=sealer.open_or_none(record.text or ""),
        written=sealer.open_or_none(record.written or ""),
        spoken=sealer.open_or_none(record.spoken or ""),
    )
    claimed: list[InboundMessage] = []
    chat = conversations.chat(connection, record.chat_id)
    context = ChatContext(zero_retention=chat.zero_retention)
    history: tuple[Turn, ...] = ()
    if record.origin == "inbound":
        claimed = messages.claim(connection, answer_id, record.chat_id, sealer, collect=collect)
    if claimed:
        conversations.keep_nothing(
            connection, record.chat_id, zero_retention=claimed[-1].zero_retention
        )
        history = conversations.history(connection, record.chat_id, before=answer_id)
        context = chat_context.load(
            connection, answer_id, claimed, history, window_seconds=window_seconds, now=now
        )
    checkpoint = load_checkpoint(stored, answer_id)
    return Claim(
        run=Run(answer_id, record.runs),
        record=record,
        messages=tuple(claimed),
        context=context,
        history=conversations.latest(history),
        last_language=conversations.language(connection, record.chat_id) if claimed else None,
        finished=checkpoint.finished if checkpoint else None,
        deaths=record.runs - (checkpoint.run if checkpoint else 1),
        lives=record.runs,
        quoted=_quoted(connection, claimed[-1].reply_to, sealer) if claimed else "",
    )


def _quoted(connection: sa.Connection, message_id: str | None, sealer: Sealer) -> str:
    if message_id is None:
        return ""
    return sealer.open_or_none(ledger.words_of(connection, message_id) or "") or ""
