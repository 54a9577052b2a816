"""Which rule answers, in which language, and why."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.responders.protocol import Answer
from app.responders.rules.reading import read_rules
from app.responders.rules.report import Explanation, explain
from app.responders.rules.responder import answer_from

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

RULES = """\
languages: [en, de, pt-BR]
default: {en: default en, de: default de, pt-BR: default pt}
rules:
  gift:
    keywords: {en: [gift, present], de: [geschenk*], pt-BR: [presente]}
    answer: {en: gift en, de: gift de, pt-BR: gift pt}
  poison:
    keywords: {de: [gift, giftig]}
    answer: {en: poison en, de: poison de}
  hours:
    keywords: {en: [open, hours]}
    phrases: {en: [when do you open]}
    answer: {en: hours en, de: hours de}
  open-box:
    phrases: {en: [open box]}
    answer: {en: open-box en}
  order:
    patterns: ['\\bBB[- ]?\\d{5}\\b']
    answer: {en: order en, de: order de}
  refund:
    keywords: [refund*, money back]
    answer: {en: refund en, de: refund de}
  emoji:
    keywords: ['👍']
    silent: true
  person:
    keywords: [person]
    priority: 1
    hand_over: 30 minutes
    answer: {en: person en, de: person de}
  hello:
    keywords: [hello, good morning]
    priority: -1
    answer: {en: hello en, de: hello de}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def ask(file: Path, text: str, language: str | None = None) -> Answer:
    return answer_from(read_rules(file), text, language, NOW)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("When do you open?", "hours"),
        ("an open box offer", "open-box"),  # a phrase counts more than a keyword
        ("open hours of the open box", "open-box"),  # 4 + 1 points against 2
        ("I want my money, please give it back", "refund"),  # several words, any order
        ("BB-12345", "order"),
        ("bb 12345?", "order"),
        ("BB-123456", "default"),  # the pattern wants five digits
        ("reopen the case", "default"),  # no word of it is `open`
        ("hello", "hello"),
        ("Hello, good morning! Are you open?", "hours"),  # a low priority waits for all others
        ("Refunds, refunds! I want a person", "person"),  # a high one comes before all
        ("", "default"),
        ("?!", "default"),
        ("gift open", "gift"),  # equal points: the earlier in the file
    ],
)
def test_the_right_rule_answers(file: Path, text: str, rule: str) -> None:
    assert ask(file, text, "en").reason == f"rule:{rule}"


@pytest.mark.parametrize(
    ("text", "language", "said", "said_in"),
    [
        # The language of the question, where a trigger in it or for all languages matched.
        ("gift?", "en", "gift en", "en"),
        ("gift?", "de", "poison de", "de"),
        ("refund", "de", "refund de", "de"),
        ("refund", "de-AT", "refund de", "de"),
        ("um presente", "pt", "gift pt", "pt-BR"),
        # Else the language whose trigger matched, whatever was detected.
        ("Geschenke", "en", "gift de", "de"),
        ("Geschenke", None, "gift de", "de"),
        ("giftig", "en", "poison de", "de"),
        # Nothing known of the language: the first of the file.
        ("refund", None, "refund en", "en"),
        ("refund", "fr", "refund en", "en"),
        # No answer in the language: the first there is.
        ("refund", "pt", "refund en", "en"),
        # No rule.
        ("was?", "de", "default de", "de"),
        ("quoi?", "fr", "default en", "en"),
        ("???", None, "default en", "en"),
    ],
)
def test_the_answer_is_in_the_right_language(
    file: Path, text: str, language: str | None, said: str, said_in: str
) -> None:
    answer = ask(file, text, language)
    assert (answer.text, answer.language) == (said, said_in)


def test_a_person_takes_over_for_the_time_the_rule_says(file: Path) -> None:
    assert ask(file, "a person please").hand_over_seconds == 1800
    assert ask(file, "hello").hand_over_seconds == 0


def test_a_rule_can_say_nothing(file: Path) -> None:
    answer = ask(file, "👍🏽")
    assert answer.silent
    assert answer.reason == "rule:emoji"


def test_a_file_without_languages_leaves_the_language_open(file: Path) -> None:
    file.write_text("default: Hm?\nrules: {a: {keywords: a, answer: b}}\n", encoding="utf-8")
    answer = ask(file, "a", "de")
    assert (answer.text, answer.language) == ("b", None)


def test_the_default_can_call_a_person(file: Path) -> None:
    file.write_text(
        "default: {answer: A colleague will help., hand_over: 1 day}\nrules: {}\n",
        encoding="utf-8",
    )
    answer = ask(file, "anything")
    assert (answer.text, answer.hand_over_seconds) == ("A colleague will help.", 86_400)


def test_a_very_long_text_is_looked_at_no_further_than_its_beginning(file: Path) -> None:
    assert ask(file, "x " * 500_000 + "refund").reason == "rule:default"
    assert ask(file, "refund " + "x " * 500_000).reason == "rule:refund"


def test_patterns_that_take_for_ever_are_given_up_and_the_others_still_answer(file: Path) -> None:
    # What makes them slow stands behind a letter that no check at load can guess.
    file.write_text(
        "default: no\nrules:\n"
        "  slow: {patterns: ['[éè](x|xx|X)+;', '[èé](x|xx|X)+;'], answer: slow}\n"
        "  quick: {keywords: [help], answer: quick}\n",
        encoding="utf-8",
    )
    book = read_rules(file)
    began = time.process_time()
    with capture_logs() as logs:
        answer = answer_from(book, "help é" + "x" * 1500 + " ;", None, NOW)
    assert answer.text == "quick"
    assert time.process_time() - began < 2
    # One used up the time of all, and the log says which.
    assert [log["pattern"] for log in logs] == ["[éè](x|xx|X)+;"]
    assert answer_from(book, "éxxx;", None, NOW).text == "slow"


def said(explanation: Explanation) -> list[str]:
    return str(explanation).splitlines()


def test_what_matched_is_explained_with_its_points_and_lines(file: Path) -> None:
    lines = said(explain(file, "Hello! When do YOU open the open box?", NOW, "en"))
    assert lines == [
        "hours (line 10) answers: 8 points",
        "  keyword 'open' in en (line 11) found in 'open', 1 a word",
        "  phrase 'when do you open' in en (line 12) found in 'When do YOU open', 2 a word",
        "open-box (line 14) also matches: 4 points",
        "  phrase 'open box' in en (line 15) found in 'open box', 2 a word",
        "hello (line 31) does not answer, more was said than that: 1 points, priority -1",
        "  keyword 'hello' (line 32) found in 'Hello', 1 a word",
        "says in en: hours en",
    ]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("prsent", None),  # near enough to match
        ("Do you rfnd things", "refund (line 20) nearly matches: keyword 'refund*' looks like"),
        ("box now open", None),
        ("zzz", None),
    ],
)
def test_what_nearly_matched_is_explained(file: Path, text: str, near: str | None) -> None:
    lines = [line for line in said(explain(file, text, NOW)) if "nearly" in line]
    if near is None:
        assert not [line for line in lines if "gift" in line]
    else:
        assert any(line.startswith(near) for line in lines)


def test_open_or_closed_at_that_moment_is_explained(file: Path) -> None:
    file.write_text(
        "languages: [en]\ntime_zone: America/New_York\nhours: {mon-fri: 9-17}\n"
        "default: {open: 'Until {closes}.', closed: 'Again {opens}.'}\nrules: {}\n",
        encoding="utf-8",
    )
    # A moment without a zone is a local one of the file.
    assert said(explain(file, "x", datetime(2026, 11, 20, 16, 59))) == [
        "Friday 2026-11-20 16:59 EST: open, closes Friday 2026-11-20 17:00",
        "no rule matches; the default answers",
        "says in en: Until 5 pm.",
    ]
    assert said(explain(file, "x", datetime(2026, 11, 20, 22, tzinfo=UTC))) == [
        "Friday 2026-11-20 17:00 EST: closed, opens Monday 2026-11-23 09:00",
        "no rule matches; the default answers",
        "says in en: Again on Monday at 9 am.",
    ]
