"""Counters and durations for Prometheus. No words and no whole number ever become a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


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
        self._oldest = Gauge(
            "voicememo_oldest_waiting_seconds",
            "Age of the oldest answer that is not over",
            registry=self.registry,
        )

    def webhook(self, outcome: str, reason: str, seconds: float) -> None:
        self._webhooks.labels(outcome, reason).inc()
        self._acknowledged.observe(seconds)

    def answered(self, state: str, reason: str, seconds: float) -> None:
        self._answers.labels(state, reason).inc()
        self._turnaround.observe(seconds)

    def stage(self, name: str, seconds: float) -> None:
        self._stages.labels(name).observe(seconds)

    def synthesized(self, engine: str, *, reused: bool) -> None:
        self._syntheses.labels(engine, str(reused).lower()).inc()

    def oldest_waiting(self, seconds: float) -> None:
        self._oldest.set(seconds)

    def render(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self.registry)
