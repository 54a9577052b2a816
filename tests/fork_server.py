"""A process that has the bot imported already and forks one that is ready to start at once.

Tests that kill the bot at every point start it hundreds of times, and others run commands; most of
such a start is imports. The forked process runs the same code from there on, with arguments, a
folder, an environment and outputs of its own.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import platform
import random
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from app.responders.lexicon import known_languages, lexicon_of
from app.speech.engines.espeak_library import library
from app.speech.plan import SpeechPlan
from app.store.database import Database
from app.tls import tls_context
from tests.shared_process import ROOT, address_of, be_a_child, ends, listen, notice_ends

MODULE = "tests.fork_server"

_IMPORTED = (
    "app.cli.commands",
    "app.demo",
    "app.diagnosis",
    "app.server",
    "app.service",
    # What these import when they need it.
    "anyio._backends._asyncio",
    "app.responders.openai_chat",
    "app.speech.normalization.languages.en",
    "av.subtitles.stream",
    "babel.dates",
    "babel.numbers",
    "dbos._sys_db_postgres",
    "dbos._sys_db_sqlite",
    "httpcore._async",
    "httpcore._backends.anyio",
    "linq.resources.attachments",
    "linq.resources.chats.chats",
    "linq.resources.chats.messages",
    "linq.resources.chats.typing",
    "linq.resources.phone_numbers",
    "openai.resources.chat",
    "tests.forked_workers",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.h11_impl",
)


class Running(Protocol):
    """A process that was started: a `Popen`, or one forked in the fork_server."""

    pid: int
    returncode: int | Any

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


class Forked:
    """A forked process, with the methods of a `Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.ended = threading.Event()

    def poll(self) -> int | None:
        """The exit code, -N after signal N, or None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self.ended.wait(timeout):
            raise subprocess.TimeoutExpired("forked bot", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int, /) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)


class ForkServer:
    """The side of the tests: asks for processes and hears of their ends."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address_of(MODULE))
        self._asking = threading.Lock()
        self._answered = threading.Condition()
        self._new: list[Forked] = []
        self._running: dict[int, Forked] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def spawn(
        self,
        module: str,
        arguments: Sequence[str],
        environment: dict[str, str],
        outputs: tuple[int, int],
        folder: Path = ROOT,
    ) -> Forked:
        """Start `python -m module`, writing to these two descriptors."""
        asked = {
            "module": module,
            "arguments": arguments,
            "environment": environment,
            "folder": str(folder),
        }
        with self._asking:
            socket.send_fds(self._socket, [json.dumps(asked).encode() + b"\n"], outputs)
            with self._answered:
                if not self._answered.wait_for(lambda: self._new, timeout=120):
                    raise TimeoutError("the fork_server does not answer")
                return self._new.pop()

    def _listen(self) -> None:
        with self._socket.makefile("r") as lines:
            for line in lines:
                note: dict[str, int] = json.loads(line)
                with self._answered:
                    if "status" in note:
                        forked = self._running.pop(note["pid"])
                        forked.returncode = note["status"]
                        forked.ended.set()
                    else:
                        forked = self._running[note["pid"]] = Forked(note["pid"])
                        self._new.append(forked)
                        self._answered.notify_all()


@functools.cache
def fork_server() -> ForkServer:
    """This process's connection to the fork_server; what was forked over it ends with it."""
    return ForkServer()


@dataclass
class _Channel:
    """A process that runs tests."""

    socket: socket.socket
    asked: bytes = b""
    outputs: list[int] = field(default_factory=list)


def _serve(address: str) -> None:
    """The side of the fork_server."""
    ended = notice_ends()
    channels: dict[int, _Channel] = {}
    children: dict[int, _Channel] = {}
    with listen(address) as listener:
        while True:
            sources: list[Any] = [0, ended, listener, *channels]
            ready, _, _ = select.select(sources, [], [])
            if ended in ready:
                for pid, status in ends(ended):
                    _tell(children.pop(pid), pid=pid, status=status)
            if listener in ready:
                connection, _ = listener.accept()
                channels[connection.fileno()] = _Channel(connection)
            for number in [one for one in ready if one in channels]:
                others = [listener, *(one.socket for one in channels.values())]
                if not _hear(channels[number], children, others):
                    channels.pop(number).socket.close()
            if 0 in ready:
                break
    _kill(children)
    shutil.rmtree(Path(address).parent)


def _hear(
    channel: _Channel, children: dict[int, _Channel], others: Sequence[socket.socket]
) -> bool:
    """Fork what is asked for. Whether the channel stays; with it ends what was forked for it."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel.socket, 65536, 2)
    except OSError:
        data, descriptors = b"", []
    if not data:
        _kill(pid for pid, its in children.items() if its is channel)
        return False
    channel.asked += data
    channel.outputs += descriptors
    if channel.asked.endswith(b"\n"):
        pid = os.fork()
        if pid == 0:
            for other in others:
                other.close()
            _run(json.loads(channel.asked), channel.outputs)
        for output in channel.outputs:
            os.close(output)
        channel.asked, channel.outputs = b"", []
        children[pid] = channel
        _tell(channel, pid=pid)
    return True


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _tell(channel: _Channel, **note: int) -> None:
    with suppress(OSError):  # it may have gone
        channel.socket.sendall(json.dumps(note).encode() + b"\n")


def _run(asked: dict[str, Any], outputs: list[int]) -> None:
    """In the forked process: run the module and end."""
    be_a_child()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(outputs[0], 1)
    os.dup2(outputs[1], 2)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.path.insert(0, asked["folder"])
    sys.argv = [asked["module"], *asked["arguments"]]
    random.seed()
    code: Any = 0
    try:
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _do_once() -> None:
    """What a bot does first runs faster where it ran before, and every bot does it."""
    platform.platform()  # as Linq's client tells it
    tls_context()
    library()
    SpeechPlan.of_text("A sentence of the 2nd of May, in a language that has to be detected.", "en")
    for language in known_languages():
        lexicon_of(language)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bot.db")
        database.migrate()
        database.close()


if __name__ == "__main__":
    for name in _IMPORTED:
        importlib.import_module(name)
    _do_once()
    gc.freeze()  # else each process would copy what its first collection touches
    _serve(sys.argv[1])
