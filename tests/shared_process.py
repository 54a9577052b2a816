"""Processes that all tests of a run share: pytest's first process starts them, and those that run
the tests beside it find them in the environment."""

from __future__ import annotations

import atexit
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parent.parent


def address_of(module: str) -> str:
    """Where `python -m module ADDRESS` listens. It is started where it does not run yet.

    It writes a byte when it listens, and ends with its input, which is when this process ends.
    """
    return os.environ.get(_variable(module)) or _started(module)


def share(module: str) -> None:
    """Start a process for all that this one starts."""
    os.environ[_variable(module)] = address_of(module)


def _variable(module: str) -> str:
    return f"TEST_SHARED_{module.rpartition('.')[2].upper()}"


@functools.cache
def _started(module: str) -> str:
    address = str(Path(tempfile.mkdtemp(prefix="shared-")) / "address")
    process = subprocess.Popen(
        [sys.executable, "-m", module, address],
        cwd=_ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(process.communicate)
    assert process.stdout
    assert process.stdout.read(1), f"{module} does not start"
    return address
