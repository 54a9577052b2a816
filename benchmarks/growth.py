"""What an answer costs as the ledger grows: `python -m benchmarks.growth [--database postgres]`.

Fills databases with answered messages, lets the bot answer on each, and compares: processor time,
and the time of its SQL (the median of each statement, times how often it ran). Exits with 1 where
an answer costs more than MOST times what it costs on an empty ledger.
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

from benchmarks.figures import Figure, report
from benchmarks.ledger_filler import fill
from benchmarks.load import Message
from benchmarks.pipeline import turnarounds
from benchmarks.rivals import bot
from benchmarks.words import new_words
from tests.postgres import PostgresServer, find_postgres

SIZES = (0, 1_000, 20_000, 200_000)
PER_CHAT = 20
LONG_CHAT = 5_000
MEASURED = 40
MOST = 1.3

Statements = dict[str, tuple[int, float]]


@dataclass(frozen=True)
class Cost:
    """Of an answer. Times in ms."""

    name: str
    cpu: float
    sql: float
    turnaround: float
    statements: Statements


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
            cost = _measured(new_database(), f"{size} messages", size, long_chat=0)
            first = first or cost
            figures += _figures(cost, first)
        fresh = _measured(new_database(), "a new chat", 1_000, long_chat=1)
        long = _measured(new_database(), f"a chat of {LONG_CHAT}", 1_000, long_chat=LONG_CHAT)
        figures += [*_figures(fresh, fresh), *_figures(long, fresh)]
    return report(figures, options.json)


def _measured(database_url: str, name: str, size: int, *, long_chat: int) -> Cost:
    """What an answer costs with so many messages in chats of PER_CHAT; in new chats, or all in one
    chat that has `long_chat` messages already."""
    fill(database_url, [str(uuid.uuid4()) for _ in range(size // PER_CHAT)], PER_CHAT)
    chat_id = str(uuid.uuid4())
    if long_chat:
        fill(database_url, [chat_id], long_chat)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statements.json"
        environment = {"MEMO_VOICES": "espeak", "TIMED_SQL": str(file)}
        with bot(environment, database_url=database_url, module="benchmarks.timed_serve") as ours:
            ours.warm_up(16)
            pid = ours.processes[0].pid
            _statements(pid, file)
            before = ours.cpu_seconds()
            plan = [
                Message(
                    number / 5,
                    ours.webhook_url,
                    new_words(number),
                    chat_id if long_chat else str(uuid.uuid4()),
                )
                for number in range(MEASURED)
            ]
            taken = turnarounds(ours, plan)
            cpu = (ours.cpu_seconds() - before) / MEASURED * 1000
            found = _statements(pid, file)
    sql = sum(count * median for count, median in found.values()) / MEASURED
    return Cost(name, cpu, sql, statistics.median(taken) * 1000, found)


def _statements(pid: int, file: Path) -> Statements:
    """What ran since the last time, with the milliseconds of each."""
    file.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    while not file.exists():
        time.sleep(0.05)
    found: Statements = json.loads(file.read_text())
    return found


def _figures(cost: Cost, first: Cost) -> Iterator[Figure]:
    note = f"CPU {cost.cpu:.0f} ms, SQL {cost.sql:.1f} ms, p50 {cost.turnaround:.0f} ms"
    dearer = _dearer(cost, first)
    yield Figure(
        f"SQL of an answer, {cost.name}",
        cost.sql / first.sql,
        at_most=MOST,
        ratio=True,
        note="; ".join([note, *dearer]),
    )
    yield Figure(f"CPU of an answer, {cost.name}", cost.cpu / first.cpu, at_most=MOST, ratio=True)


def _dearer(cost: Cost, first: Cost) -> list[str]:
    """The statements that take the most time more than they did."""
    found = []
    for statement, (count, median) in cost.statements.items():
        before_count, before = first.statements.get(statement, (0, 0.0))
        more = (count * median - before_count * before) / MEASURED
        if more > 0.3:
            found.append((more, f"+{more:.1f} ms: {statement[:160]}"))
    return [text for _, text in sorted(found, reverse=True)[:4]]


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
