"""What the bot uses of DBOS that DBOS does not offer to others, all in one place.

Each function says why. `tests/integration/test_dbos_contract.py` fails when DBOS changes one of
these things; `pyproject.toml` pins DBOS to the minor version they were tested with.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, cast

import sqlalchemy as sa
from dbos import DBOS, DBOSPortableJSONSerializer, _dbos
from dbos._queue import queue_thread

from app.store.prepared import prepared

# Names stored in databases: what is queued under them by one version is answered by the next.
CLASS_NAME = "Answers"
INSTANCE_NAME = "answers"
FALLBACK_WORKFLOW = "write_instead"  # stored name
QUEUE = "answers"

_POLLER_THREAD = f"queue-worker-{QUEUE}"

_AHEAD = -1
"""Priority before all others, which have 0."""


_SPACING_SECONDS = 0.02
"""Between two looks of a poller that is woken all the time: several answers are taken at once."""

_SELDOM_SECONDS = 3600.0
"""How often DBOS looks into its own queue, into which the bot puts nothing."""


class Poller:
    """Makes DBOS's poller look as soon as there may be something to take.

    DBOS can only poll: at short intervals that is idle work, at long ones it keeps people waiting.
    Its thread waits on the event that also stops it; here that wait ends early when an answer was
    queued in this process, or has ended, so that the next of its chat may begin. Where none is
    known to be queued, that is asked first: it takes a tenth of a look.
    """

    def __init__(self, is_queued: Callable[[], bool]) -> None:
        """is_queued: whether any answer waits in the queue; asked on DBOS's thread."""
        self._is_queued = is_queued
        self._woken = threading.Event()
        self._was_queued = False  # in this process, since the last look
        self._looked_at = 0.0

    def wake(self) -> None:
        """Look now, because an answer was queued. From any thread, and harmless where nothing is
        launched."""
        self._was_queued = True
        self._woken.set()

    def attach(self) -> None:
        """Take over the waiting of the DBOS that this process is about to launch."""
        cast(Any, _dbos).queue_thread = self._run_pollers
        _dbos._get_dbos_instance()._workflow_tasks = _Tasks(self._woken.set)
        self.wake()  # what earlier processes left is looked for at once

    def _run_pollers(self, stop: threading.Event, dbos: DBOS) -> None:
        """On the thread of DBOS that starts a poller for each queue."""
        waiter = cast(Any, stop)
        waiter.wait = functools.partial(self._wait, stop, stop.wait)
        waiter.set = functools.partial(self._stop, stop.set)
        queue_thread(stop, dbos)

    def _wait(
        self,
        stop: threading.Event,
        wait: Callable[[float | None], bool],
        timeout: float | None = None,
    ) -> bool:
        """Whether to stop, after `timeout` seconds or when woken."""
        if threading.current_thread().name != _POLLER_THREAD:
            return wait(timeout)
        since = time.monotonic() - self._looked_at
        if since < _SPACING_SECONDS and wait(_SPACING_SECONDS - since):
            return True
        looks = False
        while not (looks or stop.is_set()):
            self._woken.wait(timeout)
            self._woken.clear()
            # An answer that is queued meanwhile wakes once more, and is then found by the question.
            looks, self._was_queued = self._was_queued or self._may_be_queued(), False
        self._looked_at = time.monotonic()
        return stop.is_set()

    def _may_be_queued(self) -> bool:
        try:
            return self._is_queued()
        except Exception:
            return True  # what is wrong with the database, DBOS's look tells

    def _stop(self, set_event: Callable[[], None]) -> None:
        set_event()
        self._woken.set()


class _Tasks(set["asyncio.Task[Any]"]):
    """The workflows at work; DBOS discards each when all of it is stored."""

    def __init__(self, ended: Callable[[], None]) -> None:
        super().__init__()
        self._ended = ended

    def discard(self, task: object) -> None:
        super().discard(cast(Any, task))
        self._ended()


def leave_out_unused_polls() -> None:
    """Keep the DBOS that this process is about to launch from asking the database each second for
    what the bot does not use: schedules, delayed workflows, deadlines, and DBOS's own queue."""
    module = cast(Any, _dbos)
    module.background_jobs_thread = module.dynamic_scheduler_loop = lambda *_: None
    queue = _dbos._get_dbos_instance()._registry.get_internal_queue()
    queue._polling_interval_sec = _SELDOM_SECONDS


def is_open() -> bool:
    """Whether this process takes answers from the queue. DBOS tells nobody that it is stopping."""
    dbos = _dbos._dbos_global_instance
    return dbos is not None and not any(
        stop.is_set() for stop in dbos.background_thread_stop_events
    )


def running_workflows() -> set[str]:
    """The workflows that really run in this process. DBOS lists only what the database says, which
    may be wrong after a connection broke."""
    return set(_dbos._get_dbos_instance()._active_workflows_set.activeList())


async def drain(seconds: float) -> None:
    """Take no more workflows, give those in progress `seconds` to finish, and cancel the rest.

    What is cancelled stays in progress in the database, for another process to take over. DBOS's
    own shutdown would wait as well, but then close the database under what still runs.
    """
    dbos = _dbos._get_dbos_instance()
    for stop in dbos.background_thread_stop_events:
        stop.set()
    deadline = time.monotonic() + seconds
    await asyncio.to_thread(_join_pollers, seconds)
    if running := set(dbos._workflow_tasks):
        _, late = await asyncio.wait(running, timeout=max(0.0, deadline - time.monotonic()))
        for answer in late:
            answer.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    await asyncio.to_thread(DBOS.destroy)


def is_queued(connection: sa.Connection) -> bool:
    """Whether any answer waits to be taken. As plain SQL, because it is asked all the time, and
    with its values in it, by which databases find the indexes of what is in flight."""
    schema = _schema(connection)
    table = f"{schema}.workflow_status" if schema else "workflow_status"
    waiting = f"status = 'ENQUEUED' AND queue_name = '{QUEUE}'"
    found = connection.exec_driver_sql(f"SELECT 1 FROM {table} WHERE {waiting} LIMIT 1")  # noqa: S608 - our own names
    return found.first() is not None


def pending_by_executor(connection: sa.Connection) -> dict[str, set[str]]:
    """The answers that have been begun and not ended, by the process that began them.

    DBOS lists workflows only with all their columns, and one call at a time.
    """
    workflows = _workflows(connection)
    found: dict[str, set[str]] = {}
    for row in connection.execute(
        sa.select(workflows.c.executor_id, workflows.c.workflow_uuid).where(
            workflows.c.status == "PENDING", workflows.c.queue_name == QUEUE
        )
    ):
        found.setdefault(row.executor_id, set()).add(row.workflow_uuid)
    return found


def requeue(connection: sa.Connection, executor_id: str, workflow_ids: Iterable[str]) -> int:
    """Queue answers again that a process has in progress. Returns how many there still were.

    They come first in their chats, because they hold the oldest messages there. The same that
    DBOS's `reenqueue_for_recovery` does, in one transaction for all of them.
    """
    workflows = _workflows(connection)
    changed = connection.execute(
        workflows.update()
        .where(workflows.c.workflow_uuid.in_(list(workflow_ids)))
        .where(workflows.c.status == "PENDING", workflows.c.executor_id == executor_id)
        .values(
            status="ENQUEUED",
            owner_xid=None,
            started_at_epoch_ms=None,
            priority=_AHEAD,
            updated_at=_now_ms(),
        )
    )
    return changed.rowcount


def stamp_created(connection: sa.Connection, workflow_id: str) -> None:
    """Give a workflow the present millisecond as its time. On SQLite DBOS stamps whole seconds,
    within which the order of the answers of a chat would be left to chance."""
    connection.execute(*_stamp(workflow_id, _now_ms()))


@prepared
def _stamp(workflow_id: Any, created_at: Any) -> sa.Update:
    workflows = sa.table("workflow_status", *map(sa.column, ("workflow_uuid", "created_at")))
    return (
        workflows.update()
        .where(workflows.c.workflow_uuid == workflow_id)
        .values(created_at=created_at)
    )


def recorded_steps(connection: sa.Connection, workflow_id: str) -> list[tuple[str, Any]]:
    """Name and result of each step that DBOS kept of a workflow, in order. Versions before the
    checkpoints kept their progress there; DBOS's own call is not for a transaction of ours."""
    steps = sa.table(
        "operation_outputs",
        *map(sa.column, ("workflow_uuid", "function_id", "function_name", "output")),
        schema=_schema(connection),
    )
    rows = connection.execute(
        sa.select(steps.c.function_name, steps.c.output)
        .where(steps.c.workflow_uuid == workflow_id, steps.c.output.is_not(None))
        .order_by(steps.c.function_id)
    )
    serializer = DBOSPortableJSONSerializer()
    return [(row.function_name, serializer.deserialize(row.output)) for row in rows]


def _join_pollers(seconds: float) -> None:
    """Wait for DBOS's threads that start workflows, so that none starts one after that."""
    for thread in threading.enumerate():
        if thread.name.startswith("queue-worker-"):
            thread.join(seconds)


def _workflows(connection: sa.Connection) -> sa.TableClause:
    columns = (
        "workflow_uuid",
        "status",
        "queue_name",
        "executor_id",
        "owner_xid",
        "priority",
        "created_at",
        "started_at_epoch_ms",
        "updated_at",
    )
    return sa.table("workflow_status", *map(sa.column, columns), schema=_schema(connection))


def _schema(connection: sa.Connection) -> str | None:
    return None if connection.dialect.name == "sqlite" else "dbos"


def _now_ms() -> int:
    """Milliseconds since 1970, as DBOS writes times."""
    return round(time.time() * 1000)
