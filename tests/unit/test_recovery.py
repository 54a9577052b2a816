"""Whose answers are given to others: those of processes that are gone, and of nobody else."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from dbos import DBOS

from app.answers.dbos_internals import pending_by_executor
from app.answers.queue import APPLICATION, VERSION, AnswerQueue
from app.answers.recovery import HeartbeatMonitor, is_running, new_executor_id
from app.answers.timing import Timing
from app.store import executors
from app.store.database import Database
from tests.ledger import Ledger

R = TypeVar("R")
OURS, OTHER = "web.1:ours", "web.2:other"
STALLED_SECONDS = 0.3


class Machines:
    """A database with answers in progress, and this process, which looks after them."""

    def __init__(self, database_url: str) -> None:
        self.database = Database(database_url)
        self.database.migrate()
        self.queue = AnswerQueue(self.database)
        self.queue.migrate()
        self.ledger = Ledger(database_url)
        self.monitor = HeartbeatMonitor(
            self.database, OURS, Timing(stalled_process_seconds=STALLED_SECONDS)
        )
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()
        self.database.close()

    def run(self, what: Awaitable[R]) -> R:
        async def main() -> R:
            return await what

        return self._runner.run(main())

    def register(self, *, host: str = "another", pid: int = 1) -> None:
        """The other process makes itself known."""
        self.database.write_sync(lambda c: executors.register(c, OTHER, host, pid))

    def beat(self) -> None:
        self.database.write_sync(lambda c: executors.beat(c, OTHER, "another", 1))

    def begin(self, executor_id: str, *names: str) -> None:
        """Answers that a process has taken from the queue."""
        for name in names:
            self._enqueue(name)
            self.ledger.begin(name, executor_id)

    def _enqueue(self, name: str) -> None:
        self.database.write_sync(lambda c: self.queue.enqueue(c, f"answer:{name}", f"chat {name}"))

    def look(self) -> dict[str, set[str]]:
        """Look once for answers whose process is gone. Returns what is in progress after it."""
        self.run(self.monitor._recover(self.database.read_sync(pending_by_executor)))
        return self.database.read_sync(pending_by_executor)

    def look_until(self, condition: Callable[[dict[str, set[str]]], bool]) -> None:
        deadline = time.monotonic() + 20
        while not condition(self.look()):
            assert time.monotonic() < deadline
            time.sleep(STALLED_SECONDS / 10)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    machines = Machines(f"sqlite:///{tmp_path / 'test.db'}")
    # Never launched: nothing but the test changes the queue.
    DBOS(config={"name": APPLICATION, "application_version": VERSION, "enable_otlp": False})
    yield machines
    DBOS.destroy()
    machines.close()


@pytest.fixture(scope="module")
def ended_pid() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_who_said_goodbye_is_relieved_at_once(machines: Machines) -> None:
    machines.register(host=socket.gethostname(), pid=os.getppid())
    machines.begin(OTHER, "one", "two")
    assert machines.look() == {OTHER: {"answer:one", "answer:two"}}
    machines.database.write_sync(lambda c: executors.stop(c, OTHER))
    assert machines.look() == {}
    assert machines.ledger.queued() == 2


def test_whose_process_has_ended_on_this_host_is_relieved_at_once(
    machines: Machines, ended_pid: int
) -> None:
    machines.register(host=socket.gethostname(), pid=ended_pid)
    machines.begin(OTHER, "one")
    assert machines.look() == {}


def test_a_process_id_says_nothing_about_another_host(machines: Machines, ended_pid: int) -> None:
    machines.register(host="another", pid=ended_pid)
    machines.begin(OTHER, "one")
    assert machines.look() == {OTHER: {"answer:one"}}


def test_a_process_that_nobody_knows_is_relieved_at_once(machines: Machines) -> None:
    machines.begin(OTHER, "one")
    assert machines.look() == {}


def test_who_is_silent_for_long_is_relieved_and_not_before(machines: Machines) -> None:
    machines.register()
    # By its own clock it was last heard of long ago, but clocks differ.
    machines.ledger.execute("UPDATE memo_executors SET beat_at = 0")
    machines.begin(OTHER, "one")
    assert machines.look() == {OTHER: {"answer:one"}}
    machines.look_until(lambda begun: not begun)


def test_whose_heart_beats_keeps_its_answers(machines: Machines) -> None:
    machines.register()
    machines.begin(OTHER, "one")
    until = time.monotonic() + 3 * STALLED_SECONDS
    while time.monotonic() < until:
        machines.beat()
        assert machines.look() == {OTHER: {"answer:one"}}


def test_own_answers_that_do_not_run_are_queued_again_at_the_second_look(
    machines: Machines,
) -> None:
    machines.begin(OURS, "one")
    assert machines.look() == {OURS: {"answer:one"}}, "it may just be about to begin"
    assert machines.look() == {}
    assert machines.ledger.queued() == 1


def test_an_answer_that_began_meanwhile_is_looked_at_anew(machines: Machines) -> None:
    machines.begin(OURS, "one")
    machines.look()
    machines.begin(OURS, "two")
    assert machines.look() == {OURS: {"answer:two"}}


def test_a_process_makes_itself_known_beats_and_says_goodbye(machines: Machines) -> None:
    async def live() -> None:
        await machines.monitor.register()
        machines.monitor.start()
        first = machines.database.read_sync(lambda c: executors.find(c, [OURS]))[OURS]
        assert (first.host, first.pid, first.stopped_at) == (
            socket.gethostname(),
            os.getpid(),
            None,
        )
        beat_at = first.beat_at
        async with asyncio.timeout(20):
            while beat_at == first.beat_at:
                await asyncio.sleep(0.01)
                known = await machines.database.read(lambda c: executors.find(c, [OURS]))
                beat_at = known[OURS].beat_at
        await machines.monitor.stop()

    machines.run(live())
    last = machines.database.read_sync(lambda c: executors.find(c, [OURS]))[OURS]
    assert last.stopped_at is not None


def test_which_processes_run(ended_pid: int) -> None:
    assert is_running(os.getppid())
    assert not is_running(ended_pid)
    assert not is_running(os.getpid()), "another process of an earlier boot had our id"


def test_every_start_has_an_id_of_its_own() -> None:
    first, second = new_executor_id("web.1"), new_executor_id("web.1")
    assert first != second
    assert first.startswith("web.1:")
    assert new_executor_id(None).startswith(socket.gethostname())
