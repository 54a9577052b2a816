"""The sample support desk: ten questions in two languages, hand-over, closing time."""

from __future__ import annotations

import asyncio
import functools
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.responders.protocol import Answer, Question
from app.responders.rules.report import check_rules
from app.responders.rules.responder import RulesResponder

SAMPLE = Path(__file__).parents[2] / "docs" / "support.rules.yaml"
FRIDAY_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@functools.cache
def desk(at: datetime) -> RulesResponder:
    return RulesResponder(SAMPLE, now=lambda: at.astimezone(UTC))


def ask(text: str, at: datetime = FRIDAY_NOON, language: str | None = None) -> Answer:
    question = Question(text, "chat", "message", "+15550100", at, language=language)
    return asyncio.run(desk(at).answer(question))


def test_the_sample_has_no_mistake_and_nothing_doubtful() -> None:
    assert check_rules(SAMPLE).warnings == ()


@pytest.mark.parametrize(
    ("text", "rule", "part"),
    [
        ("Hello there!", "greeting", "this is Bluebird Bikes"),
        (
            "Hi, when do you open tomorrow?",
            "opening-hours",
            "Tomorrow we are open from 10 am to 2 pm",
        ),
        ("Where is your shop, and is there parking?", "address", "Lime Street"),
        ("How long does delivery take?", "delivery-time", "three working days"),
        ("How much does delivery cost?", "delivery-cost", "five euros"),
        ("Hey, where is my order BB-20417?", "order-status", "follow your parcel"),
        ("I'd like to cancel my order", "cancel-order", "confirmation e-mail"),
        ("Can I send it back and get a refund?", "returns", "thirty days"),
        ("my brakes are broken, can you fix them", "repairs", "workshop"),
        ("How long is the warranty?", "warranty", "two years"),
        ("Do you take PayPal, or can I pay by card?", "payment", "bank transfer"),
        ("Thanks, bye", "goodbye", "good ride"),
        ("What is the meaning of life?", "default", "talk to a person"),
    ],
)
def test_ten_questions_in_english(text: str, rule: str, part: str) -> None:
    answer = ask(text, language="en")
    assert answer.reason == f"rule:{rule}"
    assert part in answer.text
    assert answer.language == "en"


@pytest.mark.parametrize("language", ["de", None, "en"])
@pytest.mark.parametrize(
    ("text", "rule", "part"),
    [
        ("Moin!", "greeting", "hier ist Bluebird Bikes"),
        ("Wann öffnen Sie morgen?", "opening-hours", "Morgen haben wir von 10 Uhr bis 14 Uhr"),
        ("Wie ist eure Adresse?", "address", "Lindenstraße"),
        ("Wie lange dauert die Lieferung?", "delivery-time", "drei Werktagen"),
        ("Was kostet der Versand?", "delivery-cost", "fünf Euro"),
        ("Wo ist meine Bestellung?", "order-status", "Sendungsverfolgung"),
        ("Ich möchte meine Bestellung stornieren", "cancel-order", "Bestätigungs-E-Mail"),
        ("Kann ich das zurückschicken?", "returns", "dreißig Tagen"),
        ("Meine Bremsen sind kaputt", "repairs", "Werkstatt"),
        ("WIE IST DAS MIT DER GEWAHRLEISTUNG", "warranty", "zwei Jahre"),
        ("Kann ich in Raten zahlen?", "payment", "Monatsraten"),
        ("Danke und tschüss", "goodbye", "Gute Fahrt"),
    ],
)
def test_ten_questions_in_german_whatever_language_was_detected(
    text: str, rule: str, part: str, language: str | None
) -> None:
    answer = ask(text, language=language)
    assert answer.reason == f"rule:{rule}"
    assert part in answer.text
    assert answer.language == "de"


@pytest.mark.parametrize(
    ("at", "part"),
    [
        ("2026-11-20 12:00", "We are open now, and we close at 12:30 pm."),
        ("2026-11-20 12:45", "open again at 1:30 pm."),
        ("2026-11-20 17:59", "we close at 6 pm."),
        ("2026-11-20 18:00", "open again tomorrow at 10 am."),
        ("2026-11-21 15:00", "open again on Monday at 9 am."),
        ("2026-12-24 12:00", "we close at 1 pm."),
        ("2026-12-24 13:00", "open again on Monday at 9 am."),
        ("2026-12-31 23:00", "open again on Saturday at 10 am."),
    ],
)
def test_closing_time(at: str, part: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert part in ask("Are you open?", moment).text


def test_who_asks_for_a_person_gets_one_and_the_bot_stays_quiet() -> None:
    answer = ask("Hello, I have a refund question, can I talk to a person about my order?")
    assert answer.reason == "rule:person"
    assert answer.text == "Of course. A colleague will call you within the hour."
    assert answer.hand_over_seconds == 7200


def test_after_closing_time_the_person_calls_when_it_opens() -> None:
    evening = datetime(2026, 11, 20, 19, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    answer = ask("Ich möchte mit einem Menschen sprechen", evening)
    assert "öffnen wieder morgen um 10 Uhr" in answer.text
    assert answer.hand_over_seconds == 7200
