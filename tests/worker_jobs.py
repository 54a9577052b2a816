"""Jobs that misbehave in an audio worker."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def worker_pid() -> int:
    return os.getpid()


def killed_at_first(marker: str) -> int:
    """Ends its process by SIGKILL, as the system does for want of memory; not the second time."""
    if _is_first(marker):
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def stopped_at_first(marker: str) -> int:
    """Stops its process, so that nothing in it goes on; not the second time."""
    if _is_first(marker):
        os.kill(os.getpid(), signal.SIGSTOP)
    return os.getpid()


def always_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def allocates(count: int) -> int:
    """Uses `count` bytes of memory."""
    return len(bytearray(count))


def computes(marker: str) -> None:
    """Never ends; `marker` counts how often it was begun."""
    with Path(marker).open("a") as file:
        file.write("begun\n")
    while True:
        pass


def waits_for(marker: str) -> int:
    """Ends when `marker` exists."""
    while not Path(marker).exists():
        time.sleep(0.01)
    return os.getpid()


def fails_unexpectedly() -> None:
    raise LookupError("the words of somebody")


def peak_memory() -> int:
    """The most bytes of memory that this process ever had, shared libraries included."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmHWM")


def _is_first(marker: str) -> bool:
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
