"""Times as Linq writes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, with a time zone."""
    return datetime.now(UTC)


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as in messages and chats."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_optional_time(moment: datetime | None) -> str | None:
    """As `format_time`, or None where nothing has happened yet."""
    return None if moment is None else format_time(moment)


def nanosecond_timestamp() -> str:
    """The present moment with nanoseconds, as live webhook envelopes carry it."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
