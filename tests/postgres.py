"""A real PostgreSQL for tests, on a free port of 127.0.0.1, in a folder that goes away."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg

from tests.bot import free_port

_ROOM = 4 * 2**30  # bytes, for the servers of a run and their databases


def find_postgres() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, where PostgreSQL's server is installed."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _memory_folder() -> Path | None:
    """A folder that is memory, where there is one with room enough: a database is 300 files."""
    folder = Path("/dev/shm")
    if folder.is_dir() and shutil.disk_usage(folder).free > _ROOM:
        return folder
    return None


class Postgres:
    """A server that runs; each test takes a database of its own."""

    user = "postgres"

    def __init__(self, port: int) -> None:
        self.port = port

    def new_database(self, template: str = "template1", name: str | None = None) -> str:
        """Creates a database, as a copy of `template`. Returns its address, as Heroku writes it."""
        name = name or f"test_{uuid.uuid4().hex}"
        deadline = time.monotonic() + 60
        while True:
            try:
                with self._connect() as connection:
                    # Files are copied, as before version 15; else each page is logged, too.
                    how = "STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
                    create = f"CREATE DATABASE {name} TEMPLATE {template} {how}"
                    connection.execute(create.encode())
                break
            except psycopg.errors.ObjectInUse:
                # Sessions of a process that has ended last until the server has noticed.
                if time.monotonic() > deadline:
                    raise
        return f"postgres://{self.user}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Gives back the room that a database takes, whoever still uses it."""
        drop = f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)"
        with self._connect() as connection:
            connection.execute(drop.encode())

    def template(self, name: str, make: Callable[[str], None]) -> str:
        """A database to copy; the first process that asks for it makes it. Returns its name."""
        with self._connect() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
            ).fetchone():
                url = self.new_database(name=name)
                try:
                    make(url)
                except BaseException:
                    self.drop_database(url)
                    raise
        return name

    def _connect(self) -> psycopg.Connection:
        address = f"postgresql://{self.user}@127.0.0.1:{self.port}/postgres"
        return psycopg.connect(address, autocommit=True)


class PostgresServer(Postgres):
    """Starts and stops a cluster."""

    def __init__(self, programs: Path, folder: Path) -> None:
        super().__init__(free_port())
        self._programs = programs
        # PostgreSQL refuses to run as root: there its own user runs it, in a folder of its own,
        # because pytest closes its folders to others.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        memory = _memory_folder()
        self._own = None
        if self._as or memory:
            self._own = Path(tempfile.mkdtemp(prefix="postgres-", dir=memory))
        if self._own and self._as:
            owner = pwd.getpwnam("postgres")
            os.chown(self._own, owner.pw_uid, owner.pw_gid)
        self._data = (self._own or folder) / "data"

    def __enter__(self) -> Self:
        self._run("initdb", "-D", str(self._data), "-U", self.user, "-A", "trust", "--no-sync")
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self._own:
            shutil.rmtree(self._own)

    @property
    def pid(self) -> int:
        """Of the process that starts all others of the server."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        # What the server wrote outlives its process; no test takes the power away.
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
            # For the bots of all processes that run tests.
            " -c max_connections=400"
            " -c fsync=off -c full_page_writes=off"
            # Databases come and go here faster than they could fill up.
            " -c autovacuum=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=64MB"
        )
        self._run(
            "pg_ctl",
            "-D",
            str(self._data),
            "-w",
            "-o",
            options,
            "-l",
            str(self._data / "log"),
            "start",
        )

    def stop(self) -> None:
        """Ends the server as if the machine went: connections are cut."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Away for the length of the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """There but silent for the length of the block, as behind a network that is cut."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        processes = [self.pid, *map(int, found.stdout.split())]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def dump(self, name: str) -> str:
        """A database as SQL."""
        server = ("-h", "127.0.0.1", "-p", str(self.port), "-U", self.user)
        return self._run("pg_dump", *server, "--inserts", "--no-owner", "--no-privileges", name)

    def _run(self, program: str, *arguments: str) -> str:
        # Not into a pipe: the server that pg_ctl starts would keep it open.
        with tempfile.TemporaryFile("w+") as output:
            self._run_into(output, program, *arguments)
            output.seek(0)
            return output.read()

    def _run_into(self, output: IO[str], program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._programs / program), *arguments],
            cwd="/",
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
