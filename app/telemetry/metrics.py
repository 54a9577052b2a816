"""Counters and durations for Prometheus. No words and no whole number ever become a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


_NOT_KNOWN = ("default", "rule:default")
_RESPONDERS = ("echo", "rule", "knowledge", "openai", "http", "python")


class Metrics:
    """What Prometheus reads at `/metrics`; one registry per process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._webhooks = Counter(
            "voicememo_webhooks",
            "Webhooks received, by what became of them",
            ["outcome", "reason"],
            registry=self.registry,
        )
        self._acknowledged = Histogram(
            "voicememo_acknowledge_seconds",
            "From a webhook's arrival to its acknowledgement",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "voicememo_answers",
            "Answers by how they ended",
            ["state", "reason"],
            registry=self.registry,
        )
        self._responders = Counter(
            "voicememo_responders",
            "Answers by who found them; not_known: nobody did",
            ["responder"],
            registry=self.registry,
        )
        self._turnaround = Histogram(
            "voicememo_turnaround_seconds",
            "From a message's arrival to the end of its answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "voicememo_stage_seconds",
            "Duration of each stage of an answer",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._syntheses = Counter(
            "voicememo_syntheses",
            "Memos synthesized, or sent again without, by engine",
            ["engine", "reused"],
            registry=self.registry,
        )
        self._hand_overs = Counter(
            "voicememo_hand_overs",
            "Chats handed over to people, by why",
            ["reason"],
            registry=self.registry,
        )
        self._takeovers = Counter(
            "voicememo_takeovers",
            "Chats that people took over, by how: taken, or wrote past the bot",
            ["reason"],
            registry=self.registry,
        )
        self._alerts = Counter(
            "voicememo_alerts",
            "Alerts of hand-overs by how they ended: sent, dropped, failed",
            ["outcome"],
            registry=self.registry,
        )
        self._ratings = Counter(
            "voicememo_ratings",
            "Tapbacks on answers: up or down",
            ["rating"],
            registry=self.registry,
        )
        self._chats = Gauge(
            "voicememo_chats",
            "Chats that the bot does not have, by who does: waiting, person",
            ["desk"],
            registry=self.registry,
        )
        self._longest_wait = Gauge(
            "voicememo_longest_wait_for_person_seconds",
            "How long the chat has waited for a person that waits longest",
            registry=self.registry,
        )
        self._oldest = Gauge(
            "voicememo_oldest_waiting_seconds",
            "Age of the oldest answer that is not over",
            registry=self.registry,
        )

    def webhook(self, outcome: str, reason: str, seconds: float) -> None:
        self._webhooks.labels(outcome, reason).inc()
        self._acknowledged.observe(seconds)

    def answered(
        self, state: str, reason: str, seconds: float, responder_code: str | None = None
    ) -> None:
        self._answers.labels(state, reason).inc()
        self._turnaround.observe(seconds)
        if responder_code:
            self._responders.labels(_responder(responder_code)).inc()

    def stage(self, name: str, seconds: float) -> None:
        self._stages.labels(name).observe(seconds)

    def synthesized(self, engine: str, *, reused: bool) -> None:
        self._syntheses.labels(engine, str(reused).lower()).inc()

    def handed_over(self, reason: str) -> None:
        self._hand_overs.labels(reason).inc()

    def taken_over(self, reason: str) -> None:
        self._takeovers.labels(reason).inc()

    def alert(self, outcome: str) -> None:
        self._alerts.labels(outcome).inc()

    def rated(self, rating: int) -> None:
        """rating: 1 or -1."""
        self._ratings.labels("up" if rating > 0 else "down").inc()

    def desk(self, *, waiting: int, person: int, longest_wait_seconds: float) -> None:
        """Chats that wait for a person, and those that a person has."""
        self._chats.labels("waiting").set(waiting)
        self._chats.labels("person").set(person)
        self._longest_wait.set(longest_wait_seconds)

    def oldest_waiting(self, seconds: float) -> None:
        self._oldest.set(seconds)

    def render(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self.registry)


def _responder(code: str) -> str:
    """Who answered with this code; own services make up codes of their own."""
    if code in _NOT_KNOWN:
        return "not_known"
    name = code.partition(":")[0]
    return name if name in _RESPONDERS else "other"
