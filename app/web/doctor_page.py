"""The checks of `doctor` in a browser, for whoever knows the admin token."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from app.diagnosis.diagnosis import diagnose
from app.diagnosis.finding import Finding
from app.settings import ConfigurationError, Settings
from app.web.admin_token import is_admin

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>voicememo-bot: checks</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 3rem auto; padding: 0 1rem;
  color: #1d1d1f; background: #fff }}
td {{ padding: .4rem 1rem .4rem 0; vertical-align: top }}
.problem td:first-child {{ color: #c00; font-weight: 600 }}
.warning td:first-child {{ color: #a60 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #eee; background: #1d1d1f }}
  .problem td:first-child {{ color: #f66 }} .warning td:first-child {{ color: #fb4 }} }}
</style>
<h1>{title}</h1>
<table>{rows}</table>
</html>
"""


class DoctorPage:
    """`GET /doctor`: what `doctor` finds; as JSON for `Accept: application/json`.

    The admin token is the bearer token, or the password that a browser asks for.
    """

    def __init__(self, load: Callable[[], Settings], admin_token: str) -> None:
        """load: the settings to check. Without an admin_token nobody is let in."""
        self._load = load
        self._admin_token = admin_token
        self._at_work = asyncio.Lock()

    async def show(self, request: Request) -> Response:
        if not self._admin_token:
            return PlainTextResponse("Set MEMO_ADMIN_TOKEN to see the checks here.\n", 403)
        if not (is_admin(request, self._admin_token) or _has_password(request, self._admin_token)):
            asks = {"WWW-Authenticate": 'Basic realm="voicememo: any name, the admin token"'}
            return PlainTextResponse("The admin token is needed.\n", 401, asks)
        try:
            settings = self._load()
        except ConfigurationError as error:
            found = [Finding("settings", "problem", str(error), "Correct the variable.")]
        else:
            async with self._at_work:  # the checks call others
                found = await diagnose(settings)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse([vars(finding) for finding in found])
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        return HTMLResponse(_render(found), headers={"Content-Security-Policy": policy})


def _render(found: list[Finding]) -> str:
    problems = sum(finding.level == "problem" for finding in found)
    rows = "".join(
        f'<tr class="{one.level}"><td>{one.level}<td>{escape(one.check)}'
        f"<td>{escape(one.message)}<br>{escape(one.cure)}"
        for one in found
    )
    title = "All is well" if not problems else f"{problems} to mend"
    return _PAGE.format(title=title, rows=rows)


def _has_password(request: Request, admin_token: str) -> bool:
    """Whether the password of HTTP Basic authentication is the admin token; compared in constant
    time."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        _, _, password = base64.b64decode(encoded, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(password, admin_token.encode())
