"""Readiness writes, but not because of many who ask."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store.database import Database
from app.store.tables import executors
from app.web.storage_probe import StorageProbe


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    yield database
    database.close()


def test_five_hundred_who_ask_are_told_of_one_write(database: Database) -> None:
    writes: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(f"UPDATE {executors.name} "):
            writes.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", count)

    async def ask() -> None:
        probe = StorageProbe(database, "web.1:test")
        for _ in range(5):
            states = await asyncio.gather(*(probe.state() for _ in range(100)))
            assert {state.problem for state in states} == {None}

    asyncio.run(ask())
    assert len(writes) == 1


def test_a_database_that_can_only_be_read_is_no_storage(database: Database) -> None:
    def make_read_only(connection: sqlite3.Connection, *_more: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    sa.event.listen(database.engine, "checkout", make_read_only)
    state = asyncio.run(StorageProbe(database, "web.1:test").state())
    assert database.read_sync(lambda c: c.execute(sa.select(executors)).all()) == []
    assert state.problem == "database_unavailable"


def test_a_table_that_is_missing_is_no_storage(database: Database) -> None:
    database.write_sync(lambda c: executors.drop(c))
    state = asyncio.run(StorageProbe(database, "web.1:test").state())
    assert state.problem == "database_unavailable"
