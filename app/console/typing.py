"""Shows a person that a colleague types to them in the console."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from starlette.requests import Request
from starlette.responses import Response

from app.console.access import Fields
from app.console.pages import HEADERS
from app.console.sessions import Session
from app.linq.calls import best_effort
from app.linq.client import LinqClient
from app.linq.ids import is_id
from app.store import chat_log
from app.store.database import Database, DatabaseUnavailable

TYPING_SECONDS = 3.0
"""How often Linq is told at most that somebody types in a chat."""
CALLS_AT_ONCE = 8
_KEPT_CHATS = 256


class ColleagueTyping:
    """Best effort: it fails for nobody. Linq itself ends the typing with the message."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told_at: OrderedDict[str, float] = OrderedDict()
        self._calls: set[asyncio.Task[None]] = set()
        self.linq: LinqClient | None = None
        """Set once the service has started."""

    async def type(self, request: Request, _session: Session, fields: Fields) -> Response:
        """`POST /console/chats/{chat_id}/typing`: `typing` is 0 when it is over."""
        chat_id, types = request.path_params["chat_id"], fields["typing"] != "0"
        if self.linq and is_id(chat_id) and self._is_due(chat_id, types=types):
            task = asyncio.create_task(self._tell(self.linq, chat_id, types=types))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        return Response(status_code=204, headers=HEADERS)

    def stop(self) -> None:
        for task in self._calls:
            task.cancel()

    async def _tell(self, linq: LinqClient, chat_id: str, *, types: bool) -> None:
        try:
            if not await self._database.read(lambda c: chat_log.is_known(c, chat_id)):
                return
        except DatabaseUnavailable:
            return
        await best_effort(linq.start_typing(chat_id) if types else linq.stop_typing(chat_id))

    def _is_due(self, chat_id: str, *, types: bool) -> bool:
        if len(self._calls) >= CALLS_AT_ONCE:
            return False
        last, now = self._told_at.get(chat_id), time.monotonic()
        if not types:
            return self._told_at.pop(chat_id, None) is not None
        if last is not None and now - last < TYPING_SECONDS:
            return False
        self._told_at[chat_id] = now
        self._told_at.move_to_end(chat_id)
        if len(self._told_at) > _KEPT_CHATS:
            self._told_at.popitem(last=False)
        return True
