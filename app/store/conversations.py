"""The last turns of each chat: what the person said and what the bot answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Turn:
    """One utterance of a conversation, spoken or written."""

    role: Literal["user", "assistant"]
    text: str
    at: datetime
