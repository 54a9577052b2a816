"""Slows down whoever guesses the admin token."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_ATTEMPTS = 3
"""Wrong tokens of one client that cost nothing: people paste badly."""
LONGEST_PAUSE = 60.0  # seconds
KEPT_CLIENTS = 1_024
FORGET_SECONDS = 3600.0
BURST = 60
PER_SECOND = 1.0
"""Wrong tokens of all clients together: so many at once, and so many a second from then on."""


@dataclass
class _Client:
    wrong: int = 0
    until: float = 0.0
    last: float = 0.0


class LoginLimit:
    """Counts wrong tokens by client, in bounded memory; the pause doubles with each.

    Addresses may be forged where no proxy stands before the service, so all clients together have
    a limit, too.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds."""
        self._clock = clock
        self._clients: OrderedDict[str, _Client] = OrderedDict()
        self._budget = float(BURST)
        self._filled_at = clock()

    def wait_seconds(self, client: str) -> float:
        """Seconds until this client may try again; 0 if it may now."""
        now = self._clock()
        self._budget = min(float(BURST), self._budget + (now - self._filled_at) * PER_SECOND)
        self._filled_at = now
        own = self._clients.get(client)
        pause = own.until - now if own else 0.0
        return max(0.0, pause, (1.0 - self._budget) / PER_SECOND)

    def failed(self, client: str) -> None:
        """A wrong token came from this client."""
        now = self._clock()
        known = self._clients.pop(client, None)
        if known is None or now - known.last > FORGET_SECONDS:
            known = _Client()
        known.wrong += 1
        known.last = now
        if known.wrong >= FREE_ATTEMPTS:
            known.until = now + min(LONGEST_PAUSE, 2.0 ** min(10, known.wrong - FREE_ATTEMPTS))
        self._clients[client] = known
        self._budget = max(0.0, self._budget - 1.0)
        while len(self._clients) > KEPT_CLIENTS:
            self._clients.popitem(last=False)

    def succeeded(self, client: str) -> None:
        self._clients.pop(client, None)
