"""Faults on demand: what can go wrong between a bot and Linq, switched on by script."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

API_KINDS = (
    "status",
    "delay",
    "hang",
    "drop_before",
    "drop_after",
    "accept_then_500",
    "accept_then_hang",
    "garbage",
    "accept_then_garbage",
    "not_ready",
    "fail",
)
WEBHOOK_KINDS = (
    "duplicate",
    "duplicate_new_id",
    "reorder",
    "late",
    "missing_headers",
    "bad_signature",
)


@dataclass
class Fault:
    """One switched-on fault.

    `endpoint` is the name of a call, `webhook`, or `*` for every call. It applies `count` times
    (None: without end) after `skip` matching calls, each time with `probability`.
    `seconds` belongs to delay, late, reorder, hang and not_ready. `status`, `code`, `message` and
    `retry_after` belong to status, where one of status and code is enough; `code` also to fail.
    `headers` (standard, legacy, both) belongs to missing_headers. `body` belongs to garbage and
    accept_then_garbage: a 200 with these words, whatever they are, as if they were JSON.
    """

    endpoint: str
    kind: str
    count: int | None = 1
    probability: float = 1.0
    seed: int = 0
    skip: int = 0
    chat_id: str | None = None
    event_type: str | None = None
    seconds: float | None = None
    status: int | None = None
    code: int | None = None
    message: str | None = None
    retry_after: int | None = None
    headers: str = "both"
    body: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    triggered: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    def trigger(self, endpoint: str, chat_id: str | None, event_type: str | None) -> bool:
        """Whether this fault applies to the call; counts it when it does."""
        if self.endpoint not in (endpoint, "*") or (self.endpoint == "*" and endpoint == "webhook"):
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.event_type is not None and self.event_type != event_type:
            return False
        if self.count is not None and self.triggered >= self.count:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        self.triggered += 1
        return True

    def as_json(self) -> dict[str, Any]:
        """The fault as the control pages show it."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


class FaultRegistry:
    """The faults switched on at the moment, asked in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Any:
        return iter(self._faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Switches faults on."""
        self._faults.extend(faults)

    def remove(self, fault_id: str) -> bool:
        """Switches one fault off; says whether it was there."""
        count = len(self._faults)
        self._faults = [fault for fault in self._faults if fault.id != fault_id]
        return len(self._faults) < count

    def clear(self) -> None:
        """Switches every fault off."""
        self._faults.clear()

    def trigger(
        self, endpoint: str, *, chat_id: str | None = None, event_type: str | None = None
    ) -> Fault | None:
        """The first fault that applies to this call, if any."""
        for fault in self._faults:
            if fault.trigger(endpoint, chat_id, event_type):
                return fault
        return None
