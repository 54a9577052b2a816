"""Greetings and thanks are told by their language, however short they are."""

from __future__ import annotations

import pytest

from app.speech.language import detect


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
