"""One PostgreSQL for all tests of a run but those that stop it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from tests.postgres import Postgres, PostgresServer, find_postgres
from tests.shared_process import address_of

MODULE = "tests.shared_postgres"


def shared_postgres() -> Postgres:
    """The server that all processes of this run use."""
    return Postgres(int(Path(address_of(MODULE)).read_text()))


def _serve(address: str) -> None:
    programs = find_postgres()
    assert programs is not None
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that is for the tests alone
    folder = Path(address).parent
    with PostgresServer(programs, folder) as server:
        Path(f"{address}.new").write_text(str(server.port))
        os.rename(f"{address}.new", address)
        sys.stdin.read()
    shutil.rmtree(folder)


if __name__ == "__main__":
    _serve(sys.argv[1])
