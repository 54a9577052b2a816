"""What keeps the bot from being live, and how to get it: at `/`, for whoever deploys it.

The page is public: it names variables and cures, and no value of any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.requirements import MissingSetting
from app.subscription.task import SubscriptionTask
from app.web.doctor_page import DoctorPage
from app.web.safe_responses import SafeResponses

_AGAIN = {"Retry-After": "5"}

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10"><title>voicememo-bot: setup</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem;
  color: #1d1d1f; background: #fff }}
li {{ margin: 1rem 0 }} code {{ background: #eee; padding: .1em .3em; border-radius: .3em }}
@media (prefers-color-scheme: dark) {{ body {{ color: #eee; background: #1d1d1f }}
  code {{ background: #333 }} }}
</style>
<h1>Almost live</h1>
<p>The bot runs, but cannot answer yet. Linq repeats its webhooks meanwhile.</p>
<ul>{items}</ul>
<p>This page looks again every ten seconds. The log says more, and with the admin token so do
<a href="/doctor">all checks</a>.</p>
</html>
"""


def show_missing(missing: Sequence[MissingSetting]) -> HTMLResponse:
    """The page that says what is missing."""
    items = "".join(
        f"<li><code>{escape(one.variable)}</code> {escape(one.message)}.<br>{escape(one.cure)}</li>"
        for one in missing
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(
        _PAGE.format(items=items), 503, {"Content-Security-Policy": policy, **_AGAIN}
    )


class FrontPage:
    """`GET /` of the running service."""

    def __init__(self, subscription: SubscriptionTask) -> None:
        self._subscription = subscription

    async def show(self, request: Request) -> Response:
        self._subscription.learn_address(request.headers.get("host", ""))
        if self._subscription.problem:
            return show_missing([self._subscription.problem])
        return PlainTextResponse(
            "voicememo-bot is running. Linq's webhooks go to /webhooks/linq.\n"
        )


def create_setup_app(
    missing: Callable[[], Sequence[MissingSetting]], doctor: DoctorPage
) -> Starlette:
    """The application of a process that cannot start the service: alive, and not ready.

    Webhooks get 503, so that Linq delivers them again.
    """

    async def front(_request: Request) -> Response:
        return show_missing(missing())

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def not_ready(_request: Request) -> Response:
        told = [{"variable": one.variable, "message": str(one)} for one in missing()]
        return JSONResponse({"ready": False, "problem": "setup", "missing": told}, 503, _AGAIN)

    async def later(_request: Request) -> Response:
        return Response(status_code=503, headers=_AGAIN)

    app = Starlette(
        routes=[
            Route("/", front),
            Route("/doctor", doctor.show),
            Route("/healthz", alive),
            Route("/readyz", not_ready),
            Route("/{path:path}", later, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ],
        middleware=[Middleware(SafeResponses)],
    )
    app.router.redirect_slashes = False
    return app
