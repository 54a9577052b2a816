"""Greetings, thanks and a few common words are told by their language, however short they are."""

from __future__ import annotations

import pytest

from app.speech.language import detect
from app.speech.plan import SpeechPlan


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hola, buenas tardes", "es"),
        ("Guten Tag", "de"),
        ("Bom dia", "pt"),
        ("Hola", "es"),
        ("MERCI!!", "fr"),
        ("Buongiorno", "it"),
        ("Moin 👋", "de"),
        ("Dzień dobry", "pl"),
        ("Goedemorgen, bedankt", "nl"),
        ("Hello", "en"),
        ("merhaba", "tr"),
    ],
)
def test_a_greeting_tells_its_language(text: str, language: str) -> None:
    assert detect(text, "xx") == language


@pytest.mark.parametrize(
    "text", ["Hi", "ok", "Ciao", "Hallo", "Maria", "hola danke", "x" * 100_000]
)
def test_what_several_languages_say_or_none_is_left_open(text: str) -> None:
    assert detect(text, "") == ""


def test_a_variety_that_is_the_default_is_kept() -> None:
    assert detect("Bom dia", "pt-BR") == "pt-BR"


@pytest.mark.parametrize("leaning", ["", "de", "es", "en", "ja"])
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("When are you there?", "en"),
        ("How many today?", "en"),
        ("Yes, that sounds good", "en"),
        ("Wann geht es?", "de"),
        ("Ja, gerne morgen", "de"),
        ("Nein, nicht heute", "de"),
        ("Oui, avec vous", "fr"),
        ("Quand est-ce ?", "fr"),
        ("Pas très bien", "fr"),
        ("¿Cuánto cuesta hoy?", "es"),
        ("Sí, mañana está bien", "es"),
        ("Dove siete domani?", "it"),
        ("Non va bene", "it"),
        ("Onde vocês estão?", "pt"),
        ("Sim, amanhã posso", "pt"),
        ("Hoeveel kost dat?", "nl"),
        ("Nee, niet vandaag", "nl"),
        ("Gdzie to jest?", "pl"),
        ("Bugün var mı?", "tr"),
        ("Merhaba", "tr"),
        ("danke", "de"),
        ("gracias", "es"),
    ],
)
def test_a_clear_short_message_overrides_the_leaning_of_its_chat(
    text: str, language: str, leaning: str
) -> None:
    assert detect(text, leaning) == language


@pytest.mark.parametrize("text", ["Maria", "OK", "Tomato", "Hotel Roma", "Anna & Co", "taxi"])
def test_a_word_that_is_no_clear_sentence_follows_the_leaning(text: str) -> None:
    assert detect(text, "it") == "it"


def test_a_language_that_is_told_holds_for_the_whole_answer() -> None:
    text = "Willkommen! Das Menü heißt Surf and Turf. We love it here. До свидания, друзья!"
    told = SpeechPlan.in_language(text, "de")
    assert [(one.language, one.text) for one in told.segments] == [
        ("de", "Willkommen!"),
        ("de", "Das Menü heißt Surf and Turf."),
        ("de", "We love it here."),
        ("ru", "До свидания, друзья!"),
    ]
    assert [one.language for one in SpeechPlan.of_text(text, "de").segments][2] == "en"
