"""How long the service waits for things, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Tests and soaks shorten these; a deployment has no reason to."""

    post_seconds: float = 20.0
    """Deadline of posting a memo; after it nobody knows whether it went out."""
    history_lag_seconds: float = 30.0
    """How long after a post of unknown outcome the memo may still turn up in the history."""
    retry_send_seconds: float = 900.0
    """How long a send that certainly did not happen is tried again."""
    look_up_seconds: float = 900.0
    """How long the history is asked for a memo of unknown outcome, if it does not answer."""
    stalled_process_seconds: float = 60.0
    """Silence after which a process is taken for dead and its answers are given to others."""
    typing_refresh_seconds: float = 60.0
    """How often typing is shown anew, which Linq shows for 85 to 90 seconds."""
    rate_window_seconds: float = 600.0
    """In which one person gets MEMO_SENDER_LIMIT answers at most."""
    drain_seconds: int = 18
    """How long answers in progress may go on after SIGTERM. Requests have had 5 s before, and hosts
    kill after 25 to 30."""
    subscription_hold_seconds: float = 30.0
    """How long a process may be alone at work on the webhook subscription, from call to call."""
    unexpected_pause_seconds: float = 2.0
    """Before an answer is tried again after an error that nobody foresaw; then longer."""
    alert_poll_seconds: float = 2.0
    """How often a process looks for alerts that others left; its own are posted at once."""
    alert_lease_seconds: float = 30.0
    """How long a process may be alone at work on an alert; longer than its post."""
    alert_retry_seconds: float = 5.0
    """Before an alert is posted again; then longer."""

    @property
    def heartbeat_seconds(self) -> float:
        return self.stalled_process_seconds / 6

    @property
    def intent_valid_seconds(self) -> float:
        """Age at which an intent to post is too old to be acted upon: this process stood still,
        and another may have taken over after `post_seconds` and `history_lag_seconds`."""
        return min(5.0, (self.post_seconds + self.history_lag_seconds) / 2)
