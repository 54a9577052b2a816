"""What a command starts from: the settings, the log, the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from app.answers.queue import AnswerQueue
    from app.settings import Settings
    from app.store.database import Database


def settings_of_service(*, log_level: str | None = None) -> Settings:
    """The settings of a command that runs on; its log goes to standard output.

    log_level: takes the place of MEMO_LOG_LEVEL.

    Raises: ConfigurationError.
    """
    return _settings(sys.stdout, log_level)


def settings_of_command() -> Settings:
    """The settings of a command that prints a result; its log goes to standard error.

    Raises: ConfigurationError.
    """
    return _settings(sys.stderr, None)


def _settings(log: TextIO, log_level: str | None) -> Settings:
    from app.settings import load_settings, unknown_variables
    from app.telemetry import configure_logging

    settings = load_settings()
    configure_logging(settings.log_format, log_level or settings.log_level, log)
    for sentence in unknown_variables():
        click.echo(f"Warning: {sentence}", err=True)
    return settings


CONNECTIONS = 2
"""Connections to the database that a command uses at most: the bot has its share of few."""


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """The database with our tables, closed at the end.

    Raises: ConfigurationError when it cannot be opened.
    """
    from app.store.database import Database

    database = Database(settings.database_url, connections=CONNECTIONS)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def opened_queue(database: Database) -> AnswerQueue:
    """The queue on this database, whose tables a service need not have made before.

    Raises: ConfigurationError when the tables can neither be found nor made.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from app.answers.queue import AnswerQueue
    from app.settings import ConfigurationError

    queue = AnswerQueue(database)
    # DBOS opens two connections of its own to look after its tables: ours are closed meanwhile.
    database.engine.dispose()
    try:
        queue.migrate()
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ConfigurationError(
            f"The queue's tables in {database.description} cannot be used: {cause}."
        ) from error
    return queue
