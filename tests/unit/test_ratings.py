"""Tapbacks on memos and texts of ours become the rating of the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.linq.events import ReactionEvent
from app.store import ledger
from app.store.database import Database
from app.store.ratings import rate
from app.store.tables import answers


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    database.migrate()

    def store(connection: sa.Connection) -> None:
        ledger.open_answer(connection, "answer:m1", "chat", "inbound")
        connection.execute(answers.update().values(memo_message_id="memo", text_message_id="text"))

    database.write_sync(store)
    yield database
    database.close()


def react(database: Database, kind: str, *, added: bool = True, to: str = "memo") -> int | None:
    event = ReactionEvent("e1", "chat", to, kind, added)
    return database.write_sync(lambda c: rate(c, event))


def rating(database: Database) -> int | None:
    found = database.read_sync(lambda c: ledger.show(c, "answer:m1"))
    assert found is not None
    return found.rating


@pytest.mark.parametrize(("kind", "expected"), [("like", 1), ("love", 1), ("dislike", -1)])
@pytest.mark.parametrize("to", ["memo", "text"])
def test_a_tapback_rates_the_answer(database: Database, kind: str, expected: int, to: str) -> None:
    assert react(database, kind, to=to) == expected
    assert rating(database) == expected
    assert react(database, kind, to=to) is None  # delivered again


@pytest.mark.parametrize("kind", ["laugh", "emphasize", "question", "custom", "sticker", "", "x"])
def test_others_say_nothing_of_it(database: Database, kind: str) -> None:
    assert react(database, kind) is None
    assert rating(database) is None


def test_who_changes_their_mind_is_believed(database: Database) -> None:
    react(database, "like")
    react(database, "like", added=False)
    assert rating(database) is None
    react(database, "dislike")
    react(database, "like", added=False)  # of before, late
    assert rating(database) == -1


def test_a_message_that_is_no_answer_is_not_rated(database: Database) -> None:
    assert react(database, "like", to="somebody else's") is None
    assert rating(database) is None
