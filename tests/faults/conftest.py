"""Databases that are made quickly, because these tests need many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bot import Bot
from tests.postgres import PostgresServer
from tests.sandbox_server import SandboxServer

NewDatabase = Callable[[str], str]


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """A PostgreSQL database in which the bot's tables exist already."""
    url = postgres_server.new_database()
    with SandboxServer() as sandbox, Bot(sandbox, url):
        pass
    return url.rpartition("/")[2]


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> str:
    return postgres_server.new_database(template=postgres_template)
