"""An answer moves on in one run at a time, and ends once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from app.linq.events import InboundMessage, Part
from app.store import ledger, messages, transitions
from app.store.database import Database
from app.store.ledger import TERMINAL_STATES, AnswerRecord, State
from app.store.sealing import Sealer
from app.store.tables import answers
from app.store.transitions import AnswerLost, Run, Spoken

R = TypeVar("R")
SEALER = Sealer("key")
SPOKEN = Spoken("espeak", "en", 2.5, 9_000, {"synthesize": 0.1})

WRITES: dict[str, Callable[[sa.Connection, Run], Any]] = {
    "check": transitions.check,
    "save_checkpoint": lambda c, run: transitions.save_checkpoint(c, run, {"step": "late"}),
    "save_composed": lambda c, run: transitions.save_composed(
        c,
        run,
        {"step": "late"},
        written="",
        spoken="",
        summary="",
        text="Late words",
        language="en",
        voice=None,
        responder_code=None,
        reply_as="voice",
    ),
    "save_synthesized": lambda c, run: transitions.save_synthesized(
        c, run, {"step": "late"}, SPOKEN, "late rest"
    ),
    "finish": lambda c, run: transitions.finish(
        c, run, "failed", "late", detail=None, keep_words=True
    ),
}


class Store:
    """A database in which one message waits for its answer, in a chat of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.chat_id = str(uuid.uuid4())
        self.answer_id = f"answer:{self.chat_id}"
        message = InboundMessage(
            event_id="event",
            message_id=self.chat_id,
            chat_id=self.chat_id,
            sender="+13125550177",
            parts=(Part("text", text="Hello"),),
            sent_at=datetime.now(UTC),
        )
        self.write(
            lambda c: messages.accept(
                c, message, ignore=None, sealer=SEALER, enqueue=lambda *_: None
            )
        )

    def write(self, change: Callable[[sa.Connection], R]) -> R:
        return self.database.write_sync(change)

    def begin(self) -> Run:
        """Begin a run, and claim the message for it."""
        begun = self.write(lambda c: transitions.begin(c, self.answer_id))
        assert begun is not None
        self.write(lambda c: messages.claim(c, self.answer_id, self.chat_id, SEALER, collect=False))
        return Run(self.answer_id, begun[0].runs)

    def finish(self, run: Run, state: State = "sent", *, keep_words: bool = True) -> AnswerRecord:
        return self.write(
            lambda c: transitions.finish(
                c, run, state, "answer", detail=None, keep_words=keep_words
            )
        )

    def row(self) -> dict[str, Any]:
        """The answer as stored."""
        return self.write(
            lambda c: dict(
                c.execute(sa.select(answers).where(answers.c.answer_id == self.answer_id))
                .one()
                ._mapping
            )
        )

    def words(self) -> list[InboundMessage]:
        """What is still kept of the messages that the answer is about."""
        return self.write(lambda c: messages.claimed(c, self.answer_id, SEALER))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One of each kind for all tests."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('transitions') / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def test_each_beginning_is_a_run_with_the_next_number_and_what_the_last_one_finished(
    store: Store,
) -> None:
    first = store.begin()
    store.write(lambda c: transitions.save_checkpoint(c, first, {"step": "one"}))
    begun = store.write(lambda c: transitions.begin(c, store.answer_id))
    assert begun is not None
    record, checkpoint = begun
    assert (first.number, record.runs, record.state) == (1, 2, "working")
    assert checkpoint == {"step": "one"}


def test_what_is_not_known_is_not_begun(store: Store) -> None:
    assert store.write(lambda c: transitions.begin(c, "answer:nobody")) is None


@pytest.mark.parametrize("state", TERMINAL_STATES)
def test_what_is_over_is_not_begun(store: Store, state: State) -> None:
    run = store.begin()
    store.finish(run, state)
    assert store.write(lambda c: transitions.begin(c, store.answer_id)) is None
    assert store.row()["runs"] == 1


@pytest.mark.parametrize("name", WRITES)
def test_a_run_that_was_taken_over_stores_nothing_more(store: Store, name: str) -> None:
    late = store.begin()
    store.begin()
    before = store.row()
    with pytest.raises(AnswerLost):
        store.write(lambda c: WRITES[name](c, late))
    assert store.row() == before


@pytest.mark.parametrize("name", [name for name in WRITES if name != "finish"])
def test_after_its_end_a_run_stores_nothing_more(store: Store, name: str) -> None:
    run = store.begin()
    store.finish(run)
    before = store.row()
    with pytest.raises(AnswerLost):
        store.write(lambda c: WRITES[name](c, run))
    assert store.row() == before


@pytest.mark.parametrize("name", WRITES)
def test_the_run_that_took_over_goes_on(store: Store, name: str) -> None:
    store.begin()
    current = store.begin()
    store.write(lambda c: WRITES[name](c, current))


def test_an_end_whose_commit_was_never_reported_is_not_changed_by_the_repeat(
    store: Store,
) -> None:
    run = store.begin()
    first = store.finish(run, "sent")
    again = store.finish(run, "failed")
    assert again == first
    assert store.row()["state"] == "sent"


def test_a_run_that_was_taken_over_does_not_end_what_the_other_ended(store: Store) -> None:
    late = store.begin()
    store.finish(store.begin(), "sent")
    with pytest.raises(AnswerLost):
        store.finish(late, "failed")
    assert store.row()["state"] == "sent"


@pytest.mark.parametrize(
    ("state", "keep_words", "question", "answer"),
    [
        # What is over for good needs its question no more; its words stay as the retention says.
        ("sent", True, False, True),
        ("sent", False, False, False),
        # What a person may repeat needs its question.
        ("failed", True, True, True),
        ("uncertain", True, True, True),
        ("failed", False, False, False),
    ],
)
def test_what_is_kept_of_an_answer_that_is_over(
    store: Store, state: State, keep_words: bool, question: bool, answer: bool
) -> None:
    run = store.begin()
    store.write(lambda c: WRITES["save_composed"](c, run))
    store.write(lambda c: WRITES["save_synthesized"](c, run))
    store.finish(run, state, keep_words=keep_words)
    row = store.row()
    assert bool(store.words()) is question
    assert bool(row["text"]) is answer
    assert row["rest"] is None
    assert (row["engine"], row["seconds"]) == ("espeak", 2.5)


def test_a_repeated_answer_starts_over(store: Store) -> None:
    run = store.begin()
    store.write(lambda c: WRITES["save_composed"](c, run))
    store.finish(run, "failed")
    assert store.write(lambda c: ledger.reopen(c, store.answer_id)) is not None
    begun = store.write(lambda c: transitions.begin(c, store.answer_id))
    assert begun is not None
    assert begun[1] is None
    assert begun[0].runs == 2
