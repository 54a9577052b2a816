"""What a command starts from: the settings, the log, the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.answers.queue import AnswerQueue
    from app.settings import Settings
    from app.store.database import Database


def settings_of_service() -> Settings:
    """The settings of a command that runs on; its log goes to standard output.

    Raises: ConfigurationError.
    """
    from app.settings import load_settings
    from app.telemetry import configure_logging

    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    return settings


def settings_of_command() -> Settings:
    """The settings of a command that prints a result; its log goes to standard error.

    Raises: ConfigurationError.
    """
    from app.settings import load_settings
    from app.telemetry import configure_logging

    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level, sys.stderr)
    return settings


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """The database with our tables, closed at the end.

    Raises: ConfigurationError when it cannot be opened.
    """
    from app.store.database import Database

    database = Database(settings.database_url)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def opened_queue(database: Database) -> AnswerQueue:
    """The queue on this database, whose tables a service need not have made before."""
    from app.answers.queue import AnswerQueue

    queue = AnswerQueue(database)
    queue.migrate()
    return queue
