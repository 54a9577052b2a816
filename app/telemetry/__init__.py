"""Logs and metrics. No token, no text of a message and no whole number ever enters either."""

from app.telemetry.logs import configure_logging, masked
from app.telemetry.metrics import Metrics
from app.telemetry.unexpected import describe

__all__ = ["Metrics", "configure_logging", "describe", "masked"]
