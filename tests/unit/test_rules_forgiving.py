"""Messages as people type them: greetings with a question, errors, shorthand, follow-ups, days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.responders.protocol import Answer, HandOver, Question, Turn
from app.responders.rules.errors import RulesError
from app.responders.rules.reading import read_rules
from app.responders.rules.report import check_examples
from app.responders.rules.responder import default_of, found_in

THURSDAY = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)

RULES = """\
name: Bluebird Bikes
languages: [en, de]
time_zone: Europe/Berlin
hours:
  monday-friday: 9:00-12:30, 13:30-18:00
  saturday: 10:00-14:00
holidays:
  - 12-24: 10:00-13:00
  - 12-25 to 12-26
words:
  bike: {en: [bike, bicycle], de: [rad, fahrrad]}
default: {en: "Pardon?", de: "Wie bitte?"}
still_unknown:
  - {en: "Say it in other words?", de: "Bitte anders gesagt?"}
  - answer: {en: "A colleague will help.", de: "Jemand hilft Ihnen."}
    hand_over: 1 hour
rules:
  hours:
    keywords: {en: [open, hours], de: [geöffnet, öffnungszeiten]}
    answer: {en: "Our hours are {hours}.", de: "Offen {hours}."}
  delivery:
    about: {en: delivery, de: die Lieferung}
    keywords: {en: [delivery, shipping], de: [lieferung, versand]}
    answer: {en: In three days., de: In drei Tagen.}
    write: {en: "https://example.com/delivery"}
    examples: [when will it be delivered, Wie lange dauert der Versand?]
    counterexamples: [do you deliver babies on the moon and mars]
  delivery-cost:
    keywords: {en: [delivery cost], de: [kosten lieferung, kosten versand]}
    answer: {en: Five euros., de: Fünf Euro.}
  rent:
    keywords: {en: [rent $bike], de: [$bike leihen, $bike mieten]}
    unless: {en: [tandem], de: [tandem]}
    answer: {en: Ten euros a day., de: Zehn Euro am Tag.}
  poison:
    keywords: {de: [gift]}
    answer: {en: No., de: Nein.}
  returns:
    about: {en: returns, de: die Rückgabe}
    keywords: {en: [exchange helmet], de: [umtausch]}
    answer: {en: Thirty days., de: Dreißig Tage.}
  helmets:
    about: {en: helmets, de: Helme}
    keywords: {en: [helmet exchange], de: [helm]}
    answer: {en: We have helmets., de: Wir haben Helme.}
  greeting:
    keywords: {en: [hello, good morning], de: [hallo, guten tag]}
    answer: {en: Hello!, de: Guten Tag!}
  thanks:
    keywords: {en: [thanks], de: [danke]}
    answer: {en: You are welcome., de: Gern.}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def ask(file: Path, text: str, *before: str, language: str | None = None) -> Answer:
    """`before` are earlier messages of the chat, each followed by the desk's answer."""
    book = read_rules(file)
    history: tuple[Turn, ...] = ()
    for said in (*before, text):
        question = Question(
            said, "c", "m", "s", received_at=THURSDAY, history=history, language=language
        )
        answer = found_in(book, question) or default_of(book, question)
        history += (Turn("user", said, THURSDAY), Turn("assistant", answer.text, THURSDAY))
    return answer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # A greeting swallows no question, answered or not.
        ("hello, how much is shiping", "rule:delivery-cost"),
        ("Guten Tag, wie lange dauert der Versand", "rule:delivery"),
        ("hello, do you sell fish", "rule:default"),
        ("Hello! Do you sell fish?", "rule:default"),
        ("helloooo", "rule:greeting"),
        ("hello Maria", "rule:greeting"),
        ("Hallo zusammen", "rule:greeting"),
        ("ok thanks a lot", "rule:thanks"),
        ("thx!!", "rule:thanks"),
        # Typing errors, word forms, what is written as one or apart, letters for umlauts.
        ("delievry?", "rule:delivery"),
        ("when will it be delivered", "rule:delivery"),
        ("was sind die oeffnungszeiten", "rule:hours"),
        ("wo steht die expresslieferung", "rule:delivery"),
        # Shared words, exclusions.
        ("can I rent a bicycle", "rule:rent"),
        ("can I rent a tandem bike", "rule:default"),
        ("Kann man ein Rad mieten?", "rule:rent"),
        # A keyword belongs to the messages of its language.
        ("I need a gift for my sister", "rule:default"),
        ("Ist das Gift?", "rule:poison"),
        # Two questions, in the order they were asked.
        ("are you open today and do you rent bikes?", "rule:hours+rent"),
        ("Do you rent bikes? And what does delivery cost?", "rule:rent+delivery-cost"),
        # What a word is only mentioned in is no question about it.
        ("my uncle said his neighbour keeps seven parrots in open cages", "rule:default"),
    ],
)
def test_what_was_meant_is_answered(file: Path, text: str, reason: str) -> None:
    assert ask(file, text).reason == reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("are you open tomorrow?", "Tomorrow we are open from 9 am to 12:30 pm and from 1:30 pm "
                                   "to 6 pm."),
        ("r u open on sat", "On Saturday we are open from 10 am to 2 pm."),
        ("open sunday?", "On Sunday we are closed. We open again on Monday at 9 am."),
        ("are you open next friday", "On Friday, November 27, we are open from 9 am to 12:30 pm "
                                     "and from 1:30 pm to 6 pm."),
        ("are you open on christmas eve", "On Thursday, December 24, we are open from 10 am to "
                                          "1 pm."),
        ("open on christmas?", "On Friday, December 25, we are closed. We open again on "
                               "December 28 at 9 am."),
        ("Habt ihr am 24.12. geöffnet?", "Am Donnerstag, den 24. Dezember, haben wir von 10 Uhr "
                                         "bis 13 Uhr geöffnet."),
        ("Habt ihr übermorgen auf?", "Am Samstag haben wir von 10 Uhr bis 14 Uhr geöffnet."),
        ("are you open on the weekend", "On Saturday we are open from 10 am to 2 pm. On Sunday we "
                                        "are closed. We open again on Monday at 9 am."),
        ("what are your hours", "Our hours are Monday to Friday from 9 am to 12:30 pm and from "
                                "1:30 pm to 6 pm, Saturday from 10 am to 2 pm."),
    ],
)  # fmt: skip
def test_days_are_answered_from_hours_and_holidays(file: Path, text: str, said: str) -> None:
    assert ask(file, text).text == said


def test_a_follow_up_goes_on_with_the_last_topic(file: Path) -> None:
    answer = ask(file, "and on Sunday?", "are you open on Saturday?")
    assert answer.reason == "rule:hours"
    assert "On Sunday we are closed" in answer.text
    assert ask(file, "and what does it cost?", "how long is delivery?").text == "Five euros."
    assert ask(file, "and the moon?", "are you open on Saturday?").reason == "rule:default"


def test_an_old_topic_is_not_gone_on_with(file: Path) -> None:
    old = THURSDAY - timedelta(hours=5)
    question = Question(
        "and the price?", "c", "m", "s", THURSDAY,
        history=(Turn("user", "how long is delivery", old), Turn("assistant", "Three days", old)),
    )  # fmt: skip
    assert found_in(read_rules(file), question) is None


def test_a_close_call_asks_and_the_answer_is_understood(file: Path) -> None:
    asked = ask(file, "helmet exchange?")
    assert asked.text == "Did you mean returns or helmets?"
    assert asked.reason == "ask:returns+helmets"
    assert ask(file, "the second one", "helmet exchange?").reason == "rule:helmets"
    assert ask(file, "returns please", "helmet exchange?").reason == "rule:returns"


def test_what_must_be_read_is_written_beside_what_is_said(file: Path) -> None:
    answer = ask(file, "how long does delivery take?")
    assert (answer.text, answer.written) == ("In three days.", "https://example.com/delivery")


def test_misses_in_a_row_are_answered_otherwise_and_then_handed_over(file: Path) -> None:
    misses = ("sing a song", "sing me a song", "why not")
    first, second, third = (ask(file, *reversed(misses[: n + 1])) for n in range(3))
    assert (first.text, first.hand_over) == ("Pardon?", None)
    assert (second.text, second.hand_over) == ("Say it in other words?", None)
    assert (third.text, third.hand_over_seconds) == ("A colleague will help.", 3_600)
    assert third.hand_over == HandOver("not_known", "why not")
    # An answer between them ends the row.
    assert ask(file, "sing a song", "sing a song", "do you rent bikes").text == "Pardon?"


def test_where_the_file_does_not_say_when_two_misses_in_a_row_are_handed_over(file: Path) -> None:
    file.write_text(RULES.replace("    hand_over: 1 hour\n", ""), encoding="utf-8")
    assert ask(file, "sing a song").hand_over is None
    missed = ask(file, "sing me a song", "sing a song")
    assert missed.text == "Say it in other words?"
    assert missed.hand_over == HandOver("not_known", "sing me a song")


def test_who_asks_for_a_person_is_handed_over_with_a_summary(file: Path) -> None:
    text = RULES + "  person: {keywords: [human], hand_over: 2 hours, answer: Of course.}\n"
    file.write_text(text, encoding="utf-8")
    assert ask(file, "a human,\nplease").hand_over == HandOver("asked", "a human, please")


def test_the_owners_examples_are_checked(file: Path) -> None:
    results = check_examples(file, lambda _: None)
    assert [(result.example.line, result.is_right) for result in results] == [
        (26, True),
        (26, True),
        (27, True),
    ]
    file.write_text(RULES.replace("when will it be delivered", "tell me a joke"), encoding="utf-8")
    wrong = [str(result) for result in check_examples(file, lambda _: None) if not result.is_right]
    assert wrong == ["line 26: delivery must answer 'tell me a joke'; the default does"]


@pytest.mark.parametrize(
    ("yaml", "line", "expected"),
    [
        ("default: Note: we are closed\nrules: {}\n", 1, "quotes around a text with a colon"),
        ("default: Hi.\nrules:\n\tx: y\n", 3, "spaces at the beginning of the line; found a tab"),
        ("default: 'Hi.\nrules: {}\n", 1, "a closing quote or bracket"),
        ("default: Hi.\nrules:\n  a: {keywords: [$hop], answer: b}\n", 3, "'$hop'"),
        ("words: {shop: [a]}\ndefault: Hi.\nrules:\n  a: {keywords: [$shp], answer: b}\n", 4,
         "did you mean 'shop'?"),
        ("default: Hi.\nrules:\n  default: {keywords: [a], answer: b}\n", 3, "another name"),
    ],
)  # fmt: skip
def test_slips_are_named_in_the_owners_words(
    file: Path, yaml: str, line: int, expected: str
) -> None:
    file.write_text(yaml, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        read_rules(file)
    assert expected in str(caught.value)
    assert caught.value.mistakes[0].line == line
