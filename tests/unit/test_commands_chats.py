"""`voicememo chats`: who has which chat, from a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from app.cli.chats import STATES
from app.cli.commands import voicememo
from app.store import conversations, desk, ledger
from app.store.chat_list import ChatState
from app.store.database import Database
from app.store.tables import answers
from tests.desk import NUMBER, hand_over

OTHER = "+13125550188"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(voicememo, ("chats", *arguments))


def listed(*arguments: str) -> list[dict[str, Any]]:
    done = run("list", "--json", *arguments)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture
def database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Chats of every state: handed over, taken, failed, answered."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    database = Database(sqlite_url)
    database.migrate()
    hand_over(database, "waits")

    def store(connection: sa.Connection) -> None:
        now = time.time()
        for number, (chat_id, state) in enumerate((("fails", "failed"), ("answered", "sent"))):
            ledger.open_answer(connection, f"answer:{chat_id}", chat_id, "inbound", text="Words")
            connection.execute(
                answers.update()
                .where(answers.c.chat_id == chat_id)
                .values(state=state, reason="because", rating=1, created_at=now - number)
            )
            conversations.update_chat(connection, chat_id, handle=OTHER)
        conversations.remember(connection, "answered", "answer:answered", "user", "My secret")
        desk.take(connection, "taken", now=now, seconds=600)

    database.write_sync(store)
    yield database
    database.close()


def test_states_are_those_of_the_store() -> None:
    assert get_args(ChatState) == STATES


def state_of(database: Database, chat_id: str) -> str | None:
    return database.read_sync(lambda c: desk.of_chat(c, chat_id, time.time())).state


def test_who_waits_is_listed_first_and_numbers_are_masked(database: Database) -> None:
    found = listed()
    assert [(one["chat_id"], one["state"]) for one in found] == [
        ("waits", "waiting"), ("taken", "person"), ("fails", "failed"), ("answered", "bot"),
    ]  # fmt: skip
    assert (found[0]["reason"], found[0]["number"]) == ("asked", "+1312…77")
    table = run("list").stdout
    assert "+1312…77" in table
    assert NUMBER not in table
    assert NUMBER in run("list", "--numbers").stdout


@pytest.mark.parametrize("state", STATES)
def test_chats_of_one_state_are_listed(database: Database, state: str) -> None:
    assert [one["state"] for one in listed("--state", state)] == [state]


def test_so_many_are_listed_as_are_asked_for(database: Database) -> None:
    assert len(listed("--limit", "3")) == 3


def test_a_chat_is_shown_without_words_unless_these_are_asked_for(database: Database) -> None:
    shown = run("show", "answered")
    assert shown.exit_code == 0, shown.output
    assert "(9 characters)" in shown.stdout
    assert "answer:answered  sent because 👍" in shown.stdout
    assert "secret" not in shown.stdout
    assert "My secret" in run("show", "answered", "--words").stdout
    told = json.loads(run("show", "waits", "--json").stdout)
    assert (told["state"], told["answers"], told["turns"]) == ("waiting", [], [])
    assert "bike" not in json.dumps(told)
    assert json.loads(run("show", "waits", "--words", "--json").stdout)["summary"]


def test_a_chat_is_taken_and_returned(database: Database) -> None:
    taken = run("take", "waits", "--minutes", "5")
    assert taken.exit_code == 0, taken.output
    assert "waits: with a person until" in taken.stdout
    assert state_of(database, "waits") == "person"
    assert "with the bot again" in run("return", "waits").stdout
    assert state_of(database, "waits") is None
    again = run("return", "waits")
    assert (again.exit_code, "has it already" in again.stdout) == (0, True)


def test_where_takeovers_are_off_a_chat_can_still_be_taken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMO_TAKEOVER_SECONDS", "0")
    assert run("take", "answered").exit_code == 0
    assert state_of(database, "answered") == "person"


@pytest.mark.parametrize("end", ["0177", "177", "+13125550177", "(312) 555-0177"])
def test_the_end_of_a_number_is_enough_where_it_is_unique(database: Database, end: str) -> None:
    assert run("show", end).stdout.startswith("chat_id          waits")


@pytest.mark.parametrize("command", ["show", "take", "return"])
def test_a_chat_that_is_not_clear_is_an_error(database: Database, command: str) -> None:
    several = run(command, "0188")
    assert several.exit_code == 1
    assert "several chats are meant by 0188: answered, fails" in several.output
    for wanted in ("nobody", "77", "555999"):
        none = run(command, wanted)
        assert none.exit_code == 1
        assert "no chat has the id" in none.output
