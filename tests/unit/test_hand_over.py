"""What a person is told when their chat is left to people."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.answers.checkpoints import Composed
from app.answers.hand_over import WAITING_SECONDS, HandOverWords
from app.responders.factory import opening_note_of
from app.responders.protocol import Answer, HandOver, Question
from app.settings import load_settings
from app.store.desk import HandOverPlan

THURSDAY_NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 22, tzinfo=UTC)
RULES = """
time_zone: UTC
hours:
  monday-friday: 9:00-18:00
default: I do not know.
rules:
  hello:
    keywords: [hello]
    answer: Hello!
"""


def told(
    answer: Answer, text: str = "Hi", language: str = "en", at: datetime = SATURDAY, **settings: Any
) -> Answer:
    settings.setdefault("admin_token", "a token of some length")
    found = load_settings(**settings)
    words = HandOverWords(found, opening_note_of(found))
    question = Question(text, "c", "m", "s", at, language=language)
    return asyncio.run(words.told(answer, question))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return file


def test_who_asks_for_a_person_is_told_that_one_will_come() -> None:
    answer = told(Answer("You said: a person please"), "A person, please")
    assert answer.text == "I am passing this on to a colleague, who will get back to you here."
    assert answer.hand_over == HandOver("asked", "A person, please")
    assert answer.reason == "person"


def test_a_responder_with_words_of_its_own_for_that_is_left_to_say_them() -> None:
    own = Answer("Sam will call you.", hand_over_seconds=3600)
    assert told(own, "A person, please").text == "Sam will call you."
    assert told(own, "A person, please").hand_over == HandOver("other", "A person, please")


def test_outside_the_hours_it_is_told_when_somebody_is_there(rules: Path) -> None:
    unsure = Answer("I cannot say.", hand_over=HandOver("complaint", "about the cake"))
    closed = told(unsure, rules_file=rules)
    assert closed.text == (
        "I cannot say. I am passing this on to a colleague, who will get back to you here. "
        "We are open again on Monday at 9 am."
    )
    assert closed.hand_over == HandOver("complaint", "about the cake")
    assert "open" not in told(unsure, rules_file=rules, at=THURSDAY_NOON).text
    german = told(unsure, language="de", rules_file=rules)
    assert german.text.endswith("Wir sind am Montag um 9 Uhr wieder da.")


def test_a_rules_file_that_cannot_be_read_takes_no_hand_over_away(rules: Path) -> None:
    rules.write_text("rules: {")
    assert told(Answer("Hm."), "a person please", rules_file=rules).hand_over


def test_where_nobody_could_come_nobody_is_promised() -> None:
    unsure = Answer("I cannot say.", hand_over=HandOver("not_known"))
    alone = told(unsure, admin_token="")
    assert (alone.text, alone.hand_over) == ("I cannot say.", None)
    assert told(Answer("Hm."), "a person please", admin_token="").text == "Hm."
    alerted = told(unsure, admin_token="", alert_url="http://127.0.0.1:9/")
    assert alerted.hand_over is not None


def test_an_answer_that_is_silent_stays_so() -> None:
    silent = Answer(silent=True, hand_over=HandOver("urgent"))
    assert told(silent) == silent


@pytest.mark.parametrize(
    ("composed", "plan"),
    [
        (Composed(), None),
        (
            Composed(hand_over="asked"),
            HandOverPlan("asked", "about", WAITING_SECONDS, remind_after=900.0),
        ),
        (
            Composed(hand_over="asked", hand_over_seconds=60.0),
            HandOverPlan("asked", "about", 60.0, remind_after=900.0),
        ),
        # Of an older version, which did not store why.
        (
            Composed(hand_over_seconds=60.0),
            HandOverPlan("other", "about", 60.0, remind_after=900.0),
        ),
    ],
)
def test_what_is_done_once_the_answer_is_over(
    composed: Composed, plan: HandOverPlan | None
) -> None:
    settings = load_settings(admin_token="a token of some length")
    assert HandOverWords(settings).plan(composed, "about") == plan
