"""Health for platforms and operators: alive, ready, metrics."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.subscription.secrets import WebhookSecrets
from app.telemetry import Metrics
from app.web.admin_token import is_admin
from app.web.storage_probe import Problem, StorageProbe

_SENTENCES: dict[Problem, str] = {
    "database_unavailable": "Messages cannot be stored.",
    "answers_waiting": "Answers have been waiting for more than five minutes.",
}
"""What anybody may know; what the database says stands in the log."""
_NOT_SUBSCRIBED = "Linq's webhooks cannot be verified yet; the page at / says why."


class Health:
    def __init__(
        self, probe: StorageProbe, metrics: Metrics, admin_token: str, secrets: WebhookSecrets
    ) -> None:
        """admin_token: needed for the metrics, if there is one."""
        self._secrets = secrets
        self._probe = probe
        self._metrics = metrics
        self._admin_token = admin_token

    async def alive(self, _request: Request) -> Response:
        """`GET /healthz`: the process runs and its event loop turns."""
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """`GET /readyz`: 200 if messages can be stored and are answered, else 503 and why."""
        state = await self._probe.state()
        body: dict[str, object] = {
            "ready": state.problem is None,
            "oldest_waiting_seconds": round(state.oldest_seconds, 1),
        }
        if state.problem:
            body |= {"problem": state.problem, "message": _SENTENCES[state.problem]}
        elif not self._secrets.known:
            body |= {"ready": False, "problem": "not_subscribed", "message": _NOT_SUBSCRIBED}
        else:
            return JSONResponse(body)
        return JSONResponse(body, 503, {"Retry-After": "5"})

    async def metrics(self, request: Request) -> Response:
        """`GET /metrics`, for Prometheus: open, unless there is an admin token."""
        if self._admin_token and not is_admin(request, self._admin_token):
            headers = {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse("Authorization: Bearer with the admin token\n", 401, headers)
        state = await self._probe.state()
        if state.problem != "database_unavailable":
            self._metrics.oldest_waiting(state.oldest_seconds)
            self._metrics.desk(
                waiting=state.desk.waiting,
                person=state.desk.person,
                longest_wait_seconds=state.desk.longest_wait_seconds,
            )
        return Response(self._metrics.render(), media_type="text/plain; version=0.0.4")
