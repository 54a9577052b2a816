"""When to try again: pauses that grow, and what a server asks for by `Retry-After`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Backoff:
    """Pauses between attempts, in seconds: `first`, then `factor` times the one before."""

    first: float = 0.5
    longest: float = 30.0
    factor: float = 2.0
    longest_asked: float = 120.0
    """The most that a server is waited for, whatever it asks."""

    def pause(self, attempt: int, asked: float | None = None) -> float:
        """Seconds to wait after the failed attempt number `attempt`, counted from 1.

        asked: what the server wants (`retry_after_seconds`), which wins over our own pauses.
        """
        if asked is not None:
            return min(max(asked, 0.0), self.longest_asked)
        # The exponent is bounded so that attempts without end do not overflow.
        return min(self.first * self.factor ** min(attempt - 1, 64), self.longest)


def retry_after_seconds(header: str | None) -> float | None:
    """The pause that a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110, 10.2.3).

    None where there is none, or nothing that can be read.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
