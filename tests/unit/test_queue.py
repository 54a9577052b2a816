"""Answers are queued in the transaction of their message, once each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.answers.queue import APPLICATION, VERSION, AnswerQueue
from app.store.database import Database


class Queued:
    """A queue from which nobody takes anything."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.queue = AnswerQueue(database)
        self.queue.migrate()

    def enqueue(self, answer_id: str, chat_id: str = "chat", **options: Any) -> None:
        self.database.write_sync(lambda c: self.queue.enqueue(c, answer_id, chat_id, **options))

    def rows(self) -> list[dict[str, Any]]:
        """What is queued, in the order in which it is taken."""
        statement = "SELECT * FROM workflow_status ORDER BY priority, created_at, rowid"
        return self.database.read_sync(
            lambda c: [dict(row._mapping) for row in c.exec_driver_sql(statement)]
        )

    def ids(self) -> list[str]:
        return [row["workflow_uuid"] for row in self.rows()]


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[Queued]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield Queued(database)
    database.close()


def test_an_answer_is_queued_in_its_chat_for_every_version_of_this_shape(queued: Queued) -> None:
    """The names are stored: what one version queues, the next one answers."""
    queued.enqueue("answer:m1", "chat 7")
    [row] = queued.rows()
    assert {name: row[name] for name in ("workflow_uuid", "status", "name", "class_name")} == {
        "workflow_uuid": "answer:m1",
        "status": "ENQUEUED",
        "name": "Answers.answer",
        "class_name": "Answers",
    }
    assert (row["config_name"], row["queue_name"]) == ("answers", "answers")
    assert row["queue_partition_key"] == "chat 7"
    assert (row["application_version"], row["application_name"]) == (VERSION, APPLICATION)
    assert (APPLICATION, VERSION) == ("voicememo", "1")


def test_nothing_is_queued_by_a_transaction_that_fails(queued: Queued) -> None:
    def fail(connection: sa.Connection) -> None:
        queued.queue.enqueue(connection, "answer:m1", "chat")
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        queued.database.write_sync(fail)
    assert queued.ids() == []


def test_who_takes_answers_is_woken_when_one_is_stored(
    queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(queued.queue, "wake", lambda: seen.append(queued.ids()))
    queued.enqueue("answer:m1")
    assert seen == [["answer:m1"]]


def test_an_answer_is_queued_once_and_each_repeat_of_it_once(queued: Queued) -> None:
    for _ in range(3):
        queued.enqueue("answer:m1")
    for run in (":2", ":3", ":3"):
        queued.enqueue("answer:m1", run=run)
    queued.enqueue("answer:m1", workflow="write_instead", run=":text")  # stored name
    assert sorted(queued.ids()) == ["answer:m1", "answer:m1:2", "answer:m1:3", "answer:m1:text"]
    for workflow in queued.queue.client.list_workflows():
        assert workflow.input
        assert list(workflow.input["args"]) == ["answer:m1", "chat"]


def test_answers_of_one_second_are_taken_in_their_order(queued: Queued) -> None:
    ids = [f"answer:m{number}" for number in range(12)]
    for one in ids:
        queued.enqueue(one)
    times = [row["created_at"] for row in queued.rows()]
    assert times == sorted(times)
    assert any(time % 1000 for time in times), "whole seconds would leave the order to chance"
    assert queued.ids() == ids


def test_what_is_erased_is_gone_with_all_its_runs(queued: Queued) -> None:
    for run in ("", ":2"):
        queued.enqueue("answer:m1", run=run)
    queued.enqueue("answer:m2")
    queued.queue.erase(["answer:m1", "answer:unknown"])
    assert queued.ids() == ["answer:m2"]


def test_many_are_erased_at_once(queued: Queued) -> None:
    ids = [f"answer:m{number:03}" for number in range(120)]

    def enqueue(connection: sa.Connection) -> None:
        for one in ids:
            queued.queue.enqueue(connection, one, "chat")

    queued.database.write_sync(enqueue)
    queued.queue.erase(ids[:110])
    assert sorted(queued.ids()) == ids[110:]
