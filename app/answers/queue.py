"""The durable queue of answers: DBOS on our database, one answer at a time per chat."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer

from app.answers import dbos_internals
from app.answers.dbos_internals import CLASS_NAME, INSTANCE_NAME, QUEUE, Poller
from app.store.database import Database, after_commit

APPLICATION = "voicememo"
VERSION = "1"
"""Of the workflow's shape. DBOS would take a hash of the source, and answers in flight at a deploy
would wait for a version that is gone. Raise it only when answers begun before cannot be finished
by the new code."""

POLL_SECONDS = 0.5
"""How often a process looks for answers that others queued or left over. Its own are taken at
once, because storing and ending them wakes it; every look costs about 4 ms of CPU, a tenth of that
where nothing is queued."""


class AnswerQueue:
    """Enqueues answers from any process, and runs them in those that `launch`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._client: DBOSClient | None = None
        self._poller = Poller(lambda: database.read_sync(dbos_internals.is_queued))

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
        dbos_internals.leave_out_unused_polls()
        self._poller.attach()
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
            dbos_internals.stamp_created(connection, answer_id + run)
        after_commit(connection, self.wake)

    def wake(self) -> None:
        """Have this process look for answers to take at once."""
        self._poller.wake()

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

    async def drain(self, seconds: float) -> None:
        """Take no more answers, give those in progress `seconds` to finish, and drop the rest."""
        await dbos_internals.drain(seconds)
