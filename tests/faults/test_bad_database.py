"""A DATABASE_URL that does not work: the process says which, why, and what to do, and exits.

The worker does: on a platform `serve` shows it instead (`test_setup_mode.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.bot import Bot, free_port
from tests.postgres import Postgres
from tests.sandbox_server import SandboxServer


def refusal(sandbox: SandboxServer, database_url: str) -> str:
    """What the real command says before it exits with 1."""
    bot = Bot(sandbox, database_url, command="worker", quick=False)
    bot.start(ready=False)
    assert bot.wait() == 1, bot.log
    assert "Traceback" not in bot.log
    assert "secret-word" not in bot.log
    [line] = [line for line in bot.log.splitlines() if line.startswith("Error: ")]
    assert "DATABASE_URL" in line
    return line


def test_nobody_answers_at_the_address(sandbox: SandboxServer) -> None:
    url = f"postgres://bob:secret-word@127.0.0.1:{free_port()}/memo"
    line = refusal(sandbox, url)
    assert "bob:***@127.0.0.1" in line
    assert "Connection refused" in line
    assert "Check the address" in line


def test_the_host_does_not_exist(sandbox: SandboxServer) -> None:
    line = refusal(sandbox, "postgres://bob:secret-word@no-such-host.invalid/memo")
    assert "no-such-host.invalid" in line


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "write sqlite:///"),
        ("mysql://bob:secret-word@db/memo", "'mysql'"),
        ("sqlite://", "needs a file"),
        ("sqlite:////proc/nowhere/memo.db", "/proc/nowhere"),
    ],
)
def test_the_address_cannot_be_used(sandbox: SandboxServer, url: str, said: str) -> None:
    assert said in refusal(sandbox, url)


def test_the_file_is_no_database(sandbox: SandboxServer, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Not a database at all. " * 100)
    assert "not a database" in refusal(sandbox, f"sqlite:///{file}")


def test_the_database_does_not_exist(sandbox: SandboxServer, postgres_url: str) -> None:
    line = refusal(sandbox, postgres_url + "_gone")
    assert "does not exist" in line


@pytest.mark.parametrize("grants", ["nothing", "tables, but no schemas"])
def test_the_rights_are_missing(
    sandbox: SandboxServer, postgres_server: Postgres, grants: str
) -> None:
    url = postgres_server.new_database()
    role = f"weak_{free_port()}"
    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'secret-word'")
        if grants != "nothing":
            connection.exec_driver_sql(f"GRANT ALL ON SCHEMA public TO {role}")
    line = refusal(sandbox, url.replace("postgres@", f"{role}:secret-word@"))
    assert "permission denied" in line
    assert "the rights to create tables and schemas" in line


def test_sqlite_on_a_dyno_is_warned_of_once(sandbox: SandboxServer, sqlite_url: str) -> None:
    with Bot(sandbox, sqlite_url, environment={"DYNO": "web.1"}) as bot:
        warnings = [one for one in bot.events() if "SQLite on a dyno" in one["event"]]
        assert len(warnings) == 1
        assert warnings[0]["level"] == "warning"
        assert "heroku-postgresql" in warnings[0]["event"]


def test_postgres_on_a_dyno_is_not_warned_of(sandbox: SandboxServer, postgres_url: str) -> None:
    with Bot(sandbox, postgres_url, environment={"DYNO": "web.1"}) as bot:
        assert not [one for one in bot.events() if "dyno" in one["event"]]
        assert bot.events("answering")[0]["executor"].startswith("web.1:")
