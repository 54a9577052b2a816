"""The console's style sheets and scripts, and those that it shares with the sandbox's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from app.console.pages import HEADERS
from app.look import STATIC as LOOK

_STATIC = Path(__file__).parent / "static"


class ConsoleFiles(StaticFiles):
    """Open to everybody, as the login page needs them; a browser asks whether they changed."""

    def __init__(self) -> None:
        super().__init__(directory=_STATIC)
        self.all_directories.append(LOOK)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update({**HEADERS, "Cache-Control": "no-cache"})
        return response
