"""Where the database lies, and voices are fetched to, if nobody says where."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import app

_FILE = "voicememo.db"


def default_database_url() -> str:
    """SQLite: in `var/` where the program runs from a checkout, else in the user's data folder."""
    if (Path(app.__path__[0]).parent / "pyproject.toml").is_file():
        return f"sqlite:///var/{_FILE}"
    return f"sqlite:///{data_folder() / _FILE}"


def data_folder() -> Path:
    """The folder of this program's data for this user, as the system has it; it need not exist.

    Linux: the XDG Base Directory Specification. macOS: the Library of the user.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "voicememo"
    told = os.environ.get("XDG_DATA_HOME", "")
    base = Path(told) if os.path.isabs(told) else Path.home() / ".local" / "share"
    return base / "voicememo"


def voices_folder() -> Path:
    """Where voices are fetched to if nobody says where: beside the default database."""
    return Path(default_database_url().removeprefix("sqlite:///")).parent / "voices"
