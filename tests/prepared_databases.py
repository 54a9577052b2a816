"""Databases as a bot leaves them that was started and stopped once: most tests need one, and the
tables of the bot and of its durable engine take longer to make than to copy."""

from __future__ import annotations

import fcntl
import functools
import tempfile
from pathlib import Path

from tests import fork_server
from tests.bot import Bot
from tests.postgres import Postgres
from tests.sandbox_server import SandboxServer
from tests.shared_process import address_of


def new_sqlite(file: Path) -> str:
    """Make this file a database. Its address."""
    file.touch(0o600, exist_ok=False)
    file.write_bytes(_sqlite_file())
    return f"sqlite:///{file}"


def postgres_template(server: Postgres) -> str:
    """The name of a database to copy."""
    return server.template("of_a_bot", _start_once)


@functools.cache
def _sqlite_file() -> bytes:
    """The first process that asks makes it for all of a run."""
    kept = Path(address_of(fork_server.MODULE)).parent / "bot.db"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                file = Path(folder) / "bot.db"
                _start_once(f"sqlite:///{file}")
                file.rename(kept)
    return kept.read_bytes()


def _start_once(database_url: str) -> None:
    with SandboxServer() as sandbox, Bot(sandbox, database_url) as bot:
        bot.stop()
