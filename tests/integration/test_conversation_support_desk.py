"""A support desk from the sample rules file, in two languages: the right memo for each question."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.harness import BotHarness, audible
from tests.integration.transcription import M4A

SAMPLE = Path(__file__).parents[2] / "docs" / "support.rules.yaml"
HAND_OVER_SECONDS = 3

ENGLISH = [
    ("Hello there!", "greeting", "this is Bluebird Bikes"),
    ("Hi, when do you open?", "opening-hours", "Monday to Friday"),
    ("Where is your shop, and is there parking?", "address", "Lime Street"),
    ("How long does delivery take?", "delivery-time", "three working days"),
    ("How much is shipping?", "delivery-cost", "five euros"),
    ("Where is my order?", "order-status", "follow your parcel"),
    ("I want to cancel my order", "cancel-order", "confirmation e-mail"),
    ("Can I return the helmet?", "returns", "thirty days"),
    ("My brakes are broken", "repairs", "workshop"),
    ("How long is the warranty?", "warranty", "two years"),
    ("Do you take PayPal, or can I pay by card?", "payment", "bank transfer"),
    ("What is the meaning of life?", "default", "talk to a person"),
]
GERMAN = [
    ("Moin!", "greeting", "hier ist Bluebird Bikes"),
    ("Wann öffnen Sie?", "opening-hours", "montags bis freitags"),
    ("Wie ist eure Adresse?", "address", "Lindenstraße"),
    ("Wie lange dauert die Lieferung?", "delivery-time", "drei Werktagen"),
    ("Was kostet der Versand?", "delivery-cost", "fünf Euro"),
    ("Wo ist meine Bestellung?", "order-status", "Sendungsverfolgung"),
    ("Ich möchte meine Bestellung stornieren", "cancel-order", "Bestätigungs-E-Mail"),
    ("Kann ich das zurückschicken?", "returns", "dreißig Tagen"),
    ("Meine Bremsen sind kaputt", "repairs", "Werkstatt"),
    ("Kann ich in Raten zahlen?", "payment", "Monatsraten"),
]


class Desk(BotHarness):
    """The support desk, whose opening hours can be set while it is at work."""

    def __init__(self, folder: Path) -> None:
        self._rules = folder / "desk.rules.yaml"
        self.open(hours="monday-sunday: 0:00-24:00")
        super().__init__(folder, MEMO_RESPONDER="rules", MEMO_RULES_FILE=str(self._rules))

    def open(self, hours: str, holidays: str = "01-01") -> None:
        """Rewrites the file with the sample's rules, these hours, and a short hand-over."""
        text = SAMPLE.read_text(encoding="utf-8")
        text, hand_overs = re.subn(
            "hand_over: 2 hours", f"hand_over: {HAND_OVER_SECONDS} seconds", text
        )
        begin, end = text.index("hours:"), text.index("default:")
        text = f"{text[:begin]}hours:\n  {hours}\nholidays: [{holidays}]\n\n{text[end:]}"
        assert hand_overs == 1
        written = self._rules.with_suffix(".new")
        written.write_text(text, encoding="utf-8")
        os.replace(written, self._rules)

    def close_for_today(self) -> None:
        """Today is a holiday, and so is tomorrow in case that midnight is near."""
        berlin = datetime.now(ZoneInfo("Europe/Berlin"))
        days = [berlin, berlin.fromtimestamp(berlin.timestamp() + 86_400, berlin.tzinfo)]
        self.open("monday-sunday: 9:00-18:00", ", ".join(f"{day:%m-%d}" for day in days))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.mark.parametrize(("questions", "language"), [(ENGLISH, "en"), (GERMAN, "de")])
def test_ten_questions_get_the_right_memo_each(
    desk: Desk, questions: list[tuple[str, str, str]], language: str
) -> None:
    asked = {text: desk.say(text, text) for text, _, _ in questions}
    for text, rule, part in questions:
        answer = desk.over(asked[text])
        assert (text, answer.state, answer.responder_code) == (text, "sent", f"rule:{rule}")
        assert part in (answer.text or "")
        assert answer.language == language
        memos = desk.memos(text)
        assert [memo["id"] for memo in memos] == [answer.memo_message_id]
        assert audible(memos)
        texts = desk.texts(text)
        assert len(texts) == (rule == "address"), "only where we are is worth writing"
        assert all(part in one for one in texts)


def test_what_nobody_knew_is_counted(desk: Desk) -> None:
    def counted(responder: str) -> float:
        return desk.bot.metric(rf'voicememo_responders_total\{{responder="{responder}"\}}') or 0

    not_known, rule = counted("not_known"), counted("rule")
    desk.ask("What is the meaning of life?", "counting")
    desk.ask("How long is the warranty?", "counting")
    desk.wait(lambda: (counted("not_known"), counted("rule")) == (not_known + 1, rule + 1))


def test_after_a_hand_over_the_chat_is_left_to_the_person_for_the_set_time(desk: Desk) -> None:
    answer = desk.ask("Can I talk to a person, please?", "handed over")
    assert answer.text == "Of course. A colleague will call you within the hour."
    assert len(desk.memos("handed over")) == 1
    meanwhile = desk.say("Hello? Where is my order?", "handed over")
    elsewhere = desk.ask("Where is my order?", "not handed over")
    assert desk.over(meanwhile).state == "silent"
    assert desk.ended(meanwhile)["reason"] == "hand_over"
    assert len(desk.sent("handed over")) == 1
    assert elsewhere.state == "sent"

    def answered_again() -> bool:
        return desk.ask("Where is my order?", "handed over").state == "sent"

    desk.wait(answered_again, timeout=4 * HAND_OVER_SECONDS)
    assert len(desk.sent("handed over")) == 2


def test_closing_time(desk: Desk) -> None:
    assert "We are open now" in (desk.ask("Are you open?", "open").text or "")
    desk.close_for_today()

    def closed() -> bool:
        return "We are closed" in (desk.ask("Are you open?", "closed").text or "")

    desk.wait(closed)
    person = desk.ask("Kann ich mit einem Menschen sprechen?", "closed in German")
    assert "Gerade ist niemand mehr da, aber wir öffnen wieder" in (person.text or "")
    assert audible(desk.memos("closed in German"))
    desk.open(hours="monday-sunday: 0:00-24:00")


def test_what_could_be_any_language_is_answered_in_that_of_the_chat(desk: Desk) -> None:
    desk.ask("Wie lange dauert die Lieferung?", "Zahlen")
    answer = desk.ask("4711?", "Zahlen")
    assert (answer.responder_code, answer.language) == ("rule:default", "de")
    assert "Das weiß ich leider nicht" in (answer.text or "")
    assert desk.ask("4711?", "numbers").language == "en"


def test_a_voice_memo_gets_one_kind_sentence_in_the_person_s_language(desk: Desk) -> None:
    desk.ask("Wie lange dauert die Lieferung?", "spricht Deutsch")
    answer = desk.over(desk.record(M4A, "Audio.m4a", "audio/x-m4a", "spricht Deutsch"))
    assert (answer.state, answer.reason, answer.language) == ("sent", "cannot_hear", "de")
    assert "Sprachnachrichten kann ich hier nicht anhören" in (answer.text or "")
    stranger = desk.over(desk.record(M4A, "Audio.m4a", "audio/x-m4a", "speaks first"))
    assert "Text is better" in (stranger.text or "")
    assert audible(desk.memos("speaks first"))


def test_a_voice_memo_beside_a_question_is_not_passed_over(desk: Desk) -> None:
    question = "How long does delivery take?"
    sent = desk.record(M4A, "Audio.m4a", "audio/x-m4a", "both", text=question)
    answer = desk.over(sent)
    assert answer.responder_code == "rule:delivery-time"
    assert "three working days" in (answer.text or "")
    assert "I can't listen to voice memos here." in (answer.text or "")
    assert len(desk.sent("both")) == 1


@pytest.mark.parametrize(
    ("filename", "mime_type"), [("IMG_1.heic", "image/heic"), ("invoice.pdf", "application/pdf")]
)
def test_images_and_files_get_one_sentence_and_not_silence(
    desk: Desk, filename: str, mime_type: str
) -> None:
    answer = desk.over(desk.record(b"\x00\x01\x02", filename, mime_type, filename))
    assert (answer.state, answer.reason) == ("sent", "cannot_see")
    assert "I can't look at pictures or files here" in (answer.text or "")
    assert len(desk.memos(filename)) == 1
    assert desk.turns(filename) == []
