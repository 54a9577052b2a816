"""Writes docs/settings.md from the settings and .env.example: `python -m docs.settings_page`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from pydantic import AliasChoices

from app.settings import PLATFORM_ADDRESSES, Settings

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "settings.md"

_INTRODUCTION = """# Settings

All are environment variables, or lines of a file `.env` where the bot is started. None is needed
but `LINQ_API_V3_API_KEY`; an empty one counts as not set.
Written by `python -m docs.settings_page`.
"""
_PLATFORM = """## Set by platforms

`DYNO` (Heroku) and `PORT` say that a platform runs the bot. Its public address is taken from
{names} where `MEMO_PUBLIC_URL` is empty.
"""
_TABLE = "| variable | default | what it is for |\n|---|---|---|\n"
_HEADING = re.compile(r"# --- (.+?) -+$")


def page() -> str:
    """The whole page."""
    parts, comment, told = [_INTRODUCTION], "", False
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            parts.append(
                f"\n## {heading[1]}\n\n| variable | default | what it is for |\n|---|---|---|\n"
            )
            comment, told = "", False
        elif line.startswith("#"):
            # Variables in a row share the comment above them.
            comment = "" if told else comment
            comment, told = f"{comment} {line.removeprefix('#').strip()}".strip(), False
        elif "=" in line:
            parts.append(_row(line.partition("=")[0], comment))
            told = True
    names = ", ".join(f"`{name}`" for name in PLATFORM_ADDRESSES)
    return "".join(parts) + "\n" + _PLATFORM.format(names=names)


def _row(variable: str, comment: str) -> str:
    name, field = _field(variable)
    default = field.get_default(call_default_factory=True)
    choices = [str(one) for one in get_args(field.annotation) if isinstance(one, str)]
    told = comment if not choices or any(one in comment for one in choices) else ", ".join(choices)
    return f"| `{variable}` | {_shown(name, default)} | {told.replace('|', chr(92) + '|')} |\n"


def _shown(name: str, default: Any) -> str:
    text = ",".join(default) if isinstance(default, tuple) else str(default)
    text = f"{default:g}" if isinstance(default, float) else text
    if default is None or not text or "*" in text or (name == "port"):
        return ""
    return f"`{text.lower() if isinstance(default, bool) else text}`"


def _field(variable: str) -> tuple[str, Any]:
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices) and variable in alias.choices:
            return name, field
    raise KeyError(variable)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
