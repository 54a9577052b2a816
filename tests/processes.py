"""Processes that a test watches but did not start itself."""

from __future__ import annotations

from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether `pid` is a process that has not ended; one that nobody reaped has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
