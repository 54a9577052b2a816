"""One worker as the service sees it: start, ask, end; and how many there should be."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from app.audio.worker_protocol import LENGTH, MAX_REPLY_BYTES

_START_SECONDS = 30.0
_END_SECONDS = 5.0
_POLL_SECONDS = 0.01
_BYTES_A_WORKER = 256 * 2**20  # of the memory of the whole service
_READ_AHEAD = 2**20  # bytes
_MEMORY_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
# No keys and passwords for a process that reads foreign audio.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH")


class WorkerLost(Exception):
    """The process ended or had to be killed; `status` is how it ended, None if it was killed."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def worker_count() -> int:
    """As many as cores, and no more than the memory allows: 2 in 512 MB."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _memory_bytes() // _BYTES_A_WORKER))


class Process(Protocol):
    """A process that was started, with the methods of `Popen`; a `status` of -N is signal N."""

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self) -> int: ...


class Spawn(Protocol):
    """Starts a worker on an open socket of this process, with modules imported."""

    def __call__(self, descriptor: int, preload: Sequence[str], /) -> Process:
        """Raises: OSError."""


def spawn_worker(descriptor: int, preload: Sequence[str], /) -> Process:
    """A new interpreter with `app.audio.worker`."""
    root = str(Path(__file__).parents[2])
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
    return subprocess.Popen(  # noqa: S603  (this interpreter and our own modules)
        [sys.executable, "-m", "app.audio.worker", str(descriptor), *preload],
        stdin=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env=environment,
        start_new_session=True,
    )


class WorkerProcess:
    """A process of `app.audio.worker` with `preload` imported. `start` it once, `ask` in turns."""

    def __init__(self, preload: Sequence[str], spawn: Spawn = spawn_worker) -> None:
        self._preload = tuple(preload)
        self._spawn = spawn
        self._process: Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it was started and is gone, perhaps unasked."""
        return self._process is not None and self._process.poll() is not None

    async def start(self) -> None:
        """Raises: WorkerLost when it is not ready in time."""
        try:
            self._reader, self._writer = await self._connected()
        except OSError as error:  # no program, no memory, no file descriptors left
            await self._end()
            raise WorkerLost(f"cannot be started: {error.strerror}") from error
        await self._within(_START_SECONDS, b"")

    async def ask(self, request: bytes, seconds: float) -> bytes:
        """The answer to `request`. Raises: WorkerLost; then the process is gone."""
        return await self._within(seconds, request)

    async def aclose(self) -> None:
        """End it, also in the middle of a job."""
        await self._end()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = self._spawn(theirs.fileno(), self._preload)
                return await asyncio.open_connection(sock=ours, limit=_READ_AHEAD)
            except OSError:
                ours.close()
                raise

    async def _within(self, seconds: float, request: bytes) -> bytes:
        reader, writer = self._reader, self._writer  # it may be closed meanwhile
        if reader is None or writer is None:
            raise WorkerLost("not running")
        try:
            async with asyncio.timeout(seconds):
                writer.write(request)
                await writer.drain()
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                if length > MAX_REPLY_BYTES:
                    raise OSError("its answer is too long")
                return await reader.readexactly(length)
        except TimeoutError as error:
            await self._end()
            raise WorkerLost(f"no answer in {seconds:g} s") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            status = await self._end(grace=_END_SECONDS)
            raise WorkerLost(f"ended with status {status}", status) from error

    async def _end(self, grace: float = 0.0) -> int | None:
        """Hang up, and kill what has not ended by itself after `grace` seconds."""
        writer, self._writer, self._reader = self._writer, None, None
        process, self._process = self._process, None
        if writer is not None:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
        return None if process is None else await _reaped(process, grace)


async def _reaped(process: Process, grace: float) -> int:
    deadline = time.monotonic() + grace
    while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  (no event)
        await asyncio.sleep(_POLL_SECONDS)
    process.kill()
    return process.wait()


def _memory_bytes() -> int:
    """What this container or machine has."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _MEMORY_LIMITS:
        with suppress(OSError, ValueError):
            found.append(int(Path(file).read_text()))
    return min(found)
