"""Whether all is well: processes, queue, engines, checks, and how it went by day."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import __version__
from app.answers.timing import Timing
from app.console import charts
from app.console.access import Fields
from app.console.pages import Pages
from app.console.sessions import Session
from app.diagnosis.diagnosis import diagnose
from app.diagnosis.finding import Finding
from app.settings import Settings
from app.speech.synthesizer import EngineStatus
from app.store import executors, figures
from app.store.database import Database, DatabaseUnavailable
from app.web.storage_probe import StorageProbe

CHECK_AGAIN_SECONDS = 30.0
"""The checks let engines speak and ask Linq: not more often than that."""
_KNOWN = 20.0
"""How long what engines say of themselves is shown again, in seconds."""


class HealthPage:
    def __init__(
        self, pages: Pages, database: Database, probe: StorageProbe, settings: Settings,
        timing: Timing,
    ) -> None:  # fmt: skip
        self._pages = pages
        self._database = database
        self._probe = probe
        self._settings = settings
        self._timing = timing
        self._findings: tuple[Finding, ...] = ()
        self._checked_at = 0.0
        self._checking: asyncio.Task[None] | None = None
        self._known: tuple[float, list[EngineStatus]] = (0.0, [])
        self.engines: Callable[[], list[EngineStatus]] = list
        """Set once the service has started."""

    async def show(self, request: Request, session: Session) -> Response:
        """`GET /console/health`."""
        now = time.time()
        since = charts.first_moment(now)
        silent_since = now - self._timing.stalled_process_seconds

        def look(
            c: sa.Connection,
        ) -> tuple[
            figures.QueueFigures,
            list[executors.Executor],
            list[figures.DayCount],
            list[figures.Turnaround],
        ]:
            return (
                figures.queue(c),
                executors.living(c, silent_since),
                figures.by_day(c, since=since),
                figures.turnarounds(c, since=since),
            )

        state = await self._probe.state()
        try:
            queue, living, counts, memos = await self._database.read(look)
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        return self._pages.render(
            request,
            "health.html",
            session,
            storage=state,
            queue=queue,
            processes=living,
            engines=await self._engines(),
            findings=self._findings,
            checked_at=self._checked_at,
            checking=self._checking is not None,
            version=__version__,
            database="SQLite" if self._database.is_sqlite else "PostgreSQL",
            responder=self._settings.responder,
            days=charts.DAYS,
            pictures=(
                charts.volume(counts, now),
                charts.turnaround(memos, now),
                charts.hand_overs(counts, now),
            ),
            stages=charts.stages(memos),
            reasons=charts.totals(counts, "reason"),
            spoken_by=charts.totals(counts, "engine"),
        )

    async def check(self, _request: Request, _session: Session, _fields: Fields) -> Response:
        """`POST /console/health/check`: the checks of `doctor`, in the background."""
        recent = time.time() - self._checked_at < CHECK_AGAIN_SECONDS
        if self._checking is None and not recent:
            self._checking = asyncio.create_task(self._check())
        if self._checking:
            # Mostly done before the page is there again.
            await asyncio.wait({self._checking}, timeout=3.0)
        return RedirectResponse("/console/health#checks", 303)

    def stop(self) -> None:
        if self._checking:
            self._checking.cancel()

    async def _check(self) -> None:
        try:
            self._findings = tuple(await diagnose(self._settings))
            self._checked_at = time.time()
        finally:
            self._checking = None

    async def _engines(self) -> list[EngineStatus]:
        """At most _KNOWN seconds old: an engine may look for its files to tell."""
        at, known = self._known
        if time.monotonic() - at > _KNOWN or not known:
            known = await asyncio.to_thread(self.engines)
            self._known = (time.monotonic(), known)
        return known
