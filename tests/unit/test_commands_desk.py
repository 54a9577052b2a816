"""The commands that tell an owner whether the desk answers well."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from app.cli.commands import voicememo
from app.store import ledger
from app.store.database import Database
from app.store.tables import answers, turns

DOCS = Path(__file__).parents[2] / "docs"
RULES = str(DOCS / "support.rules.yaml")
KNOWLEDGE = str(DOCS / "desk" / "knowledge")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(voicememo, arguments)


def cases(folder: Path, *found: dict[str, Any]) -> str:
    file = folder / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, found)), encoding="utf-8")
    return str(file)


def test_the_sample_desk_answers_its_cases() -> None:
    done = run(
        "evaluate", str(DOCS / "desk" / "cases.jsonl"), "--responder", "rules,knowledge",
        "--rules", RULES, "--knowledge", KNOWLEDGE, "--at-least", "100",
    )  # fmt: skip
    assert done.exit_code == 0, done.output


def test_misses_are_shown_and_fail_below_the_aim(tmp_path: Path) -> None:
    file = cases(
        tmp_path,
        {"text": "how long is the warranty?", "language": "en", "expect": "rule:warranty"},
        {"text": "how long is the warranty?", "language": "en", "expect": "rule:payment"},
        {"text": "where is my order?", "language": "en", "expect": "rule:order-status"},
    )
    arguments = ("evaluate", file, "--responder", "rules", "--rules", RULES, "--at-least")
    assert run(*arguments, "66").exit_code == 0
    missed = run(*arguments, "67")
    assert missed.exit_code == 1
    assert "rule:payment" in missed.output
    assert "rule:warranty" in missed.output


@pytest.mark.parametrize("line", ["{", "[]", '{"text": "hi"}', '{"text": "hi", "expect": 7}'])
def test_cases_that_cannot_be_read_are_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(line, encoding="utf-8")
    done = run("evaluate", str(file), "--responder", "echo")
    assert done.exit_code == 1
    assert "line 1" in done.output


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("can I test ride a bike?", "sure: bikes.md#test-rides"),
        ("who won the match last night?", "not known"),
    ],
)
def test_knowledge_is_tried(text: str, verdict: str) -> None:
    done = run("knowledge", "try", text, "--folder", KNOWLEDGE)
    assert done.exit_code == 0, done.output
    assert done.output.startswith(verdict)


def test_knowledge_without_a_folder_says_what_to_give() -> None:
    done = run("knowledge", "try", "hello")
    assert done.exit_code == 2
    assert "--folder" in done.output


def test_gaps_are_grouped_with_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    with closing(Database(url)) as database:
        database.migrate()
        for number, (text, code) in enumerate(
            (
                ("do you rent out canoes", "rule:default"),
                ("can I rent a canoe", "default"),
                ("is there a toilet", "rule:default"),
                ("how long is the warranty", "rule:warranty"),
            )
        ):
            said(database, f"m{number}", text, code)
    done = run("rules", "gaps")
    assert done.exit_code == 0, done.output
    assert "   2  cano rent" in done.output
    assert "   1  " in done.output
    assert "toilet" in done.output
    assert "warranty" not in done.output
    assert run("rules", "gaps", "--days", "0").output.startswith("nothing in the last 0 days")
    first, _ = json.loads(run("rules", "gaps", "--json").stdout)
    assert (first["count"], len(first["messages"])) == (2, 2)


def test_what_is_tried_is_told_to_programs(tmp_path: Path) -> None:
    asked = ("knowledge", "try", "can I test ride a bike?", "--folder", KNOWLEDGE, "--json")
    assert json.loads(run(*asked).stdout)["sure"] == "bikes.md#test-rides"
    file = cases(tmp_path, {"text": "hi", "language": "en", "expect": "echo"})
    (result,) = json.loads(run("evaluate", file, "--responder", "echo", "--json").stdout)
    assert (result["line"], result["verdict"]) == (1, "right")


def said(database: Database, message_id: str, text: str, code: str) -> None:
    """A message that was answered with this code."""
    answer_id, now = f"answer:{message_id}", time.time()
    turn = {"chat_id": "chat", "answer_id": answer_id, "role": "user", "text": text, "at": now}

    def store(connection: sa.Connection) -> None:
        ledger.open_answer(connection, answer_id, "chat", "inbound", text="Words")
        connection.execute(
            answers.update().where(answers.c.answer_id == answer_id).values(responder_code=code)
        )
        connection.execute(turns.insert().values(turn))

    database.write_sync(store)
