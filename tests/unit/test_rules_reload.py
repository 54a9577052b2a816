"""A changed rules file holds from the next second on; a broken one never does."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.responders.protocol import Question
from app.responders.rules.errors import RulesError
from app.responders.rules.responder import RulesResponder


class Desk:
    """A responder on a file, and a clock that stands until it is moved."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds = 100.0
        self.write("one")
        self.responder = RulesResponder(file, monotonic=lambda: self.seconds)

    def write(self, answer: str) -> None:
        self.file.write_text(f"default: {answer}\nrules: {{}}\n", encoding="utf-8")
        self._age = getattr(self, "_age", 0) + 1
        os.utime(self.file, ns=(self._age * 10**9, self._age * 10**9))

    def ask(self) -> str:
        now = datetime(2026, 11, 20, tzinfo=UTC)
        question = Question("Hi", "chat", "message", "+15550100", now)
        return asyncio.run(self.responder.answer(question)).text


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "rules.yaml")


def test_a_change_is_seen_within_a_second_and_not_looked_for_more_often(desk: Desk) -> None:
    assert desk.ask() == "one"
    desk.write("two")
    desk.seconds += 0.9
    assert desk.ask() == "one"
    desk.seconds += 0.2
    assert desk.ask() == "two"


def test_a_broken_version_is_reported_once_and_the_old_one_kept(desk: Desk) -> None:
    desk.write("[broken")
    with capture_logs() as logs:
        for _ in range(5):
            desk.seconds += 2
            assert desk.ask() == "one"
    assert len(logs) == 1
    assert "line 1" in logs[0]["mistake"] or "line 2" in logs[0]["mistake"]
    desk.write("three")
    desk.seconds += 2
    assert desk.ask() == "three"


def test_a_file_that_vanishes_is_reported_once_and_its_rules_kept(desk: Desk) -> None:
    desk.file.unlink()
    with capture_logs() as logs:
        for _ in range(3):
            desk.seconds += 2
            assert desk.ask() == "one"
    assert [log["log_level"] for log in logs] == ["warning"]
    desk.write("back")
    desk.seconds += 2
    assert desk.ask() == "back"


def test_many_at_once_read_it_once(desk: Desk) -> None:
    async def everybody() -> set[str]:
        desk.write("two")
        desk.seconds += 2
        now = datetime(2026, 11, 20, tzinfo=UTC)
        question = Question("Hi", "chat", "message", "+15550100", now)
        answers = await asyncio.gather(*(desk.responder.answer(question) for _ in range(50)))
        return {answer.text for answer in answers}

    with capture_logs() as logs:
        said = asyncio.run(everybody())
    assert said <= {"one", "two"}
    assert "two" in said
    assert len(logs) == 1


def test_the_first_version_has_to_be_right(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("default:\n", encoding="utf-8")
    with pytest.raises(RulesError):
        RulesResponder(file)
