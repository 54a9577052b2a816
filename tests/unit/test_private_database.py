"""SQLite's files are this user's alone."""

from __future__ import annotations

import stat
from pathlib import Path

from app.store.database import Database


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_database_and_its_folder_are_private(tmp_path: Path) -> None:
    file = tmp_path / "var" / "bot.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700
    assert {mode(one) for one in file.parent.iterdir()} == {0o600}
    database.close()


def test_a_database_of_an_older_version_becomes_private_and_its_folder_stays(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    file = folder / "bot.db"
    file.touch(mode=0o644)
    Database(f"sqlite:///{file}").close()
    assert (mode(file), mode(folder)) == (0o600, 0o755)
