"""Whether the database can be used and lasts, and whether somebody answers what waits in it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from app.answers.timing import Timing
from app.diagnosis.finding import Finding, ok, problem
from app.settings import ConfigurationError, Settings
from app.store import executors, ledger
from app.store.database import Database, DatabaseUnavailable

NEEDED_BYTES = 100 * 2**20
"""Free space below which a disk counts as full."""
WAITING_SECONDS = 60.0
"""Age of a waiting answer from which on it is worth a look."""


def check_database(settings: Settings) -> list[Finding]:
    """Opens the database, and creates or upgrades the tables as `serve` would."""
    try:
        database = Database(settings.database_url, connections=1)
    except ConfigurationError as error:
        return [problem("database", str(error), "Correct DATABASE_URL.")]
    try:
        database.migrate()
        oldest = database.read_sync(ledger.oldest_waiting)
        alive = len(database.read_sync(_answering))
    except (ConfigurationError, DatabaseUnavailable) as error:
        return [problem("database", str(error), "Correct DATABASE_URL, or start the server.")]
    finally:
        database.close()
    found = [ok("database", f"{database.description}, {alive} bot(s) on it")]
    if oldest > WAITING_SECONDS:
        cure = "Look at the log of the bot." if alive else "Start the bot."
        found.append(
            problem("database", f"the oldest waiting answer has waited for {oldest:.0f} s", cure)
        )
    if database.is_sqlite:
        if settings.dyno:
            found.append(
                problem(
                    "database",
                    "SQLite on a dyno is emptied at every restart",
                    "Add PostgreSQL: heroku addons:create heroku-postgresql:essential-0",
                )
            )
        folder = Path(database.engine.url.database or ".").absolute().parent
        found += check_disk(folder, NEEDED_BYTES)
    return found


def check_disk(folder: Path, needed_bytes: int) -> list[Finding]:
    """Whether files can be written in a folder, and so many bytes are free there."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        message = f"{folder} cannot be written ({os.strerror(error.errno or 0)})"
        return [problem("disk", message, "Give the bot a folder of its own in DATABASE_URL.")]
    told = f"{free / 2**20:,.0f} MB free in {folder}"
    if free < needed_bytes:
        return [problem("disk", f"only {told}", "Make room; messages cannot be stored soon.")]
    return [ok("disk", told)]


def _answering(connection: sa.Connection) -> list[executors.Executor]:
    return executors.living(connection, time.time() - 3 * Timing().heartbeat_seconds)
