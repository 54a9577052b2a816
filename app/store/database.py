"""The database: one engine for our tables and for DBOS, SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from app.retry import Backoff
from app.settings import ConfigurationError
from app.store.postgres import create_postgres_engine
from app.store.sqlite import WriteLock, connect
from app.store.upgrade import DatabaseIsNewer, is_current, upgrade

log = structlog.get_logger()

R = TypeVar("R")

CONNECTIONS = 5
"""Connections per process at most, of DBOS and ourselves together. Heroku's smallest PostgreSQL
allows 20 in all: a `web` and a `worker`, twice while a deploy replaces them."""

_NEVER_BETTER = (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError)
"""Errors of ours, or of the values, which no waiting mends."""

_MIGRATION_LOCK = 0x6D656D6F  # "memo"

_AFTER_COMMIT = "after_commit"
_LISTENERS = "listeners"

_AWAY = Backoff(first=0.1, longest=5.0)

RUN_SECONDS = 8.0
"""How long a caller waits for the database; Linq takes a webhook of 10 s for a failed one."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached, refuses or hangs; nothing is known to be stored."""


class Database:
    """Runs functions of a connection in a transaction each: `read` and `write`."""

    def __init__(self, url: str, *, connections: int = CONNECTIONS) -> None:
        """`url`: SQLAlchemy URL, or `postgres://…` as Heroku writes it.

        connections: how many are opened at most.

        Raises: ConfigurationError naming DATABASE_URL if it is not usable.
        """
        self.engine = _create_engine(url, connections)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.description = self.engine.url.render_as_string(hide_password=True)
        self._listeners: dict[str, list[Callable[[str], None]]] = {}
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="database")
        self._urgent_threads = ThreadPoolExecutor(2, thread_name_prefix="database-urgent")

    def listen(self, topic: str, call: Callable[[str], None]) -> None:
        """Have `call(detail)` run, on any thread, after each commit over this database object that
        did `notify(connection, topic, detail)`."""
        self._listeners.setdefault(topic, []).append(call)

    def migrate(self) -> None:
        """Create or upgrade our tables; safe when several processes start at once.

        Raises: ConfigurationError when the database cannot be opened.
        """
        try:
            with self.engine.connect() as connection:
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                    _create_schema_of_dbos(connection)
                if not is_current(connection):
                    upgrade(connection)
                connection.commit()
        except DatabaseIsNewer as error:
            raise ConfigurationError(
                f"DATABASE_URL={self.description} was upgraded by a newer version of this bot "
                f"({error}). Start that version, or restore the database from before it."
            ) from error
        except SQLAlchemyError as error:
            cause = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".?")
            raise ConfigurationError(
                f"DATABASE_URL={self.description} cannot be opened: {cause}. Check the address, "
                "that the server runs, and the rights to create tables and schemas in it."
            ) from error

    async def read(self, query: Callable[[sa.Connection], R], *, retry_forever: bool = False) -> R:
        """Run `query(connection)` off the event loop, in a transaction that waits for no writer.

        retry_forever: wait for a database that is away for as long as it takes, and run `query`
        again. Without it a caller waits `RUN_SECONDS` at most.
        Raises: DatabaseUnavailable when the database cannot be reached or does not answer in time.
        """
        if retry_forever:
            return await self._persist(self._threads, False, query)
        return await _in_time(self._start(self._threads, False, query))

    async def write(
        self,
        change: Callable[[sa.Connection], R],
        *,
        priority: Literal["normal", "high"] = "normal",
        retry_forever: bool = False,
    ) -> R:
        """Run `change(connection)` off the event loop and commit it.

        priority: "high" goes before all others, because somebody waits for the acknowledgement.
        retry_forever: as for `read`; `change` may then run again after a commit whose success was
        never reported, so it must be idempotent.
        Raises: DatabaseUnavailable when nothing is known to be stored.
        """
        if retry_forever:
            return await self._persist(self._threads, True, change)
        threads = self._urgent_threads if priority == "high" else self._threads
        return await _in_time(self._start(threads, True, change, urgent=priority == "high"))

    def read_sync(self, query: Callable[[sa.Connection], R]) -> R:
        """`read` on the calling thread, for commands."""
        return self._transact(query, writes=False)

    def write_sync(self, change: Callable[[sa.Connection], R]) -> R:
        """`write` on the calling thread, for commands."""
        return self._transact(change, writes=True)

    async def _persist(
        self, threads: ThreadPoolExecutor, writes: bool, function: Callable[[sa.Connection], R]
    ) -> R:
        for attempt in itertools.count(1):
            try:
                return await self._start(threads, writes, function)
            except DatabaseUnavailable as error:
                pause = _AWAY.pause(attempt)
                log.warning("database away", cause=str(error), again_in=pause)
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _start(
        self,
        threads: ThreadPoolExecutor,
        writes: bool,
        function: Callable[[sa.Connection], R],
        *,
        urgent: bool = False,
    ) -> R:
        return await asyncio.get_running_loop().run_in_executor(
            threads, lambda: self._transact(function, writes=writes, urgent=urgent)
        )

    def _transact(
        self, function: Callable[[sa.Connection], R], *, writes: bool, urgent: bool = False
    ) -> R:
        committed: list[Callable[[], None]] = []
        try:
            with self.engine.connect() as connection:
                connection.info[_AFTER_COMMIT] = committed
                connection.info[_LISTENERS] = self._listeners
                if self.is_sqlite and writes:
                    cast(Any, connection.connection.dbapi_connection).urgent = urgent
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                result = function(connection)
                connection.commit()
        except (DBAPIError, sa.exc.TimeoutError) as error:
            if isinstance(error, _NEVER_BETTER) and not _may_be_granted(error):
                raise
            cause = getattr(error, "orig", None) or error
            raise DatabaseUnavailable(str(cause).strip().splitlines()[0]) from error
        for call in committed:
            call()
        return result

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._urgent_threads.shutdown(wait=True)
        self.engine.dispose()


def after_commit(connection: sa.Connection, call: Callable[[], None]) -> None:
    """Have `call` run once what the connection is about to store is stored; not if it never is."""
    connection.info[_AFTER_COMMIT].append(call)


def notify(connection: sa.Connection, topic: str, detail: str = "") -> None:
    """Tell those of this process who `listen` to a topic, once what the connection is about to
    store is stored."""
    for call in connection.info[_LISTENERS].get(topic, ()):
        after_commit(connection, functools.partial(call, detail))


def _may_be_granted(error: Exception) -> bool:
    """Whether only a right is missing, which an operator may give (back) at any moment."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "42501"


def _create_schema_of_dbos(connection: sa.Connection) -> None:
    """DBOS would do so itself, but where the right is missing it fails less clearly."""
    if "dbos" not in sa.inspect(connection).get_schema_names():
        connection.execute(sa.schema.CreateSchema("dbos"))


async def _in_time(answer: Awaitable[R]) -> R:
    """Await a transaction for `RUN_SECONDS` at most. Its thread cannot be stopped and goes on."""
    try:
        async with asyncio.timeout(RUN_SECONDS):
            return await answer
    except TimeoutError as error:
        raise DatabaseUnavailable(f"no answer within {RUN_SECONDS:g} s") from error


def _create_engine(url: str, connections: int) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        raise ConfigurationError(
            "DATABASE_URL is not an address; write sqlite:///var/voicememo.db or "
            "postgresql://user:password@host/name."
        ) from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        return create_postgres_engine(parsed, connections)
    if parsed.drivername == "sqlite":
        return _create_sqlite_engine(parsed, connections)
    raise ConfigurationError(
        f"DATABASE_URL names {parsed.drivername!r}; only sqlite:// and postgresql:// are supported."
    )


def _create_sqlite_engine(url: sa.URL, connections: int) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "DATABASE_URL: a SQLite database needs a file, as in sqlite:///var/voicememo.db; "
            "one in memory would lose messages."
        )
    try:
        _make_private(Path(url.database))
    except OSError as error:
        raise ConfigurationError(
            f"DATABASE_URL: the folder or file of {url.database} cannot be made: {error.strerror}."
        ) from None
    write_lock = WriteLock()
    path = url.database
    return sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=connections,
        max_overflow=4,
        pool_timeout=10,
        creator=lambda: connect(path, write_lock, check_same_thread=False),
        hide_parameters=True,
    )


def _make_private(file: Path) -> None:
    """Make sure that only this user reads the database: the file, and a folder made for it.

    SQLite gives its write-ahead log the mode of the file.
    """
    if not file.parent.exists():
        file.parent.parent.mkdir(parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, exist_ok=True)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    elif file.is_file():
        with contextlib.suppress(PermissionError):  # somebody else's: theirs to decide
            file.chmod(0o600)
