"""How an answer came about, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.console.pages import explained, seconds
from app.policy import Reason
from app.store.chat_log import LoggedAnswer, PostAttempt

Look = Literal["", "good", "bad", "voice"]

_STAGES = {"speak": "Spoken", "tidy": "Levelled", "encode": "Encoded", "upload": "Uploaded"}
_OUTCOMES: dict[str, tuple[str, Look]] = {
    "open": ("Being posted", ""),
    "accepted": ("Voice memo posted", "voice"),
    "not_sent": ("Not posted, tried again", "bad"),
    "refused": ("Refused by Linq", "bad"),
    "uncertain": ("Nobody knows whether it went out", "bad"),
    "released": ("Sent again by a person", ""),
}
_STATUS = {
    "queued": "Queued at Linq", "pending": "Queued at Linq", "sent": "Sent",
    "delivered": "Delivered", "read": "Read", "failed": "Delivery failed",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """text: what happened. note: how long it took, with what, and why."""

    text: str
    note: str = ""
    look: Look = ""


def timeline(answer: LoggedAnswer) -> tuple[Step, ...]:
    """The steps in their order, as far as the ledger knows them."""
    record = answer.record
    together = len(answer.messages)
    asked = "Asked for by a person" if record.origin == "api" else "Message received"
    steps = [Step(asked, f"{together} messages together" if together > 1 else "")]
    steps += _work(answer)
    steps += [_attempt(one) for one in answer.attempts]
    if record.text_message_id:
        steps.append(Step("Text posted", "", "good"))
    for kind, status in (("Memo", record.memo_status), ("Text", record.text_status)):
        if status in ("delivered", "read", "failed", "sent"):
            look: Look = "bad" if status == "failed" else "good"
            steps.append(Step(f"{kind}: {_STATUS[status].lower()}", "", look))
    steps.append(_end(answer))
    return tuple(steps)


def _work(answer: LoggedAnswer) -> list[Step]:
    record, steps = answer.record, []
    measured = {name: record.timings[name] for name in _STAGES if name in record.timings}
    if answer.attempts:
        before = answer.attempts[0].begun_at - record.created_at.timestamp()
        rest = max(0.0, before - sum(measured.values()))
        steps.append(
            Step("Waited, understood, composed", _notes(seconds(rest), record.responder_code))
        )
    elif record.responder_code:
        steps.append(Step("Composed", record.responder_code))
    for name, took in measured.items():
        engine = record.engine if name == "speak" else None
        steps.append(Step(_STAGES[name], _notes(seconds(took), engine)))
    if record.engine and not measured:
        steps.append(Step("Memo of the same words used again", record.engine))
    return steps


def _attempt(one: PostAttempt) -> Step:
    text, look = _OUTCOMES.get(one.outcome, (one.outcome, ""))
    took = seconds(one.closed_at - one.begun_at) if one.closed_at else ""
    return Step(text, _notes(took, f"Linq's code {one.code}" if one.code else None), look)


def _end(answer: LoggedAnswer) -> Step:
    record = answer.record
    look: Look = "bad" if record.state in ("failed", "uncertain", "refused") else ""
    runs = f"run {record.runs}" if record.runs > 1 else None
    told = explained(record.reason) if record.reason not in ("", Reason.ANSWER) else None
    return Step(record.state.capitalize(), _notes(told, record.detail, runs), look)


def _notes(*notes: str | None) -> str:
    return " · ".join(note for note in notes if note)
