"""The durable queue of answers: DBOS on our database, one answer at a time per chat."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, _dbos

from app.store.database import Database

APPLICATION = "voicememo"
VERSION = "1"
"""Of the workflow's shape: its stages and what they return. DBOS would take a hash of the source,
and answers in flight at a deploy would wait for a version that is gone. Raise it only when
answers begun before cannot be finished by the new code."""

QUEUE = "answers"
POLL_SECONDS = 0.05
"""Half of it is what an answer waits on average; idle it costs 9 % of a core, and 5 % at 0.1."""
_AHEAD = -1
"""Priority before all others, which have 0."""
_COLUMNS = (
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

CLASS_NAME = "Answers"
INSTANCE_NAME = "answers"


class AnswerQueue:
    """Enqueues answers from any process, and runs them in those that `launch`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._client: DBOSClient | None = None

    async def launch(self, executor_id: str, *, at_once: int) -> None:
        """Start to take answers from the queue; they run on the event loop of the caller.

        executor_id: unique to this process. at_once: answers in progress at most, most of which
        wait for somebody else.
        """
        logging.getLogger("dbos").setLevel(logging.WARNING)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": VERSION,
            "executor_id": executor_id,
            "system_database_engine": self._database.engine,
            "serializer": DBOSPortableJSONSerializer(),
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        DBOS(config=config)
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            worker_concurrency=at_once,
            partition_concurrency=1,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    def enqueue(
        self,
        connection: sa.Connection,
        answer_id: str,
        chat_id: str,
        *,
        workflow: str = "answer",
        run: str = "",
    ) -> None:
        """Enqueue an answer in the transaction of `connection`; at most once per id and run."""
        self.client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": f"{CLASS_NAME}.{workflow}",
                "class_name": CLASS_NAME,
                "instance_name": INSTANCE_NAME,
                "queue_name": QUEUE,
                "queue_partition_key": chat_id,
                "workflow_id": answer_id + run,
                "app_version": VERSION,
                "application_name": APPLICATION,
            },
            answer_id,
            chat_id,
        )
        if self._database.is_sqlite:
            # There DBOS stamps whole seconds, within which the order would be left to chance.
            workflows = _workflows(connection)
            connection.execute(
                workflows.update()
                .where(workflows.c.workflow_uuid == answer_id + run)
                .values(created_at=_now())
            )

    def migrate(self) -> None:
        """Create or upgrade the engine's tables, for commands that run before any service did."""
        DBOS.migrate(self._database.engine.url.render_as_string(hide_password=False))

    def erase(self, answer_ids: list[str]) -> None:
        """Delete the durable records of answers; those in progress end."""
        for start in range(0, len(answer_ids), 100):
            # A repeated answer has further runs, named after the first.
            runs = self.client.list_workflows(
                workflow_id_prefix=answer_ids[start : start + 100],
                load_input=False,
                load_output=False,
            )
            self.client.delete_workflows([run.workflow_id for run in runs])

    @property
    def client(self) -> DBOSClient:
        if self._client is None:
            self._client = DBOSClient(
                system_database_engine=self._database.engine,
                serializer=DBOSPortableJSONSerializer(),
                application_name=APPLICATION,
                lazy=True,
                retry_connection_errors=False,
            )
        return self._client

    async def drain(self, seconds: int) -> None:
        """Take no more answers, give those in progress `seconds` to finish, and drop the rest.

        What is dropped stays in progress in the database, for another process to take over.
        """
        # DBOS would wait too, but then let go of the database under what still runs.
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


def is_open() -> bool:
    """Whether this process takes answers from the queue."""
    dbos = _dbos._dbos_global_instance
    return dbos is not None and not any(
        stop.is_set() for stop in dbos.background_thread_stop_events
    )


def at_work() -> set[str]:
    """The answers that really run in this process."""
    return set(_dbos._get_dbos_instance()._active_workflows_set.activeList())


def in_progress(connection: sa.Connection) -> dict[str, set[str]]:
    """The answers that have been begun and not ended, by the process that began them."""
    workflows = _workflows(connection)
    found: dict[str, set[str]] = {}
    for row in connection.execute(
        sa.select(workflows.c.executor_id, workflows.c.workflow_uuid).where(
            workflows.c.status == "PENDING", workflows.c.queue_name == QUEUE
        )
    ):
        found.setdefault(row.executor_id, set()).add(row.workflow_uuid)
    return found


def put_back(connection: sa.Connection, executor_id: str, answer_ids: Iterable[str]) -> int:
    """Queue answers again that a process has in progress. Returns how many there still were.

    They come first in their chats, because they hold the oldest messages there. The same that
    DBOS's `reenqueue_for_recovery` does, in one transaction for all of them.
    """
    workflows = _workflows(connection)
    changed = connection.execute(
        workflows.update()
        .where(workflows.c.workflow_uuid.in_(list(answer_ids)))
        .where(workflows.c.status == "PENDING", workflows.c.executor_id == executor_id)
        .values(
            status="ENQUEUED",
            owner_xid=None,
            started_at_epoch_ms=None,
            priority=_AHEAD,
            updated_at=_now(),
        )
    )
    return changed.rowcount


def _workflows(connection: sa.Connection) -> sa.TableClause:
    """The columns of DBOS's table for which it has no call that would do."""
    return sa.table(
        "workflow_status",
        *map(sa.column, _COLUMNS),
        schema=None if connection.dialect.name == "sqlite" else "dbos",
    )


def _now() -> int:
    """In milliseconds since 1970, as DBOS writes times."""
    return round(time.time() * 1000)


def _join_pollers(seconds: float) -> None:
    """Wait for DBOS's threads that start answers, so that none starts one after that."""
    for thread in threading.enumerate():
        if thread.name.startswith("queue-worker-"):
            thread.join(seconds)
