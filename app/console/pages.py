"""Renders pages: templates in which everything is text, and headers that bind the browser."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.console.sessions import Session, Sessions
from app.policy import Reason

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    # Not `no-referrer`: browsers then hide where forms of our own come from.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

_PROBLEMS = {
    400: "That form could not be read.",
    403: "That form did not come from a page of this console, or its login is over.",
    404: "There is nothing here. It may have been erased since.",
    413: "That is too long.",
    503: "The database does not answer. Try again in a moment.",
}
_DESK_REASONS: dict[str, str] = {
    "asked": "Asked for a person",
    "not_known": "The bot did not know",
    "unsure": "The bot was not sure",
    "complaint": "A complaint",
    "urgent": "Urgent",
    "other": "Handed over by the bot",
    "taken": "Taken over in the console",
    "wrote": "A colleague wrote",
}
_EXPLANATIONS = {str(reason): reason.explanation for reason in Reason}


class Pages:
    """The templates of the console."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def render(
        self,
        request: Request,
        template: str,
        session: Session | None,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """A page. session: whose forms are on it; None for a page without any."""
        token = self._sessions.form_token(session) if session else ""
        html = _templates().get_template(template).render(values, csrf=token, path=request.url.path)
        return HTMLResponse(html, status, HEADERS)

    def error_page(self, request: Request, status: int) -> Response:
        """A page that says why there is nothing else."""
        told = _PROBLEMS[status]
        response = self.render(request, "problem.html", None, status=status, told=told)
        if status == 503:
            response.headers["Retry-After"] = "5"
        return response


@functools.cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("app.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "moment": moment,
        "ago": duration,
        "seconds": seconds,
        "explained": explained,
        "desk_reason": desk_reason,
        "in_path": in_path,
        "hue": hue,
        "sign": sign,
    }
    return found


def moment(at: float | datetime) -> Markup:
    """A time; scripts turn it into the reader's own zone. at: Unix seconds, or aware."""
    at = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%b %d, %H:%M}"
    )


def seconds(value: float | None) -> str:
    """`0.02 s`, `1.4 s`, `12 s`; nothing where it is not known."""
    if value is None:
        return ""
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def duration(value: float) -> str:
    """A length of time for people: `12 s`, `4 min`, `3 h`, `2 days`."""
    for unit, size in (("days", 172_800), ("h", 7_200), ("min", 120)):
        if value >= size:
            return f"{value // {'days': 86_400, 'h': 3_600, 'min': 60}[unit]:.0f} {unit}"
    return f"{value:.0f} s"


def explained(reason: str) -> str:
    """What a reason code means."""
    return _EXPLANATIONS.get(reason) or reason


def desk_reason(reason: str) -> str:
    """Why a person is waited for, or has a chat, in words."""
    return _DESK_REASONS.get(reason, "")


def in_path(some_id: str) -> str:
    """An id as one part of a path."""
    return quote(some_id, safe="")


def hue(handle: str | None) -> int:
    """One of twelve colours for a person."""
    return sum((handle or "").encode()[-4:]) % 12


def sign(handle: str | None) -> str:
    """What stands in a person's round sign."""
    if not handle:
        return "–"
    return handle[0].upper() if handle[0].isalpha() else handle[-2:]
