"""Audio workers forked from a process that has their modules imported already.

Most of a worker's start is imports, and nearly every test of the bot starts some. From there on it
is the same code; that real ones start, end with the bot and keep their limits has tests of its own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.audio import worker
from app.speech.audio_jobs import Passage, make_memo
from app.speech.engines.espeak import Espeak
from app.speech.engines.protocol import Utterance
from tests.shared_process import address_of, be_a_child, ends, listen, notice_ends

MODULE = "tests.forked_workers"

ADDRESS = "TEST_WORKER_SERVER"
"""The environment's name for where a bot asks for its workers; it starts real ones without."""

NAME = "audio-{}"
"""What a worker is called in the system's list of processes, with the number of its bot's."""

_NUMBER = struct.Struct("i")
"""What the server sends: the worker's process id, then its exit code, or -N after signal N."""


class ForkedWorker:
    """An audio worker of a bot, with the methods of a `Popen`."""

    def __init__(self, descriptor: int, preload: Sequence[str], /) -> None:
        self._status: int | None = None
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(os.environ[ADDRESS])
        asked = json.dumps({"bot": os.getpid(), "preload": list(preload)}).encode()
        socket.send_fds(self._server, [asked], [descriptor, 1, 2])
        self._pid = self._received()

    def poll(self) -> int | None:
        if self._status is None and select.select([self._server], [], [], 0)[0]:
            return self.wait()
        return self._status

    def wait(self) -> int:
        if self._status is None:
            self._status = self._received()
            self._server.close()
        return self._status

    def kill(self) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _received(self) -> int:
        number: int
        (number,) = _NUMBER.unpack(self._server.recv(_NUMBER.size, socket.MSG_WAITALL))
        return number


def worker_server() -> str:
    """Where a bot's workers are forked."""
    return address_of(MODULE)


def _serve(address: str) -> None:
    """The side of the server."""
    ended = notice_ends()
    bots: dict[int, socket.socket] = {}
    with listen(address) as listener:
        while True:
            sources: list[Any] = [0, ended, listener]
            ready, _, _ = select.select(sources, [], [])
            if ended in ready:
                for pid, status in ends(ended):
                    with bots.pop(pid) as bot, suppress(OSError):  # the bot may be dead
                        bot.sendall(_NUMBER.pack(status))
            if listener in ready:
                bot, _ = listener.accept()
                asked, descriptors, _, _ = socket.recv_fds(bot, 4096, 3)
                if len(descriptors) == 3:
                    pid = os.fork() or _run(descriptors, **json.loads(asked))
                    bots[pid] = bot
                    with suppress(OSError):
                        bot.sendall(_NUMBER.pack(pid))
                for descriptor in descriptors:
                    os.close(descriptor)
            if 0 in ready:
                shutil.rmtree(Path(address).parent)
                return


def _run(descriptors: Sequence[int], bot: int, preload: Sequence[str]) -> int:
    """In the forked process: be a worker, for ever."""
    with suppress(OSError):  # only Linux has it
        Path("/proc/self/comm").write_text(NAME.format(bot))
    connection, *outputs = descriptors
    for number, output in enumerate(outputs, start=1):
        os.dup2(output, number)
        os.close(output)
    os.setsid()
    be_a_child()
    sys.argv = ["app.audio.worker", str(connection), *preload]
    try:
        worker.main()
    finally:
        os._exit(1)


def _make_one() -> None:
    """Imports all that a worker needs; and what it does first runs faster where it ran before."""
    speech = asyncio.run(Espeak().speak(Utterance("Hello there.", "en")))
    make_memo([Passage(speech, 1.0, 0, True)], "m4a", 60.0)
    threads = Path("/proc/self/task")
    deadline = time.monotonic() + 30
    while threads.exists() and len(list(threads.iterdir())) > 1:  # one that ends is still listed
        assert time.monotonic() < deadline, "threads do not survive forks"
        gc.collect()
        time.sleep(0.01)


if __name__ == "__main__":
    _make_one()
    gc.freeze()
    _serve(sys.argv[1])
