"""Whether a database has all migrations is known without reading them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

import app.store
from app.store.database import Database
from app.store.upgrade import is_current, newest_revision


def test_the_last_name_tells_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(app.store.__path__[0]) / "migrations"))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_only_a_database_of_this_version_is_current(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/bot.db")) as database:
        assert not database.read_sync(is_current)
        database.migrate()
        assert database.read_sync(is_current)
        for revision in ("0007", "9999"):
            _set_revision(database, revision)
            assert not database.read_sync(is_current)


def _set_revision(database: Database, revision: str) -> None:
    statement = f"UPDATE memo_migrations SET version_num = '{revision}'"
    database.write_sync(lambda connection: connection.exec_driver_sql(statement))
