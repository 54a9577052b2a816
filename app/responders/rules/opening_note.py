"""When there is somebody to answer, for a person who waits: from the hours of the rules file."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from app.languages import primary_subtag
from app.responders.rules.errors import RulesError
from app.responders.rules.reading import read_rules
from app.responders.rules.spoken_time import spoken_opening

_OPENS = MappingProxyType(
    {
        "en": "We are open again {opens}.",
        "de": "Wir sind {opens} wieder da.",
        "fr": "Nous serons de retour {opens}.",
        "es": "Volvemos a abrir {opens}.",
        "it": "Riapriamo {opens}.",
        "pt": "Voltamos a abrir {opens}.",
        "nl": "We zijn {opens} weer open.",
        "ja": "次の営業は{opens}からです。",
        "zh": "我们{opens}重新营业。",
        "ar": "نفتح من جديد {opens}.",
    }
)


class OpeningNote:
    """Reads the file each time: hand-overs are rare, and hours change."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __call__(self, moment: datetime, language: str | None) -> str:
        """ "" while it is open, and where the file has no hours or cannot be read."""
        return await asyncio.to_thread(self._note, moment, language)

    def _note(self, moment: datetime, language: str | None) -> str:
        try:
            hours = read_rules(self._file).hours
        except RulesError:
            return ""  # the responder says so in the log
        state = hours.state(moment) if hours else None
        if state is None or state.is_open or state.opens is None:
            return ""
        said = _OPENS.get(primary_subtag(language or "en"))
        return said.format(opens=spoken_opening(state.opens, state.at, language)) if said else ""
