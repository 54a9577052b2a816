"""The stages of an answer, as metrics and tests see them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.telemetry import Metrics


class Stages:
    def __init__(self, metrics: Metrics, at: Callable[[str], None]) -> None:
        """at: called with `{stage}.begin` and `{stage}.end`; for tests."""
        self._metrics = metrics
        self._at = at

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measures a stage that ends without an error."""
        self._at(f"{stage}.begin")
        started = time.perf_counter()
        yield
        self._metrics.stage(stage, time.perf_counter() - started)
        self._at(f"{stage}.end")
