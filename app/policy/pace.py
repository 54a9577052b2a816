"""How much is enough: a limit with one polite notice, and loops with another bot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.policy.wording import plain

Verdict = Literal["allow", "notice", "silent"]


@dataclass(frozen=True)
class RateLimit:
    """At most `limit` answers in any `window_seconds`."""

    limit: int
    window_seconds: float

    def verdict(
        self,
        answered: Sequence[datetime],
        now: datetime,
        *,
        last_notice: datetime | None = None,
    ) -> Verdict:
        """What to do with a message at `now`.

        `answered` are the times of earlier answers, in any order; the notice does not count as
        one. `last_notice` is when the person was last told: once in a window is enough.
        """
        since = now - timedelta(seconds=self.window_seconds)
        if sum(since < time for time in answered) < self.limit:
            return "allow"
        return "silent" if last_notice is not None and last_notice > since else "notice"


@dataclass(frozen=True)
class Exchange:
    """An earlier message of the chat and our answer to it. Times are timezone-aware."""

    asked: str
    asked_at: datetime
    answered: str
    answered_at: datetime


@dataclass(frozen=True)
class LoopRules:
    """When a conversation stops looking human."""

    echoes: int = 2
    """So many messages in a row that hold our answer before them. One may be a quotation."""
    echo_characters: int = 8
    """Shorter answers (ok, yes, hello) come back by chance."""
    quick_turns: int = 16
    """So many messages in a row, each `quick_seconds` after our answer at the latest. A person
    would have to hear every memo and type in that time; another bot needs no longer."""
    quick_seconds: float = 8.0


def looks_like_a_loop(
    text: str, at: datetime, history: Sequence[Exchange], rules: LoopRules | None = None
) -> bool:
    """Whether the message `text`, come at `at`, seems to be a bot answering our answers.

    `history` holds the chat's exchanges, oldest first; only the last few are looked at. True
    when our own words come back repeatedly, or the turns are quicker than a person's for long.
    """
    rules = rules or LoopRules()
    if plain(text).startswith("you said you said"):
        return True
    history = history[-max(rules.echoes, rules.quick_turns) :]
    asked = [*((turn.asked, turn.asked_at) for turn in history[1:]), (text, at)]
    answers = [(turn.answered, turn.answered_at) for turn in history]
    pairs = list(zip(asked, answers, strict=True)) if history else []
    echoes = _run([_holds(said, before, rules) for (said, _), (before, _) in pairs])
    quick = _run(
        [
            0 <= (when - done).total_seconds() <= rules.quick_seconds
            for (_, when), (_, done) in pairs
        ]
    )
    return echoes >= rules.echoes or quick >= rules.quick_turns


def _holds(said: str, answer: str, rules: LoopRules) -> bool:
    words = plain(answer)
    return len(words) >= rules.echo_characters and words in plain(said)


def _run(flags: Sequence[bool]) -> int:
    """How many flags at the end are set without a gap."""
    count = 0
    for flag in reversed(flags):
        if not flag:
            break
        count += 1
    return count
