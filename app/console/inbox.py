"""The list of chats."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import Response

from app.console.pages import Pages
from app.console.sessions import Session
from app.store import inbox
from app.store.database import Database, DatabaseUnavailable


class InboxPage:
    def __init__(self, pages: Pages, database: Database) -> None:
        self._pages = pages
        self._database = database

    async def show(self, request: Request, session: Session) -> Response:
        """`GET /console?state=&q=&before=`: chats, the newest first."""
        query = request.query_params.get("q", "")[: inbox.MAX_QUERY_CHARS].replace("\0", "")
        state = request.query_params.get("state", "")
        chosen = state if state in inbox.STATES else None
        before = moment_of(request.query_params.get("before", ""))
        try:
            found = await self._database.read(
                lambda c: inbox.load(c, state=chosen, query=query, before=before)
            )
        except DatabaseUnavailable:
            return self._pages.error_page(request, 503)
        return self._pages.render(
            request,
            "inbox.html",
            session,
            inbox=found,
            query=query,
            chosen=chosen or "",
            states=inbox.STATES,
            total=sum(found.counts.values()),
            is_first=before is None,
        )


def moment_of(text: str) -> float | None:
    """A moment in Unix seconds out of an address; None if it is none."""
    try:
        value = float(text[:32])
    except ValueError:
        return None
    return value if math.isfinite(value) else None
