"""Health for platforms and operators: alive, ready, metrics."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.store import ledger
from app.store.database import Database, DatabaseUnavailable
from app.telemetry import Metrics

STUCK_SECONDS = 300.0
"""Age of the oldest waiting answer at which the service calls itself not ready."""
_CHECK_SECONDS = 5.0


class Health:
    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def alive(self, _request: Request) -> Response:
        """`GET /healthz`: the process runs and its event loop turns."""
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """`GET /readyz`: 200 if messages can be stored and are answered, else 503 and why."""
        oldest, problem = await self._look()
        body: dict[str, object] = {
            "ready": problem is None,
            "oldest_waiting_seconds": round(oldest, 1),
        }
        if problem:
            body["problem"] = problem
        return JSONResponse(body, status_code=503 if problem else 200)

    async def metrics(self, _request: Request) -> Response:
        """`GET /metrics`, for Prometheus."""
        await self._look()
        return Response(self._metrics.render(), media_type="text/plain; version=0.0.4")

    async def _look(self) -> tuple[float, str | None]:
        try:
            oldest = await asyncio.wait_for(
                self._database.read(ledger.oldest_waiting), _CHECK_SECONDS
            )
        except (DatabaseUnavailable, TimeoutError) as error:
            return 0.0, f"database: {error or 'no answer'}"
        self._metrics.oldest_waiting(oldest)
        if oldest > STUCK_SECONDS:
            return oldest, f"an answer has been waiting for {oldest:.0f} s"
        return oldest, None
