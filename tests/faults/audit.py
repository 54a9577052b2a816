"""What became of every message, by the sandbox's own record: lost, twice, or out of order.

The bot's ledger is not asked. Each chat's messages are `beeps(1)`, `beeps(2)`, …; the counting
voice makes memos whose length says which of them they answer, and texts repeat the words.

Out of order is a pair of answers of one chat of which the one to the later message left first,
although the bot had acknowledged the earlier message before the later one ever reached it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

from tests.faults.counting_voice import WORD, count_in

Json = dict[str, Any]


@dataclass(frozen=True)
class Offence:
    """Something that must not happen, with the id of the message that it happened to."""

    kind: str
    chat: str
    count: int
    message_id: str | None
    detail: str = ""

    def __str__(self) -> str:
        about = f"message {self.count} ({self.message_id}) of chat {self.chat}"
        return f"{self.kind}: {about} {self.detail}".rstrip()


@dataclass
class Audit:
    """`offences` is empty if all went well."""

    messages: int = 0
    memos: int = 0
    texts: int = 0
    undelivered: int = 0
    offences: list[Offence] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Offence]:
        return [one for one in self.offences if one.kind == kind]


def audit(state: Json) -> Audit:
    """Judge a sandbox's state."""
    result = Audit()
    deliveries = _Deliveries(state["deliveries"])
    for chat in {one["chat"] for one in state["messages"]}:
        _judge(result, chat, [m for m in state["messages"] if m["chat"] == chat], deliveries)
    return result


def _judge(result: Audit, chat: str, messages: list[Json], deliveries: _Deliveries) -> None:
    asked = {int(one["inbound_number"]): one["id"] for one in messages if one["inbound_number"]}
    sent = sorted(
        (one for one in messages if one["accepted_number"]),
        key=lambda one: int(one["accepted_number"]),
    )
    answered: Counter[int] = Counter()
    undelivered: Counter[int] = Counter()
    order: list[int] = []
    for one in sent:
        count = _count(one)
        result.memos += bool(one["memo"])
        result.texts += not one["memo"]
        if one["memo"] and one["delivery_status"] == "failed":
            # The same words follow as text, when the chat's other answers allow it.
            undelivered[count] += 1
            result.undelivered += 1
        else:
            answered[count] += 1
        if count not in order:
            order.append(count)
        if count not in asked:
            result.offences.append(Offence("unasked", chat, count, None, f"answer {one['id']}"))
    result.messages += len(asked)
    for count, message_id in asked.items():
        if not answered[count]:
            result.offences.append(Offence("lost", chat, count, message_id))
        if answered[count] > 1 or undelivered[count] > 1:
            times = answered[count] + undelivered[count]
            result.offences.append(Offence("twice", chat, count, message_id, f"{times} answers"))
    for first, later in combinations([count for count in order if count in asked], 2):
        if first > later and deliveries.surely_waited(asked[later], asked[first]):
            detail = f"answered after message {first}"
            result.offences.append(Offence("out of order", chat, later, asked[later], detail))


class _Deliveries:
    """The log of webhooks: when each message may have reached the bot, and when it surely had."""

    def __init__(self, attempts: Iterable[Json]) -> None:
        self._maybe: dict[str, datetime] = {}
        self._surely: dict[str, datetime] = {}
        for one in attempts:
            if one["event_type"] != "message.received":
                continue
            began = datetime.fromisoformat(one["at"])
            known = one["message_id"]
            self._maybe[known] = min(self._maybe.get(known, began), began)
            if one["status"] is not None and one["status"] < 300:
                # The attempt's beginning is logged in whole milliseconds.
                ended = datetime.fromtimestamp(
                    began.timestamp() + one["elapsed_ms"] / 1000 + 0.001, began.tzinfo
                )
                self._surely[known] = min(self._surely.get(known, ended), ended)

    def surely_waited(self, earlier: str, later: str) -> bool:
        """Whether one message was acknowledged before the other can have reached the bot."""
        if earlier not in self._surely or later not in self._maybe:
            return False
        return self._surely[earlier] < self._maybe[later]


def _count(message: Json) -> int:
    """Which message of its chat this answers."""
    if message["memo"]:
        return count_in(message["memo"]["probe"]["duration"])
    return int(message["text"].casefold().count(WORD))
