"""The task of a web process that subscribes it, and knows what is in the way."""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import suppress

import structlog

from app.linq.errors import LinqError, Misconfigured, Refused
from app.requirements import MissingSetting, missing_address
from app.retry import Backoff
from app.settings import ConfigurationError, Settings
from app.store import kept_subscriptions
from app.store.database import Database, DatabaseUnavailable
from app.subscription.keeper import SubscriptionKeeper
from app.subscription.secrets import WebhookSecrets

log = structlog.get_logger()

_AGAIN = Backoff(first=1.0, longest=60.0)
_HEROKU_HOST = re.compile(r"[a-z0-9-]{1,63}\.herokuapp\.com")


class SubscriptionTask:
    """Subscribes the process beside its work, and again until that is done.

    `problem`: what keeps Linq's webhooks away; None while all is well or nothing is known yet.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        secrets: WebhookSecrets,
        keeper: SubscriptionKeeper,
    ) -> None:
        self.problem: MissingSetting | None = None
        self._settings = settings
        self._database = database
        self._secrets = secrets
        self._keeper = keeper
        self._address = settings.address
        self._learnt = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._settings.subscribes_itself:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def learn_address(self, host: str) -> None:
        """Take the `Host` of a request for our own address, where nothing else tells it.

        Only on Heroku, and only its own domain: its router passes on to a dyno nothing but requests
        for the names of its app (devcenter.heroku.com, HTTP Routing).
        """
        if self._settings.dyno and not self._address and _HEROKU_HOST.fullmatch(host.lower()):
            self._address = f"https://{host.lower()}"
            self._learnt.set()

    async def _run(self) -> None:
        for attempt in itertools.count(1):
            # What was kept before is enough to take webhooks with, whatever Linq says now.
            await self._secrets.refresh()
            try:
                address = await self._find_address()
                subscription = await self._keeper.keep(address)
                break
            except (LinqError, DatabaseUnavailable, ConfigurationError) as error:
                pause = _AGAIN.pause(attempt, getattr(error, "after", None))
                self._tell(_problem(error), cause=str(error), again_in=pause)
                await asyncio.sleep(pause)
        await self._secrets.refresh()
        self.problem = None
        log.info("subscribed to webhooks", address=address, subscription=subscription.id)

    async def _find_address(self) -> str:
        """Our public address: as it is set, as it was before, or as somebody calls it."""
        if not self._address:
            kept = await self._database.read(kept_subscriptions.find_all)
            self._address = self._address or (kept[0].address if kept else None)
        if self._address:
            return self._address
        self._tell(missing_address(heroku=bool(self._settings.dyno)))
        await self._learnt.wait()
        assert self._address
        return self._address

    def _tell(self, problem: MissingSetting, **more: object) -> None:
        self.problem = problem
        log.error("no webhooks yet", missing=problem.message, cure=problem.cure, **more)


def _problem(error: Exception) -> MissingSetting:
    """What anybody may read: no address and no word of Linq's."""
    if isinstance(error, Misconfigured):
        return MissingSetting(
            "LINQ_API_V3_API_KEY",
            "Linq refuses the API key (LINQ_API_V3_API_KEY)",
            "Copy the whole token from the Linq dashboard, and set it again.",
        )
    if isinstance(error, Refused | ConfigurationError):
        status = getattr(error, "status", None)
        return MissingSetting(
            "MEMO_PUBLIC_URL",
            f"Linq refuses to deliver webhooks here{f' (status {status})' if status else ''}",
            "See that MEMO_PUBLIC_URL is the public https:// address of this service; the log "
            "says more.",
        )
    if isinstance(error, DatabaseUnavailable):
        return MissingSetting(
            "DATABASE_URL", "The database does not answer", "It is tried again by itself."
        )
    return MissingSetting(
        "LINQ_API_V3_BASE_URL", "Linq does not answer", "It is asked again by itself."
    )
