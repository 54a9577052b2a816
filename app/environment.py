"""The environment as it is found: variables that are meant for the bot, but that nothing reads."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from dotenv import dotenv_values
from pydantic import AliasChoices

from app.settings import ENV_FILE, Settings

_PREFIX = "MEMO_"
_ALIKE = 0.75
"""How alike two names are, by difflib's ratio, for one to be a slip of the other."""


def unknown_variables() -> list[str]:
    """A sentence for each `MEMO_…` variable that is set and that nothing reads, such as a typo."""
    known = sorted(name for name in known_variables() if name.startswith(_PREFIX))
    found = {name for name in {*os.environ, *_env_file()} if name.upper().startswith(_PREFIX)}
    told = []
    for name in sorted(found):
        if name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=_ALIKE)
            hint = f". Did you mean {near[0]}?" if near else "; .env.example has them all."
            told.append(f"{name} is set, but there is no such setting{hint}")
    return told


def known_variables() -> set[str]:
    """The names of all environment variables that are read."""
    aliases = (field.validation_alias for field in Settings.model_fields.values())
    choices = [alias.choices for alias in aliases if isinstance(alias, AliasChoices)]
    return {str(name) for names in choices for name in names}


def _env_file() -> dict[str, str | None]:
    return dotenv_values(ENV_FILE, encoding="utf-8") if Path(ENV_FILE).is_file() else {}
