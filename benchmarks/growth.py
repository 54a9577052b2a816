"""What an answer costs as the ledger grows: `python -m benchmarks.growth [--database postgres]`.

Fills databases with answered messages, lets the bot answer on each, and compares what its SQL
takes: on SQLite steps of the virtual machine, on PostgreSQL pages that were looked at. Both are the
same whatever else the machine does, other than times. Exits with 1 where an answer takes more than
MOST times what it takes on an empty ledger.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from app.store.database import Database
from benchmarks.figures import Figure, report
from benchmarks.ledger_filler import fill
from benchmarks.load import Message
from benchmarks.pipeline import turnarounds
from benchmarks.rivals import Rival, bot
from benchmarks.words import new_words
from tests.postgres import PostgresServer, find_postgres

SIZES = (0, 1_000, 20_000, 200_000)
PER_CHAT = 20
LONG_CHAT = 5_000
MEASURED = 30
MOST = 1.5
"""A tree of 200 000 rows is a level or two deeper than an empty one, and a chat that is known has
a history to read."""
_FLUSHED_SECONDS = 1.5
"""PostgreSQL's processes tell of what they did a second later."""

Statements = dict[str, float]


@dataclass(frozen=True)
class Cost:
    """Of an answer: what its SQL takes, in all and by statement; CPU and turnaround in ms."""

    name: str
    sql: float
    statements: Statements
    cpu: float
    turnaround: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    figures: list[Figure] = []
    with new_databases(options.database) as new_database:
        first = None
        for size in options.sizes:
            cost = _measured(new_database(), f"{size} messages, in new chats", size)
            first = first or cost
            figures.append(_figure(cost, first))
        known = _measured(new_database(), f"in a chat of {PER_CHAT}", 1_000, PER_CHAT)
        long = _measured(new_database(), f"in a chat of {LONG_CHAT}", 1_000, LONG_CHAT)
        figures += [_figure(known, known), _figure(long, known)]
    return report(figures, options.json)


def _measured(database_url: str, name: str, size: int, in_chat: int = 0) -> Cost:
    """What an answer costs with `size` messages in the ledger; where `in_chat` is given, in one
    chat that has so many besides."""
    fill(database_url, [str(uuid.uuid4()) for _ in range(size // PER_CHAT)], PER_CHAT)
    chat_id = str(uuid.uuid4())
    if in_chat:
        fill(database_url, [chat_id], in_chat)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statements.json"
        environment = {"MEMO_VOICES": "espeak", "COUNTED_SQL": str(file)}
        module = "benchmarks.counted_serve"
        with bot(environment, database_url=database_url, module=module) as ours:
            ours.warm_up(16)
            _statements(ours, file, database_url)
            cpu = ours.cpu_seconds()
            plan = [
                # All at once in one chat: quick turns would look like another bot's.
                Message(
                    0 if in_chat else number / 5,
                    ours.webhook_url,
                    new_words(number),
                    chat_id if in_chat else str(uuid.uuid4()),
                )
                for number in range(MEASURED)
            ]
            taken = turnarounds(ours, plan)
            cpu = (ours.cpu_seconds() - cpu) / MEASURED * 1000
            found = _statements(ours, file, database_url)
    statements = {statement: count / MEASURED for statement, count in found.items()}
    sql = sum(statements.values())
    return Cost(name, sql, statements, cpu, statistics.median(taken) * 1000)


def _statements(ours: Rival, file: Path, database_url: str) -> Statements:
    """What each statement took since the last time; PostgreSQL tells it for all together, and
    since ever."""
    if not database_url.startswith("sqlite"):
        return _pages(database_url)
    file.unlink(missing_ok=True)
    os.kill(ours.processes[0].pid, signal.SIGUSR1)
    while not file.exists():
        time.sleep(0.05)
    found: Statements = json.loads(file.read_text())
    return found


def _pages(database_url: str) -> Statements:
    time.sleep(_FLUSHED_SECONDS)
    database = Database(database_url)
    query = (
        "SELECT relname, coalesce(heap_blks_hit, 0) + coalesce(heap_blks_read, 0)"
        " + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0) FROM pg_statio_user_tables"
    )
    found = database.read_sync(lambda c: c.execute(sa.text(query)).all())
    reset = sa.text("SELECT pg_stat_reset()")
    database.write_sync(lambda c: c.execute(reset).all())
    database.close()
    return {str(table): float(pages) for table, pages in found}


def _figure(cost: Cost, first: Cost) -> Figure:
    note = f"{cost.sql:.0f}; CPU {cost.cpu:.0f} ms, p50 {cost.turnaround:.0f} ms"
    return Figure(
        f"SQL of an answer, {cost.name}",
        cost.sql / first.sql,
        at_most=MOST,
        ratio=True,
        note="; ".join([note, *_dearer(cost, first)]),
    )


def _dearer(cost: Cost, first: Cost) -> list[str]:
    """The statements, or tables, that take most more than they did."""
    more = {
        statement: count - first.statements.get(statement, 0.0)
        for statement, count in cost.statements.items()
    }
    most = sorted(more, key=lambda statement: more[statement], reverse=True)[:3]
    return [f"+{more[one]:.0f} {one[:100]}" for one in most if more[one] > 0.05 * first.sql]


@contextmanager
def new_databases(kind: str) -> Iterator[Callable[[], str]]:
    """Makes databases, each at an address of its own; kind: sqlite or postgres."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        if kind == "sqlite":
            yield lambda: f"sqlite:///{folder / uuid.uuid4().hex}.db"
            return
        programs = find_postgres()
        if programs is None:
            raise SystemExit("PostgreSQL's server programs (initdb, pg_ctl) are not installed")
        yield stack.enter_context(PostgresServer(programs, folder)).new_database


if __name__ == "__main__":
    sys.exit(main())
