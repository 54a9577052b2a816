"""Databases as a bot leaves them that was started and stopped once: most tests need one, and the
tables of the bot and of its durable engine take longer to make than to copy."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from tests.bot import Bot
from tests.postgres import PostgresServer
from tests.sandbox_server import SandboxServer


def new_sqlite(file: Path) -> str:
    """Make this file a database. Its address."""
    file.touch(0o600, exist_ok=False)
    file.write_bytes(_sqlite_file())
    return f"sqlite:///{file}"


def postgres_template(server: PostgresServer) -> str:
    """The name of a database to copy."""
    url = server.new_database()
    _start_once(url)
    return url.rpartition("/")[2]


@functools.cache
def _sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        _start_once(f"sqlite:///{file}")
        return file.read_bytes()


def _start_once(database_url: str) -> None:
    with SandboxServer() as sandbox, Bot(sandbox, database_url) as bot:
        bot.stop()
