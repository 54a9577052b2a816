"""SQLite with its writers in a queue.

SQLite lets one connection write at a time and makes the others poll, with pauses that grow to a
tenth of a second. Within one process the wait is better spent in line: each transaction that
writes waits for its turn, first come, first served, and begins the moment the one before has
committed. Other processes on the same file are still waited for by SQLite's own polling.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from typing import Any

BUSY_SECONDS = 10.0
"""How long a writer waits, for its turn here and for other processes."""

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN", "CREATE", "ALTER", "DROP", "WITH")


class WriteLock:
    """A lock that is given in the order in which it was asked for, to the urgent ones first."""

    def __init__(self, busy_seconds: float = BUSY_SECONDS) -> None:
        self._busy_seconds = busy_seconds
        self._guard = threading.Lock()
        self._taken = False
        self._lines: tuple[deque[threading.Event], ...] = (deque(), deque())

    def enter(self, *, urgent: bool = False) -> bool:
        """Wait for the turn, at most `busy_seconds`. Returns whether it came."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Event()
            line = self._lines[0 if urgent else 1]
            line.append(turn)
        if turn.wait(self._busy_seconds):
            return True
        with self._guard:
            if turn.is_set():
                return True
            line.remove(turn)
        return False

    def leave(self) -> None:
        with self._guard:
            for line in self._lines:
                if line:
                    line.popleft().set()
                    return
            self._taken = False


def connect(path: str, write_lock: WriteLock, **options: Any) -> sqlite3.Connection:
    """A connection whose writing transactions take turns with those of the same write_lock."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level="IMMEDIATE", factory=_Connection, **options
    )
    connection.write_lock = write_lock
    if sqlite3.sqlite_version_info < (3, 42):
        # DBOS takes it from Python 3.12 on that SQLite is new enough to know 'subsec', but Python
        # is often built on the system's older one.
        connection.create_function("unixepoch", 1, _unixepoch)
    # Readers never wait for writers; kept in the file.
    connection.execute("PRAGMA journal_mode=WAL")
    # Every commit reaches the disk before it is acknowledged, even if the power fails.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    # What is erased is overwritten; not every SQLite is built to do so by default.
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def _unixepoch(modifier: str) -> float:
    """SQLite's `unixepoch('subsec')`: seconds since 1970, with their fraction."""
    if modifier != "subsec":
        raise ValueError(f"unixepoch({modifier!r}) is not known here")
    return time.time()


class _Connection(sqlite3.Connection):
    write_lock: WriteLock | None = None
    urgent = False
    _has_turn = False

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def commit(self) -> None:
        super().commit()
        self.pass_on()

    def rollback(self) -> None:
        super().rollback()
        self.pass_on()

    def close(self) -> None:
        super().close()
        self.pass_on()

    def take_turn(self, sql: str) -> None:
        # Whoever is in a transaction has had his turn: to wait again would hold up all the others.
        if self.write_lock is None or self._has_turn or self.in_transaction:
            return
        if sql.lstrip()[:8].upper().startswith(_WRITES):
            if not self.write_lock.enter(urgent=self.urgent):
                raise sqlite3.OperationalError("database is locked")
            self._has_turn = True

    def pass_on(self) -> None:
        self.urgent = False
        if self.write_lock and self._has_turn:
            self._has_turn = False
            self.write_lock.leave()


class _Cursor(sqlite3.Cursor):
    connection: _Connection

    def execute(self, sql: str, parameters: Any = (), /) -> _Cursor:
        self.connection.take_turn(sql)
        super().execute(sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Any, /) -> _Cursor:
        self.connection.take_turn(sql)
        super().executemany(sql, parameters)
        return self
