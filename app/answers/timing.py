"""How long the service waits for things, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """All in seconds. Tests and soaks shorten them; a deployment has no reason to."""

    post: float = 20.0
    """Deadline of posting a memo; after it nobody knows whether it went out."""
    grace: float = 30.0
    """How long after a post of unknown outcome the memo may still turn up in the history."""
    give_up: float = 900.0
    """How long a send that certainly did not happen is tried again."""
    look_up: float = 900.0
    """How long the history is asked for a memo of unknown fate, if it does not answer."""
    rescue: float = 60.0
    """Silence after which a process is taken for dead and its answers for orphans."""
    typing: float = 60.0
    """How often typing is shown anew, which Linq shows for 85 to 90 seconds."""
    limit_window: float = 600.0
    """In which one person gets MEMO_SENDER_LIMIT answers at most."""
    drain: int = 18
    """How long answers in progress may go on after SIGTERM. Requests have had 5 s before, and hosts
    kill after 25 to 30."""

    @property
    def heartbeat(self) -> float:
        return self.rescue / 6

    @property
    def fresh(self) -> float:
        """Age at which an intent to post is too old to be acted upon: this process stood still,
        and another may have taken over after `post` and `grace`."""
        return min(5.0, (self.post + self.grace) / 2)
