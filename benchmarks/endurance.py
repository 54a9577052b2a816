"""3 000 answers in a row, and what they leave behind: `python -m benchmarks.endurance`.

Memory, open files and rows in progress after the first wave and after the last, with a pause in
which idle connections are closed. Exits with 1 where one of them has grown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.store.database import Database
from benchmarks.figures import Figure, report
from benchmarks.load import Message
from benchmarks.pipeline import turnarounds
from benchmarks.rivals import Rival, bot
from benchmarks.words import new_words
from tests.ledger import Ledger

WAVES = 10
PER_WAVE = 300
PER_SECOND = 30
"""More than two cores can answer, so that some always wait."""
PAUSE_SECONDS = 20.0
MORE_MB = 10.0
"""Allocators keep some; a leak of 4 kB an answer would be more."""
MORE_FILES = 4


@dataclass(frozen=True)
class Left:
    """What a bot holds while it has nothing to do. Memory in MB, of all processes."""

    memory: float
    files: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--waves", type=int, default=WAVES)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'endurance.db'}"
        with bot({"MEMO_VOICES": "espeak"}, database_url=url) as ours:
            _wave(ours, 0)
            first = _left(ours)
            for number in range(1, options.waves):
                _wave(ours, number)
            last = _left(ours)
        ledger = Ledger(url)
        answers = ledger.answers()
        in_progress = ledger.queued() + sum(not answer.is_over for answer in answers)
        receipts = _count(url, "memo_news")
        workflows = _count(url, "workflow_status")
    note = f"of {len(answers)} answers"
    return report(
        [
            Figure("memory grown", last.memory - first.memory, "MB", at_most=MORE_MB, note=note),
            Figure("memory at the end", last.memory, "MB"),
            Figure("open files grown", last.files - first.files, at_most=MORE_FILES, note=note),
            Figure("answers and workflows in progress", in_progress, at_most=0, note=note),
            Figure("receipts that nothing was found for", receipts, at_most=0, note=note),
            Figure("workflows kept, for a day", workflows),
        ],
        options.json,
    )


def _wave(ours: Rival, number: int) -> None:
    plan = [
        Message(place / PER_SECOND, ours.webhook_url, new_words(number * PER_WAVE + place))
        for place in range(PER_WAVE)
    ]
    turnarounds(ours, plan)


def _left(ours: Rival) -> Left:
    time.sleep(PAUSE_SECONDS)
    return Left(ours.memory_mb(), sum(tree.open_files() for tree in ours.processes))


def _count(url: str, table: str) -> int:
    database = Database(url)
    try:
        return database.read_sync(
            lambda c: int(c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
        )
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(main())
