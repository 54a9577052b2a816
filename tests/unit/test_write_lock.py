"""SQLite's writers stand in line: first come, first served, the urgent first, nobody for ever."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store.database import Database, DatabaseUnavailable
from app.store.sqlite import WriteLock, connect

BRIEF_SECONDS = 0.05


class Line:
    """Threads that wait for a lock one after the other, each known to wait before the next."""

    def __init__(self, lock: WriteLock) -> None:
        self.lock = lock
        self.served: list[str] = []
        self._threads: list[threading.Thread] = []

    def join(self, name: str, *, urgent: bool = False) -> None:
        waiting = self._waiting()
        thread = threading.Thread(target=self._wait, args=(name, urgent))
        self._threads.append(thread)
        thread.start()
        deadline = time.monotonic() + 10
        while self._waiting() == waiting:
            assert time.monotonic() < deadline, f"{name} does not wait"
            time.sleep(0.001)

    def run(self) -> list[str]:
        """Let all have their turn. Returns their names in the order in which they had it."""
        self.lock.leave()
        for thread in self._threads:
            thread.join(10)
        return self.served

    def _wait(self, name: str, urgent: bool) -> None:
        assert self.lock.enter(urgent=urgent)
        self.served.append(name)
        self.lock.leave()

    def _waiting(self) -> int:
        return sum(len(line) for line in self.lock._lines)


def test_a_free_lock_is_given_at_once_and_again_after_it_was_left() -> None:
    lock = WriteLock(BRIEF_SECONDS)
    for _ in range(3):
        assert lock.enter()
        lock.leave()


def test_writers_have_their_turn_in_the_order_in_which_they_came() -> None:
    line = Line(WriteLock())
    assert line.lock.enter()
    names = [f"writer {number}" for number in range(8)]
    for name in names:
        line.join(name)
    assert line.run() == names


def test_the_urgent_come_first_in_the_order_in_which_they_came() -> None:
    line = Line(WriteLock())
    assert line.lock.enter()
    line.join("first")
    line.join("second")
    line.join("urgent", urgent=True)
    line.join("third")
    line.join("urgent too", urgent=True)
    assert line.run() == ["urgent", "urgent too", "first", "second", "third"]


@pytest.mark.parametrize("urgent", [False, True])
def test_who_waits_too_long_is_told_so_and_has_left_the_line(urgent: bool) -> None:
    lock = WriteLock(BRIEF_SECONDS)
    assert lock.enter()
    assert not lock.enter(urgent=urgent)
    lock.leave()
    assert lock.enter(), "the turn went to one who no longer waits"


def test_of_many_threads_one_at_a_time_holds_the_lock() -> None:
    lock = WriteLock()
    holders = most = 0

    def hold(number: int) -> None:
        nonlocal holders, most
        for _ in range(50):
            assert lock.enter(urgent=number % 3 == 0)
            holders += 1
            most = max(most, holders)
            time.sleep(0)
            holders -= 1
            lock.leave()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, range(8)))
    assert most == 1
    assert lock.enter()


# Connections -----------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "test.db")


@pytest.fixture
def lock() -> WriteLock:
    return WriteLock(BRIEF_SECONDS)


@pytest.fixture
def writer(file: str, lock: WriteLock) -> Iterator[sqlite3.Connection]:
    connection = connect(file, lock)
    connection.cursor().execute("CREATE TABLE things (name TEXT PRIMARY KEY)")
    connection.commit()
    yield connection
    connection.close()


def is_free(lock: WriteLock) -> bool:
    free = lock.enter()
    if free:
        lock.leave()
    return free


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_that_writes_has_the_lock_until_it_ends(
    writer: sqlite3.Connection, lock: WriteLock, end: str
) -> None:
    writer.cursor().execute("INSERT INTO things VALUES ('one')")
    assert not is_free(lock)
    writer.cursor().execute("INSERT INTO things VALUES ('two')")  # does not wait for itself
    getattr(writer, end)()
    assert is_free(lock)


@pytest.mark.parametrize("statement", ["SELECT * FROM things", "PRAGMA user_version", ""])
def test_what_does_not_write_does_not_wait(
    writer: sqlite3.Connection, lock: WriteLock, statement: str
) -> None:
    assert lock.enter()
    writer.cursor().execute(statement)
    lock.leave()


def test_a_writer_whose_turn_does_not_come_meets_a_locked_database(
    writer: sqlite3.Connection, lock: WriteLock
) -> None:
    assert lock.enter()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        writer.cursor().execute("DELETE FROM things")
    lock.leave()
    writer.cursor().execute("DELETE FROM things")
    writer.commit()


# The database ----------------------------------------------------------------------------------


@pytest.fixture
def database(file: str) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    database.write_sync(lambda c: c.exec_driver_sql("CREATE TABLE things (name TEXT PRIMARY KEY)"))
    yield database
    database.close()


def insert(connection: sa.Connection, name: str) -> None:
    connection.exec_driver_sql("INSERT INTO things VALUES (?)", (name,))


def names(database: Database) -> list[str]:
    return database.read_sync(
        lambda c: [row.name for row in c.exec_driver_sql("SELECT name FROM things ORDER BY rowid")]
    )


def test_a_write_that_fails_leaves_the_lock_and_stores_nothing(database: Database) -> None:
    def fail(connection: sa.Connection) -> None:
        insert(connection, "never")
        raise ValueError("ours")

    for _ in range(3):
        with pytest.raises(ValueError, match="ours"):
            database.write_sync(fail)
    database.write_sync(lambda c: insert(c, "once"))
    with pytest.raises(sa.exc.IntegrityError):
        database.write_sync(lambda c: insert(c, "once"))
    with pytest.raises(DatabaseUnavailable, match="no such table"):
        database.write_sync(lambda c: c.exec_driver_sql("INSERT INTO missing VALUES (1)"))
    database.write_sync(lambda c: insert(c, "after"))
    assert names(database) == ["once", "after"]


def test_a_read_waits_for_no_writer_and_sees_what_was_committed(database: Database) -> None:
    writing, ended = threading.Event(), threading.Event()

    def write(connection: sa.Connection) -> None:
        insert(connection, "late")
        writing.set()
        assert ended.wait(10)

    with ThreadPoolExecutor(1) as pool:
        late: Future[None] = pool.submit(database.write_sync, write)
        assert writing.wait(10)
        assert names(database) == []
        ended.set()
        late.result(10)
    assert names(database) == ["late"]
