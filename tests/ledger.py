"""What the bot's own database says, read beside the bot."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.store.ledger import AnswerRecord, find, recent
from app.store.tables import answers, sends

UNDERWAY = ("waiting", "working")


class Ledger:
    """Reads the ledger of a database, which may be locked or away for a moment."""

    def __init__(self, database_url: str) -> None:
        url = sa.make_url(database_url)
        if url.drivername == "postgres":
            url = url.set(drivername="postgresql+psycopg")
        is_sqlite = url.get_backend_name() == "sqlite"
        # To connect takes longer than to ask, and tests ask again and again.
        self._engine = sa.create_engine(url, pool_pre_ping=True)
        weakref.finalize(self, self._engine.dispose)
        self._workflows = "workflow_status" if is_sqlite else "dbos.workflow_status"

    def close(self) -> None:
        """Leave the database; whoever asks again opens it anew."""
        self._engine.dispose()

    def answers(self) -> list[AnswerRecord]:
        """Every answer, the oldest first."""
        with self._engine.connect() as connection:
            return recent(connection, limit=100_000)[::-1]

    def answer(self, message_id: str) -> AnswerRecord:
        """The answer to a message."""
        with self._engine.connect() as connection:
            found = find(connection, message_id)
        assert found is not None, f"the ledger knows no answer to {message_id}"
        return found

    def find(self, message_id: str) -> AnswerRecord | None:
        """The answer to a message, if there is one."""
        with self._engine.connect() as connection:
            return find(connection, message_id)

    def underway(self) -> int:
        """How many answers are not over."""
        with self._engine.connect() as connection:
            count = sa.select(sa.func.count()).where(answers.c.state.in_(UNDERWAY))
            return int(connection.execute(count).scalar_one())

    def queued(self) -> int:
        """How many runs the durable engine has not ended."""
        with self._engine.connect() as connection:
            return int(
                connection.exec_driver_sql(
                    f"SELECT count(*) FROM {self._workflows}"
                    " WHERE status IN ('PENDING', 'ENQUEUED')"
                ).scalar_one()
            )

    def states(self, message_ids: Sequence[str]) -> list[str | None]:
        """The states of the answers to these messages, None where there is none yet."""
        known = {answer.answer_id: answer.state for answer in self.answers()}
        return [known.get(f"answer:{one}") for one in message_ids]

    def at_work(self) -> int:
        """How many answers are in progress."""
        return sum(answer.state == "working" for answer in self.answers())

    def at_work_of(self, pid: int) -> int:
        """How many answers a process has in progress, as the durable engine sees it."""
        with self._engine.connect() as connection:
            return int(
                connection.exec_driver_sql(
                    f"SELECT count(*) FROM {self._workflows} w JOIN memo_executors e"
                    " ON e.executor_id = w.executor_id"
                    f" WHERE w.status = 'PENDING' AND e.pid = {pid}"
                ).scalar_one()
            )

    def begin(self, message_id: str, executor_id: str | None = None) -> None:
        """Mark an answer as begun by a process that knows nothing of it; by the one that answers
        if no other is named."""
        owner = f"'{executor_id}'" if executor_id else "(SELECT executor_id FROM memo_executors"
        if not executor_id:
            owner += " WHERE stopped_at IS NULL)"
        self.execute(
            f"UPDATE {self._workflows} SET status = 'PENDING', executor_id = {owner}"
            f" WHERE workflow_uuid = 'answer:{message_id}' AND status = 'ENQUEUED'"
        )

    def sends(self, answer_id: str) -> list[dict[str, Any]]:
        """The attempts to post a memo for an answer, in order."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(sends).where(sends.c.answer_id == answer_id).order_by(sends.c.send_id)
            )
            return [dict(row._mapping) for row in rows]

    def revision(self) -> str:
        """Which migration the database has reached."""
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM memo_migrations")
            return str(found.scalar_one())

    def execute(self, statement: str) -> None:
        """Change the database behind the bot's back."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(statement)
