"""What `app.answers.dbos_internals` takes for granted of DBOS, on the real thing.

A failure here after an upgrade of DBOS says which function has to be looked at. `pyproject.toml`
pins DBOS to the minor version that these tests have seen.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import enumerate as threads
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from dbos import DBOS, EnqueueOptions, _dbos
from dbos._schemas.system_database import SystemSchema

from app.answers import dbos_internals
from app.answers.dbos_internals import QUEUE
from app.answers.queue import APPLICATION, VERSION, AnswerQueue
from app.store.database import Database, after_commit

EXECUTOR = "here"

_begun: list[str] = []
_ended: list[str] = []
_may_end = asyncio.Event()


@DBOS.workflow(name="contract.wait")
async def wait(name: str) -> str:
    """A workflow that ends when the test says so."""
    _begun.append(name)
    await _may_end.wait()
    _ended.append(name)
    return name


@DBOS.workflow(name="contract.steps")
async def steps(name: str) -> str:
    """A workflow of two steps, as the versions before the checkpoints had them."""

    async def step() -> dict[str, object]:
        return {"forms": [name], "seconds": 1.5}

    async def nothing() -> None: ...

    await DBOS.run_step_async({"name": "compose"}, step)
    await DBOS.run_step_async({"name": "nothing"}, nothing)
    await DBOS.run_step_async({"name": "record"}, step)
    _ended.append(name)
    return name


class Process:
    """This process, which takes workflows from the queue."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.queue = AnswerQueue(database)

    def enqueue(self, workflow: str, name: str, partition: str = "one") -> None:
        options: EnqueueOptions = {
            "workflow_name": f"contract.{workflow}",
            "queue_name": QUEUE,
            "queue_partition_key": partition,
            "workflow_id": name,
            "app_version": VERSION,
            "application_name": APPLICATION,
        }

        def enqueue(connection: sa.Connection) -> None:
            self.queue.client.enqueue_in_transaction(connection, options, name)
            if self.database.is_sqlite:
                dbos_internals.stamp_created(connection, name)
            after_commit(connection, self.queue.wake)

        self.database.write_sync(enqueue)

    def row(self, name: str) -> dict[str, object]:
        def read(connection: sa.Connection) -> dict[str, object]:
            table = dbos_internals._workflows(connection)
            found = connection.execute(sa.select(table).where(table.c.workflow_uuid == name))
            return dict(found.one()._mapping)

        return self.database.read_sync(read)

    def pending(self) -> dict[str, set[str]]:
        return self.database.read_sync(dbos_internals.pending_by_executor)

    def requeue(self, executor_id: str, *names: str) -> int:
        return self.database.write_sync(
            lambda c: dbos_internals.requeue(c, executor_id, list(names))
        )

    def take_away(self, name: str, executor_id: str) -> None:
        """Make a waiting workflow one that another process has begun."""

        def take(connection: sa.Connection) -> None:
            table = dbos_internals._workflows(connection)
            connection.execute(
                table.update()
                .where(table.c.workflow_uuid == name)
                .values(
                    status="PENDING", executor_id=executor_id, owner_xid="x", started_at_epoch_ms=1
                )
            )

        self.database.write_sync(take)


@pytest.fixture
def database(database_url: str) -> Database:
    database = Database(database_url)
    database.migrate()
    return database


def play(database: Database, scenario: Callable[[Process], Awaitable[None]]) -> None:
    """Run a scenario in a process that has launched the queue."""

    async def main() -> None:
        global _may_end
        _may_end = asyncio.Event()
        _begun.clear()
        _ended.clear()
        async with launched(database) as process:
            await scenario(process)

    try:
        asyncio.run(main())
    finally:
        database.close()


@asynccontextmanager
async def launched(database: Database) -> AsyncIterator[Process]:
    process = Process(database)
    await process.queue.launch(EXECUTOR, at_once=8)
    try:
        yield process
    finally:
        if dbos_internals.is_open():
            _may_end.set()
            await process.queue.drain(10)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


def test_a_process_is_open_from_the_launch_to_the_drain(database: Database) -> None:
    assert not dbos_internals.is_open()

    async def scenario(process: Process) -> None:
        assert dbos_internals.is_open()
        dbos = _dbos._get_dbos_instance()
        assert dbos.background_thread_stop_events, "nothing says that the threads are to stop"
        await process.queue.drain(1)
        assert not dbos_internals.is_open()
        assert all(stop.is_set() for stop in dbos.background_thread_stop_events)

    play(database, scenario)
    assert not dbos_internals.is_open()


def test_what_runs_here_is_known_while_it_runs(database: Database) -> None:
    async def scenario(process: Process) -> None:
        process.enqueue("wait", "a")
        await until(lambda: _begun == ["a"])
        assert dbos_internals.running_workflows() == {"a"}
        assert process.pending() == {EXECUTOR: {"a"}}
        _may_end.set()
        await until(lambda: not dbos_internals.running_workflows())
        await until(lambda: process.row("a")["status"] == "SUCCESS")
        assert process.pending() == {}

    play(database, scenario)


def test_a_poller_that_looks_seldom_is_woken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what was queued here, and by the end of an answer whose chat has another waiting."""
    monkeypatch.setattr("app.answers.queue.POLL_SECONDS", 3600.0)

    async def scenario(process: Process) -> None:
        await until(lambda: any(one.name == f"queue-worker-{QUEUE}" for one in threads()))
        process.enqueue("wait", "a")
        process.enqueue("wait", "b")
        await until(lambda: _begun == ["a"])
        _may_end.set()
        await until(lambda: _ended == ["a", "b"])

    play(database, scenario)


def statements(database: Database) -> list[str]:
    """What this process asks the database, from now on."""
    asked: list[str] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def seen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    return asked


def questions(asked: list[str]) -> list[str]:
    """What the poller asks before it looks: whether anything is queued."""
    return [one for one in asked if one.startswith("SELECT 1 FROM") and "'ENQUEUED'" in one]


def test_what_was_left_is_looked_for_at_the_start_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leave(process: Process) -> None:
        process.enqueue("wait", "a")
        await until(lambda: _begun == ["a"])
        process.enqueue("wait", "b", partition="two")
        await until(lambda: _begun == ["a", "b"])
        await process.queue.drain(0.1)
        monkeypatch.setattr("app.answers.queue.POLL_SECONDS", 3600.0)
        assert process.requeue(EXECUTOR, "a", "b") == 2
        async with launched(process.database):
            pass  # which stores that it looks once in an hour
        async with launched(process.database):
            await until(lambda: len(_begun) == 4)

    play(database, leave)


def test_an_idle_process_asks_only_for_queues_and_whether_an_answer_waits(
    database: Database,
) -> None:
    async def scenario(process: Process) -> None:
        asked = statements(database)
        await until(lambda: questions(asked) != [])  # after the first look
        asked.clear()
        await until(lambda: len(asked) > len(questions(asked)) >= 5)  # of two a second
        (other,) = {one for one in asked if one not in questions(asked)}
        assert "queues.name" in other

    play(database, scenario)


def test_the_end_of_the_last_answer_costs_no_look(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = statements(database)

    async def scenario(process: Process) -> None:
        await until(lambda: questions(asked) != [])
        system = _dbos._get_dbos_instance()._sys_db
        look = Mock(wraps=system.start_queued_partitioned_workflows)
        monkeypatch.setattr(system, "start_queued_partitioned_workflows", look)
        process.enqueue("wait", "a")
        await until(lambda: _begun == ["a"])
        _may_end.set()
        await until(lambda: process.row("a")["status"] == "SUCCESS")
        count = len(questions(asked))
        await until(lambda: len(questions(asked)) > count + 1)
        assert look.call_count == 1

    play(database, scenario)


def test_what_another_process_queued_is_found(database: Database) -> None:
    """Also after looks that were left out because nothing was queued."""
    asked = statements(database)

    async def scenario(_process: Process) -> None:
        await until(lambda: any(one.name == f"queue-worker-{QUEUE}" for one in threads()))
        await until(lambda: len(questions(asked)) >= 2)
        Process(database).enqueue("wait", "a")
        await until(lambda: _begun == ["a"])
        assert not database.read_sync(dbos_internals.is_queued)
        _may_end.set()
        await until(lambda: _ended == ["a"])

    play(database, scenario)


def test_a_drain_waits_for_what_runs_and_begins_nothing(database: Database) -> None:
    async def scenario(process: Process) -> None:
        process.enqueue("wait", "a")
        await until(lambda: _begun == ["a"])
        assert any(one.name.startswith("queue-worker-") for one in threads())
        draining = asyncio.create_task(process.queue.drain(20))
        await until(lambda: not dbos_internals.is_open())
        process.enqueue("wait", "b", partition="two")
        await until(lambda: not any(one.name.startswith("queue-worker-") for one in threads()))
        assert not draining.done()
        _may_end.set()
        await draining
        assert _begun == _ended == ["a"]
        assert process.row("a")["status"] == "SUCCESS"
        assert process.row("b")["status"] == "ENQUEUED"

    play(database, scenario)


def test_what_a_drain_cuts_off_stays_in_progress_for_another_process(database: Database) -> None:
    async def scenario(process: Process) -> None:
        process.enqueue("wait", "a")
        await until(lambda: _begun == ["a"])
        await process.queue.drain(0.1)
        assert _ended == []
        assert process.pending() == {EXECUTOR: {"a"}}
        assert process.requeue(EXECUTOR, "a") == 1
        _may_end.set()
        async with launched(process.database):
            await until(lambda: _ended == ["a"])

    play(database, scenario)


def test_what_is_queued_again_runs_here_before_all_others_of_its_chat(database: Database) -> None:
    async def scenario(process: Process) -> None:
        # One that runs holds the others of its chat.
        process.enqueue("wait", "first")
        await until(lambda: _begun == ["first"])
        for name in ("lost", "next", "elsewhere"):
            process.enqueue("wait", name)
        process.take_away("lost", "gone")
        process.take_away("elsewhere", "another")
        assert process.pending() == {
            EXECUTOR: {"first"},
            "gone": {"lost"},
            "another": {"elsewhere"},
        }
        process.enqueue("wait", "late")
        assert process.requeue("gone", "lost", "elsewhere", "first", "unknown") == 1
        assert process.requeue("gone", "lost") == 0
        assert process.pending() == {EXECUTOR: {"first"}, "another": {"elsewhere"}}
        process.requeue("another", "elsewhere")
        _may_end.set()
        await until(lambda: len(_ended) == 5)
        assert _ended == ["first", "lost", "elsewhere", "next", "late"]

    play(database, scenario)


def test_it_is_queued_again_as_dbos_itself_does_it(database: Database) -> None:
    async def scenario(process: Process) -> None:
        process.enqueue("wait", "first")
        await until(lambda: _begun == ["first"])
        for name in ("ours", "theirs"):
            process.enqueue("wait", name)
            process.take_away(name, "gone")
        process.requeue("gone", "ours")
        system = _dbos._get_dbos_instance()._sys_db
        assert system.reenqueue_for_recovery("theirs", ["gone"], "another-queue")
        own = {"workflow_uuid", "priority", "created_at", "updated_at"}  # each has its own
        ours, theirs = (
            {key: value for key, value in process.row(name).items() if key not in own}
            for name in ("ours", "theirs")
        )
        assert ours == theirs
        assert process.row("ours")["priority"] == -1
        assert process.row("theirs")["priority"] == 0
        _may_end.set()
        await until(lambda: len(_ended) == 3)

    play(database, scenario)


def test_workflows_of_one_chat_run_in_the_order_of_their_times(database: Database) -> None:
    async def scenario(process: Process) -> None:
        _may_end.set()
        names = [f"w{number}" for number in range(10)]
        for name in names:
            process.enqueue("wait", name)
        await until(lambda: len(_ended) == len(names))
        times = [process.row(name)["created_at"] for name in names]
        assert times == sorted(times, key=lambda time: int(str(time)))
        assert int(str(times[0])) > 1_700_000_000_000, "not in milliseconds"
        assert _ended == names

    play(database, scenario)


def test_the_steps_that_dbos_recorded_are_read_as_dbos_reads_them(database: Database) -> None:
    async def scenario(process: Process) -> None:
        process.enqueue("steps", "a")
        await until(lambda: process.row("a")["status"] == "SUCCESS")
        found = process.database.read_sync(lambda c: dbos_internals.recorded_steps(c, "a"))
        step = {"forms": ["a"], "seconds": 1.5}
        assert found == [("compose", step), ("nothing", None), ("record", step)]
        listed = await DBOS.list_workflow_steps_async("a")
        assert [(one["function_name"], one["output"]) for one in listed] == found
        assert process.database.read_sync(lambda c: dbos_internals.recorded_steps(c, "b")) == []

    play(database, scenario)


def test_the_columns_are_those_of_dbos(database: Database) -> None:
    with database.engine.connect() as connection:
        used = {column.name for column in dbos_internals._workflows(connection).c}
    assert used <= {column.name for column in SystemSchema.workflow_status.c}
    assert {"workflow_uuid", "function_id", "function_name", "output"} <= {
        column.name for column in SystemSchema.operation_outputs.c
    }
    database.close()


def test_dbos_is_pinned_to_the_minor_version_that_was_tested() -> None:
    from importlib.metadata import version

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    major, minor = version("dbos").split(".")[:2]
    assert f"dbos>={major}.{minor},<{major}.{int(minor) + 1}" in project["project"]["dependencies"]
