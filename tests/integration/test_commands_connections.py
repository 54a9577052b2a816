"""A command leaves the bot its connections: two are enough for it."""

from __future__ import annotations

import psycopg
import pytest

from tests.commands import run
from tests.postgres import Postgres


@pytest.fixture
def narrow_url(postgres_server: Postgres) -> str:
    """An empty database of somebody who may connect twice at a time."""
    url = postgres_server.new_database()
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as connection:
        name = connection.info.dbname
        # The names are made here.
        connection.execute(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 2")
        connection.execute(f"ALTER DATABASE {name} OWNER TO {name}")
    return url.replace("postgres@", f"{name}@")


def test_commands_manage_with_two_connections(narrow_url: str) -> None:
    narrow = {"DATABASE_URL": narrow_url}
    for command, code, told in (
        (("answers", "list"), 0, "answer"),
        (("answers", "retry", "--all"), 0, "No answer has failed."),
        (("forget", "+13125550177"), 1, "Nobody with the handle"),
        (("send", "--chat", "some-chat", "Hello"), 1, "taken back"),
        (("doctor",), 1, "ok       database"),
    ):
        done = run(*command, environment=narrow)
        assert told in done.stdout + done.stderr
        assert done.returncode == code
        assert "connection" not in done.stderr
