"""An unexpected exception for the log: its kind and its place, and none of its words."""

from __future__ import annotations

import traceback
from pathlib import Path

_FRAMES = 4


def describe(error: BaseException) -> dict[str, str]:
    """`error` and `at` for a log line: the class, and the innermost calls, the last one first.

    The message is left out: it may hold what somebody wrote, an address or a token.
    """
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    calls = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames)]
    return {"error": type(error).__name__, "at": " < ".join(calls)}
