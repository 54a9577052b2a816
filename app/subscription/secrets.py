"""The secrets that webhooks are verified with: those of the environment, else those we keep."""

from __future__ import annotations

import asyncio
import time

import sqlalchemy as sa

from app.settings import Settings
from app.store import kept_subscriptions
from app.store.database import Database, DatabaseUnavailable
from app.store.kept_subscriptions import KeptSubscription
from app.store.sealing import Sealer

RETRY_WINDOW_SECONDS = 1800.0
"""For how long Linq delivers a webhook again that was answered with 5xx."""
PREVIOUS_SECONDS = 2 * RETRY_WINDOW_SECONDS
"""How long the secret before the present one is taken."""


class WebhookSecrets:
    """The signing secrets of this process, newest first.

    LINQ_WEBHOOK_SECRET wins: where it is set, nothing else is taken. Else they are those of the
    subscriptions that the bot keeps itself, which any process of the deployment may replace.
    """

    def __init__(self, settings: Settings, database: Database, sealer: Sealer) -> None:
        self._set = settings.webhook_secrets
        self._database = database
        self._sealer = sealer
        self._kept: tuple[str, ...] = ()
        self._settled = False
        self._reading = asyncio.Lock()
        self._read_from = 0.0

    @property
    def known(self) -> tuple[str, ...]:
        return self._set or self._kept

    @property
    def settled(self) -> bool:
        """Whether a signature that fits none of `known` is certainly not Linq's.

        False while a subscription is being made or replaced, and for as long afterwards as Linq
        delivers again what it signed before: another process may know that secret.
        """
        return bool(self._set) or self._settled

    async def refresh(self) -> bool:
        """Read them again. Returns whether others are known now than when it was called.

        However many call at once, one reads at a time, for all who came before it began. A database
        that does not answer leaves them as they are, and not `settled`.
        """
        if self._set:
            return False
        before, came = self._kept, time.monotonic()
        async with self._reading:
            if self._read_from <= came:
                self._read_from = time.monotonic()
                await self._read()
        return self._kept != before

    async def _read(self) -> None:
        try:
            self._kept, self._settled = await self._database.read(self._load)
        except DatabaseUnavailable:
            self._settled = False

    def _load(self, connection: sa.Connection) -> tuple[tuple[str, ...], bool]:
        rows = kept_subscriptions.find_all(connection)
        now = time.time()
        return kept_secrets(rows, self._sealer, now), _is_settled(rows, self._sealer, now)


def kept_secrets(rows: list[KeptSubscription], sealer: Sealer, now: float) -> tuple[str, ...]:
    """The secrets of these subscriptions that can be read, newest first; now: Unix seconds."""
    sealed = [row.secret for row in rows]
    sealed += [row.previous_secret for row in rows if now - row.changed_at < PREVIOUS_SECONDS]
    opened = [sealer.open_or_none(one) for one in sealed if one]
    return tuple(one for one in opened if one)


def _is_settled(rows: list[KeptSubscription], sealer: Sealer, now: float) -> bool:
    return bool(rows) and all(
        row.secret
        and sealer.open_or_none(row.secret)
        and row.held_until < now
        and now - row.changed_at > RETRY_WINDOW_SECONDS
        for row in rows
    )
