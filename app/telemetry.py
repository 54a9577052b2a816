"""Logs and metrics. No token, no text of a message and no whole number ever enters either."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


def configure_logging(
    form: Literal["console", "json"], level: str, stream: TextIO = sys.stdout
) -> None:
    """One line per event, to standard output by default, where platforms collect it."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_empty,
    ]
    if form == "json":
        end: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # Plain tracebacks: the fancy ones show local variables, and so what people wrote.
        end = [
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *end],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module: the same form, and only what matters.
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(numeric, logging.WARNING))
    for name in ("dbos", "uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(logging.WARNING)


def masked(handle: str) -> str:
    """A number or address with its middle hidden: `+1312…77`, `a…@example.org`."""
    if "@" in handle:
        name, _, host = handle.partition("@")
        return f"{name[:1]}…@{host}"
    return f"{handle[:5]}…{handle[-2:]}" if len(handle) > 7 else "…"


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


def _without_empty(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if value is not None}
