"""`app serve` that counts what its SQL takes; COUNTED_SQL names the file for it.

On SQLite in steps of its virtual machine, which no other load on the machine changes. After SIGUSR1
the file holds the steps of each statement since the last time.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.cli import main

_STEPS = 10  # of the virtual machine between two counts
_counts: Counter[str] = Counter()
_running: dict[int, str] = {}


def _count_steps(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.set_progress_handler(_step, _STEPS)


def _step() -> int:
    _counts[_running.get(threading.get_ident(), "")] += _STEPS
    return 0


def _before(
    _connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
) -> None:
    # Lists of values are written out, and as many statements as lengths.
    name = re.sub(r"(\?, )+\?", "?", " ".join(statement.split()))
    _running[threading.get_ident()] = name


def _write(_number: int, _frame: Any) -> None:
    file = Path(os.environ["COUNTED_SQL"])
    written = file.with_suffix(".new")
    written.write_text(json.dumps(dict(_counts)))
    written.rename(file)
    _counts.clear()


if __name__ == "__main__":
    sa.event.listen(sa.Engine, "connect", _count_steps)
    sa.event.listen(sa.Engine, "before_cursor_execute", _before)
    signal.signal(signal.SIGUSR1, _write)
    sys.argv[1:] = ["serve"]
    main()
