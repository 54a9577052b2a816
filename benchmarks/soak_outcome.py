"""What a soak does, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from tests.faults.audit import Audit

Json = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a soak does. `faults` is the share of calls and webhooks that go wrong.

    The first `never_restart` processes that are killed after half of the kills stay away.
    `worker_kills` of audio workers come besides; every fifth is a stop.
    """

    messages: int = 300
    chats: int = 40
    kills: int = 50
    worker_kills: int = 30
    faults: float = 0.1
    database: str = "sqlite"
    serves: int = 1
    workers: int = 0
    never_restart: int = 0
    seed: int = 0
    timeout: float = 900.0


@dataclass
class Outcome:
    """What came of it. Durations in seconds."""

    plan: Plan
    audit: Audit
    finished: bool
    kills: Counter[str]
    worker_kills: Counter[str]
    struck: Counter[str]
    states: Counter[str]
    elapsed: float
    turnarounds: list[float]
    most_runs: int
    evidence: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        unsure = self.states["failed"] + self.states["uncertain"]
        return self.finished and not self.audit.offences and not unsure

    def __str__(self) -> str:
        plan, found = self.plan, self.audit
        processes = f"{plan.serves} serve, {plan.workers} worker"
        rate = found.messages / self.elapsed if self.elapsed else 0.0
        centiles = quantiles(self.turnarounds, n=20) if len(self.turnarounds) > 1 else [0.0] * 19
        lines = [
            f"{found.messages} messages in {plan.chats} chats on {plan.database}, {processes}, "
            f"seed {plan.seed}",
            f"{self.kills.total()} kills: {self.kills['moment']} at random moments, "
            f"{self.kills.total() - self.kills['moment']} at named points; "
            f"{plan.never_restart} never restarted",
            f"{self.worker_kills['killed']} audio workers killed, {self.worker_kills['stopped']} "
            "stopped",
            f"{self.struck.total()} faults of {len(self.struck)} kinds struck",
            f"{found.memos} memos, {found.texts} texts; {found.undelivered} memos undelivered and "
            "followed by text",
            f"{self.elapsed:.1f} s, {rate:.1f} messages/s; to the answer median "
            f"{median(self.turnarounds or [0.0]):.1f} s, 95 % {centiles[18]:.1f} s; "
            f"one answer took {self.most_runs} runs",
            *(
                f"{kind}: {len(found.of_kind(kind))}"
                for kind in ("lost", "twice", "out of order", "unasked")
            ),
        ]
        for state in ("failed", "uncertain"):
            if self.states[state]:
                lines.append(f"{state}: {self.states[state]}")
        if not self.finished:
            lines.append(f"not finished within {plan.timeout:g} s: {dict(self.states)}")
        return "\n".join([*lines, *self.evidence])


def turnarounds(state: Json) -> list[float]:
    """From each answered message's being sent to its answer's acceptance, chat by chat."""
    found = []
    for chat in state["chats"]:
        messages = [one for one in state["messages"] if one["chat"] == chat["name"]]
        asked = [one for one in messages if one["inbound_number"]]
        sent = [one for one in messages if one["accepted_number"]]
        for question, answer in zip(asked, sent, strict=False):
            began, ended = (datetime.fromisoformat(one["at"]) for one in (question, answer))
            found.append((ended - began).total_seconds())
    return found
