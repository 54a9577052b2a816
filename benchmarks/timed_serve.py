"""`app serve`, with the time of its SQL: `TIMED_SQL=FILE python -m benchmarks.timed_serve serve`.

After SIGUSR1 the file holds how often each statement ran since the last time, and the median of its
milliseconds: beside other threads, single ones say little.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.cli import main

_MOST = 5_000  # durations kept of a statement
_times: dict[str, list[float]] = {}
_counts: dict[str, int] = {}


def _before(
    _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
) -> None:
    if context is not None:
        context.timed_since = time.perf_counter()


def _after(
    _connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
) -> None:
    if context is None or not hasattr(context, "timed_since"):
        return
    # Lists of values are written out, and as many statements as lengths.
    name = re.sub(r"(__\[POSTCOMPILE_|\?, |%\(\w+\)s, )+", "", " ".join(statement.split()))
    _counts[name] = _counts.get(name, 0) + 1
    times = _times.setdefault(name, [])
    if len(times) < _MOST:
        times.append((time.perf_counter() - context.timed_since) * 1000)


def _write(_number: int, _frame: Any) -> None:
    found = {name: (_counts[name], statistics.median(times)) for name, times in _times.items()}
    _times.clear()
    _counts.clear()
    file = Path(os.environ["TIMED_SQL"])
    written = file.with_suffix(".new")
    written.write_text(json.dumps(found))
    written.rename(file)


if __name__ == "__main__":
    sa.event.listen(sa.Engine, "before_cursor_execute", _before)
    sa.event.listen(sa.Engine, "after_cursor_execute", _after)
    signal.signal(signal.SIGUSR1, _write)
    main()
