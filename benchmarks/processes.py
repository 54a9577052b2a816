"""1, 2 and 4 processes on one PostgreSQL, on this machine: `python -m benchmarks.processes`.

It shows what sharing the work through the database costs: processor time of the bot and of the
server for an answer, and connections. Processes on the same cores cannot be faster together; what
more machines bring is worked out of these costs in docs/capacity.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from benchmarks.figures import Figure, percentile, report
from benchmarks.load import Message
from benchmarks.pipeline import turnarounds
from benchmarks.process_tree import ProcessTree
from benchmarks.rivals import bot
from benchmarks.words import new_words
from tests.postgres import PostgresServer, find_postgres

COUNTS = (1, 2, 4)
MESSAGES = 80
PER_SECOND = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    programs = find_postgres()
    if programs is None:
        raise SystemExit("PostgreSQL's server programs (initdb, pg_ctl) are not installed")
    with (
        tempfile.TemporaryDirectory() as folder,
        PostgresServer(programs, Path(folder)) as server,
    ):
        figures = [one for count in COUNTS for one in _measured(server, count)]
    return report(figures, options.json)


def _measured(server: PostgresServer, count: int) -> Iterator[Figure]:
    environment = {"MEMO_VOICES": "espeak"}
    database = ProcessTree(server.pid)
    with bot(environment, database_url=server.new_database(), processes=count) as ours:
        ours.warm_up()
        urls = cycle(ours.webhook_urls)
        name = f"{count} process{'es' * (count > 1)}"
        before = ours.cpu_seconds(), database.cpu_seconds()
        plan = [Message(0, next(urls), new_words(number)) for number in range(MESSAGES)]
        speed = MESSAGES / max(turnarounds(ours, plan))
        bots, of_database = (
            (after - since) / MESSAGES * 1000
            for after, since in zip(
                (ours.cpu_seconds(), database.cpu_seconds()), before, strict=True
            )
        )
        yield Figure(
            f"memos a second, {name}",
            speed,
            note=f"CPU an answer: {bots:.0f} ms, PostgreSQL {of_database:.0f} ms; "
            f"memory {ours.memory_mb():.0f} MB",
        )
        plan = [
            Message(number / PER_SECOND, next(urls), new_words(1_000 + number))
            for number in range(4 * PER_SECOND)
        ]
        taken = turnarounds(ours, plan)
        yield Figure(
            f"turnaround p50 at {PER_SECOND} a second, {name}",
            statistics.median(taken),
            "s",
            note=f"p99 {percentile(taken, 0.99):.2f} s",
        )


if __name__ == "__main__":
    sys.exit(main())
