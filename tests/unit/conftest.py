"""Databases with the bot's own tables: unit tests start no bot, which would make the others."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from app.store.database import Database
from tests.postgres import Postgres


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    file = tmp_path / "test.db"
    file.touch(0o600)
    file.write_bytes(_sqlite_file())
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> str:
    return postgres_server.template("of_the_bot_alone", _migrate)


@functools.cache
def _sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        _migrate(f"sqlite:///{file}")
        return file.read_bytes()


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()
