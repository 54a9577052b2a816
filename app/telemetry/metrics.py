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
