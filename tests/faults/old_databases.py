"""Databases as earlier versions left them, kept as SQL: this version has to go on with them.

Each was dumped after its process was killed with one answer given, one half done, and one waiting.
The name says the version, and the point at which it was killed: `0001` after the step that recorded
the memo, `0001-compose-kept` with the words stored, `0001-send-intent` just before the post. `0002`
is the first version that keeps checkpoints of its own. To keep one of the present version – before
every release, and never again after it:

    python -m tests.faults.old_databases NAME [POINT]

which kills at `send.intent` unless another point is named, and writes `databases/NAME.sqlite.sql`
and `databases/NAME.postgres.sql` (PostgreSQL's server programs must be installed).
`test_upgrade.py` finds them by itself.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from pathlib import Path

import psycopg
import sqlalchemy as sa

from tests.harness import FaultHarness, beeps
from tests.postgres import Postgres, PostgresServer, find_postgres

FOLDER = Path(__file__).parent / "databases"

CHAT = "6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"
GIVEN = "11111111-1111-4111-8111-111111111111"
HALF = "22222222-2222-4222-8222-222222222222"
WAITING = "33333333-3333-4333-8333-333333333333"


def fill(database_url: str, folder: Path, point: str) -> None:
    """Leave a database behind as a process does that is killed at this point."""
    kill_file = folder / "kill-at"
    with FaultHarness(database_url) as harness:
        bot = harness.start_bot(TEST_KILL_FILE=str(kill_file), DYNO="web.1")
        harness.wait_until_over([harness.say(beeps(1), chat=CHAT, message_id=GIVEN)])
        kill_file.write_text(point)
        hold = {"endpoint": "upload", "kind": "delay", "seconds": 1.0}
        harness.sandbox.faults([hold])
        harness.say(beeps(2), chat=CHAT, message_id=HALF)
        harness.say(beeps(3), chat=CHAT, message_id=WAITING)
        bot.wait(30)
        assert harness.ledger.states([GIVEN, HALF, WAITING]) == ["sent", "working", "waiting"]
        harness.ledger.execute("UPDATE memo_executors SET host = 'gone'")


def restore_sqlite(file: Path, dump: str) -> str:
    """Make a database file of a dump. Its address."""
    with sqlite3.connect(file) as connection:
        connection.executescript(dump)
    connection.close()
    return f"sqlite:///{file}"


def restore_postgres(server: Postgres, dump: str) -> str:
    """Make a database of a dump. Its address."""
    url = server.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(dump.encode())
    return url


def _dump_sqlite(folder: Path, point: str) -> str:
    file = folder / "made.db"
    fill(f"sqlite:///{file}", folder, point)
    connection = sqlite3.connect(file)
    dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


def _dump_postgres(folder: Path, point: str) -> str:
    programs = find_postgres()
    if programs is None:
        raise SystemExit("PostgreSQL's server programs (initdb, pg_ctl) are not installed")
    with PostgresServer(programs, folder) as server:
        url = server.new_database()
        fill(url, folder, point)
        dump = server.dump(sa.make_url(url).database or "")
    # Commands to psql, settings of newer servers, and comments.
    return re.sub(r"^(\\.*|SET transaction_timeout.*|--.*)\n", "", dump, flags=re.MULTILINE)


def main(name: str, point: str = "send.intent") -> None:
    FOLDER.mkdir(exist_ok=True)
    for kind, make in (("sqlite", _dump_sqlite), ("postgres", _dump_postgres)):
        with tempfile.TemporaryDirectory() as folder:
            dump = make(Path(folder), point)
        file = FOLDER / f"{name}.{kind}.sql"
        file.write_text(re.sub(r"\n{2,}", "\n", dump).strip() + "\n")
        print(f"{file}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
