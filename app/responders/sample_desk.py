"""The sample business of `docs/`, for a first try of the bot without a line of configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from app.settings import Settings

_DOCS = Path(__file__).parents[2] / "docs"
RULES_FILE = _DOCS / "support.rules.yaml"
KNOWLEDGE = _DOCS / "desk" / "knowledge"


class SampleDesk(TypedDict, total=False):
    """Fields of `Settings`."""

    responder: str
    rules_file: Path
    knowledge: Path


def sample_desk(settings: Settings) -> SampleDesk:
    """What to set so that the sample business answers; nothing where a responder is chosen.

    Nothing, too, where the files are not there, as in an installed package.
    """
    if "responder" in settings.model_fields_set or not RULES_FILE.is_file():
        return {}
    return {"responder": "rules,knowledge", "rules_file": RULES_FILE, "knowledge": KNOWLEDGE}
