"""Several responders in a row, and the count of right answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.responders.chain import ChainResponder, Link
from app.responders.evaluation import (
    CaseError,
    Clock,
    Score,
    evaluate,
    judged,
    read_cases,
    score,
)
from app.responders.factory import build_responder
from app.responders.protocol import (
    NOT_MINE,
    Answer,
    HandOver,
    Question,
    ResponderError,
    Turn,
)
from app.responders.rules.reading import read_rules
from app.settings import ConfigurationError, load_settings
from app.speech.language import detect

DESKS = Path(__file__).parents[1] / "corpus" / "desks"
NOW = datetime(2026, 11, 19, 10, tzinfo=UTC)
QUESTION = Question("Hi?", "c", "m", "s", NOW, language="de")


@dataclass
class Finder:
    finds: Callable[[], Awaitable[Answer | None]]
    asked: int = 0

    async def find(self, question: Question) -> Answer | None:
        self.asked += 1
        return await self.finds()

    async def aclose(self) -> None: ...


def gives(answer: Answer | None) -> Finder:
    async def find() -> Answer | None:
        return answer

    return Finder(find)


def raises(error: Exception) -> Finder:
    async def find() -> Answer | None:
        raise error

    return Finder(find)


async def hang() -> Answer | None:
    await asyncio.Event().wait()
    return None


def ask(*finders: Finder, said: tuple[str, ...] = ()) -> Answer:
    """The chain's answer, after it has said these."""
    links = [Link(str(number), finder, 0.2) for number, finder in enumerate(finders)]
    history = tuple(Turn("assistant", text, NOW) for text in said)
    return asyncio.run(ChainResponder(links).answer(replace(QUESTION, history=history)))


def test_the_first_that_is_sure_answers_and_the_rest_are_not_asked() -> None:
    last = gives(Answer("never"))
    assert ask(gives(None), gives(NOT_MINE), gives(Answer("mine")), last).text == "mine"
    assert last.asked == 0


def test_where_none_is_sure_the_default_is_said_and_the_second_time_a_person_told() -> None:
    first = ask(gives(None), gives(None))
    assert (first.reason, first.language, first.hand_over) == ("default", "de", None)
    second = ask(gives(None), gives(None), said=(first.text,))
    assert (second.reason, second.language) == ("default", "de")
    assert second.hand_over == HandOver("not_known", "Hi?")
    known = ask(gives(None), said=(first.text, "From nine to six."))
    assert known.hand_over is None, "in a row"


@pytest.mark.parametrize(
    "broken", [raises(ResponderError("away")), raises(KeyError("secret words")), Finder(hang)]
)
def test_a_link_that_fails_is_passed_over_and_apologised_for_where_nobody_else_knows(
    broken: Finder,
) -> None:
    with capture_logs() as logs:
        assert ask(broken, gives(Answer("mine"))).text == "mine"
    assert [log["event"] for log in logs] == ["link of the chain failed"]
    assert "secret" not in str(logs)
    with capture_logs(), pytest.raises(ResponderError):
        ask(broken, gives(None))


def test_who_was_asked_which_section_is_meant_and_is_not_understood_gets_a_person() -> None:
    async def default(question: Question) -> Answer:
        return Answer("Pardon?", reason="rule:default")

    chain = ChainResponder([Link("none", gives(None), 0.2)], default)
    asked = replace(
        QUESTION, history=(Turn("assistant", "Geht es Ihnen um “Zecken”?", NOW),), text="nein"
    )
    assert asyncio.run(chain.answer(QUESTION)).hand_over is None
    assert asyncio.run(chain.answer(asked)).hand_over == HandOver("unsure", "nein")


def test_the_chain_of_rules_and_knowledge_and_the_default_of_the_file() -> None:
    settings = load_settings(
        responder="rules, knowledge",
        rules_file=DESKS / "vets" / "rules.yaml",
        knowledge=DESKS / "vets" / "knowledge",
        _env_file=None,
    )
    responder = build_responder(settings)

    def said(text: str) -> str:
        question = Question(text, "c", "m", "s", NOW, language="en")
        return asyncio.run(responder.answer(question)).reason

    assert said("how do I pay?") == "rule:payment"
    assert said("do you treat rabbits?").startswith("knowledge:faq.csv#do-you-treat")
    assert said("what is the capital of Norway?") == "rule:default"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"responder": "rules,knowledge"}, "MEMO_RULES_FILE"),
        ({"responder": "knowledge"}, "MEMO_KNOWLEDGE"),
        ({"responder": "knowledge", "knowledge": "none"}, "MEMO_KNOWLEDGE=none"),
        ({"responder": "rules,rules"}, "twice"),
        ({"responder": "rules,"}, "no responder"),
        ({"responder": "rules;knowledge"}, "several in a row as in"),
    ],
)
def test_a_chain_that_cannot_be_built_says_why(settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        build_responder(load_settings(**settings, _env_file=None))


def test_the_desks_written_beforehand_are_answered_well() -> None:
    total = Score(0, 0, 0, 0, 0)
    for desk in ("salon", "vets", "guesthouse"):
        clock = Clock(NOW)
        settings = load_settings(
            responder="rules,knowledge",
            rules_file=DESKS / desk / "rules.yaml",
            knowledge=DESKS / desk / "knowledge",
            _env_file=None,
        )
        hours = read_rules(DESKS / desk / "rules.yaml").hours
        assert hours is not None
        results = asyncio.run(
            evaluate(
                read_cases(DESKS / desk / "cases.jsonl"),
                build_responder(settings, now=clock.now),
                clock,
                zone=hours.zone,
                language_of=lambda text: detect(text, "") or None,
            )
        )
        found = score(results)
        total = Score(
            *(a + b for a, b in zip(vars(total).values(), vars(found).values(), strict=True))
        )
    answerable = total.right + total.not_known + total.wrong
    assert answerable == 81
    assert total.right >= 0.85 * answerable
    assert total.wrong <= 0.05 * answerable
    assert total.answered <= 0.1 * (total.quiet + total.answered)


@pytest.mark.parametrize(
    ("expect", "reason", "verdict"),
    [
        ("rule:a", "rule:a", "right"),
        ("rule:a+b", "rule:b+a", "right"),
        ("rule:a+b", "rule:a", "not known"),
        ("rule:a", "rule:a+b", "wrong"),
        ("rule:a", "rule:default", "not known"),
        ("rule:a", "ask:a+b", "not known"),
        ("rule:a", "rule:b", "wrong"),
        ("default", "default", "right"),
        ("default", "ask:a+b", "right"),
        ("default", "rule:a", "wrong"),
        ("knowledge:f.md#a", "openai:f.md#a", "right"),
    ],
)
def test_an_answer_is_judged(tmp_path: Path, expect: str, reason: str, verdict: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({"text": "Hi", "expect": expect}), encoding="utf-8")
    assert judged(read_cases(file)[0], Answer("x", reason=reason)).verdict == verdict


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"text": 1, "expect": "a"}', '{"text": "a", "expect": "b", "x": 1}',
             '{"text": "a", "expect": "b", "says": "("}', '{"text": "a", "expect": "b", "at": "x"}']
)  # fmt: skip
def test_a_case_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"text": "a", "expect": "rule:b"}\n' + line, encoding="utf-8")
    with pytest.raises(CaseError, match="line 2: expected"):
        read_cases(file)
