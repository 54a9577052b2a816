"""Processes that serve all tests of a run. pytest's first process starts them; those that run the
tests beside it find them in the environment.

Such a process is `python -m MODULE ADDRESS`. The address is a file that it makes once it is ready;
it ends with its standard input, which is when the process that started it ends.
"""

from __future__ import annotations

import atexit
import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

_START_SECONDS = 120.0


def share(module: str) -> None:
    """Start a process for all that this one starts, without waiting for it."""
    os.environ[_variable(module)] = _started(module)


def address_of(module: str) -> str:
    """The file that the process of that module has made; one is started where there is none."""
    address = os.environ.get(_variable(module)) or _started(module)
    deadline = time.monotonic() + _START_SECONDS
    while not Path(address).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{module} does not start")
        time.sleep(0.02)
    return address


def _variable(module: str) -> str:
    return f"TEST_SHARED_{module.rpartition('.')[2].upper()}"


@functools.cache
def _started(module: str) -> str:
    address = str(Path(tempfile.mkdtemp(prefix="shared-")) / "address")
    process = subprocess.Popen(
        [sys.executable, "-m", module, address],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.communicate)
    return address


# What those that fork others do alike: they have one thread, so that forking is safe -----------


def listen(address: str) -> socket.socket:
    """A socket that stands at the address from when it listens."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen(64)
    os.rename(f"{address}.new", address)
    return listener


def notice_ends() -> int:
    """A descriptor that can be read when a child has ended. SIGINT is for the tests alone."""
    ended, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return ended


def ends(ended: int) -> Iterator[tuple[int, int]]:
    """The children that have ended: their process ids and exit codes, -N after signal N."""
    os.read(ended, 4096)
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def be_a_child() -> None:
    """In a forked process: its own children are its own affair."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
