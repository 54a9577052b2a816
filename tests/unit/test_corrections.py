"""Which messages change the question before them, so that an answer not sent yet is outdated."""

from __future__ import annotations

import pytest

from app.linq.events import InboundMessage, Part
from app.policy import is_correction, outdating


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, for Sunday", "sorry! Sunday", "I mean Sunday", "No wait, Sunday", "Actually two",
        "*Sunday", "Sunday*", "Oops wrong day", "make that three", "Not Saturday, Sunday",
        "Nein, Sonntag", "Ich meinte Sonntag", "Entschuldigung, am Sonntag", "Doch lieber zwei",
        "Pardon, dimanche", "Désolée, dimanche", "je voulais dire dimanche",
        "Perdón, para el domingo", "Quise decir domingo", "Scusi, domenica", "Anzi, domenica",
        "Desculpe, domingo", "Quis dizer domingo", "Sorry, ik bedoel zondag",
        "Przepraszam, niedziela",
        "Извините, в воскресенье", "Özür dilerim, pazar", "すみません、日曜日です",
        "ごめん、日曜日",
        "不好意思，是周日", "说错了，周日", "عفوا، الأحد", "آسف، الأحد",
    ],
)  # fmt: skip
def test_a_correction_is_recognised(text: str) -> None:
    assert is_correction(text)


@pytest.mark.parametrize(
    "text",
    [
        "And do you have candles?", "Hello", "Please beep beep", "for Sunday, too", "Thanks!",
        "Are you open on Sunday?", "Und Kerzen?", "Nobody knows", "Notebook?", "5 * 3 * 2", "",
        "Haltestelle?", "Merci", "他们周日开门吗", "日曜日は開いていますか", "sorry " + "x" * 400,
    ],
)  # fmt: skip
def test_a_question_of_its_own_is_not(text: str) -> None:
    assert not is_correction(text)


def message(text: str, sender: str = "anna") -> InboundMessage:
    return InboundMessage("e", text, "chat", sender, (Part("text", text=text),))


def test_all_up_to_the_last_correction_belongs_to_the_question() -> None:
    asked = [message("Cake for Saturday")]
    waiting = [message("And candles"), message("Sorry, Sunday"), message("Are you open?")]
    assert outdating(asked, waiting, collects=False) == tuple(waiting[:2])
    assert outdating(asked, waiting, collects=True) == tuple(waiting)
    assert outdating(asked, waiting[2:], collects=False) == ()


def test_what_others_in_a_group_write_does_not() -> None:
    waiting = [message("Sorry, Sunday", "ben")]
    assert outdating([message("Cake for Saturday")], waiting, collects=True) == ()
