"""Our tables as this version needs them: Alembic runs the migrations that are missing."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = sa.table("memo_migrations", sa.column("version_num"))


class DatabaseIsNewer(Exception):
    """The tables are of a later version than this one; the message says of which."""


def is_current(connection: sa.Connection) -> bool:
    """Whether no migration is missing, as at nearly every start. Alembic would be imported, and
    read all migrations, to say so."""
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return False
    return connection.execute(sa.select(_VERSIONS)).scalars().all() == [newest_revision()]


def newest_revision() -> str:
    """What the name of the last migration begins with: 0002 of `m0002_checkpoints.py`."""
    newest = max(file.stem for file in (_MIGRATIONS / "versions").glob("m*.py"))
    return newest.partition("_")[0].removeprefix("m")


def upgrade(connection: sa.Connection) -> None:
    """Run the missing migrations, in the transaction of `connection`. Raises: DatabaseIsNewer."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseIsNewer(str(error)) from error
