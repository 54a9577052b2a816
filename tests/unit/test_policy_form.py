"""The form of an answer, and the words by which a person changes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policy import Form, reply_form, reset_requested, switch_requested


@pytest.mark.parametrize(
    "words",
    [
        *("text please", "Text, please!", " TEXT PLEASE ", "Please text.", "text only", "/text"),
        *("Texto, por favor", "Texte s'il te plaît", "texte s’il te plait", "Text bitte"),
        *("Testo per favore", "Tekst graag", "tekst proszę", "Tekst prosze"),
        *("Текст, пожалуйста", "YAZI LÜTFEN", "yazı lütfen", "文字でお願いします。", "请发文字！"),
    ],
)
def test_text_is_asked_for(words: str) -> None:
    assert switch_requested(words) == "text"


@pytest.mark.parametrize(
    "words",
    [
        *("voice please", "Voice, please.", "please voice", "/VOICE", "Voz por favor"),
        *("Áudio, por favor", "audio por favor", "Vocal s'il vous plaît", "Sprache bitte"),
        *("Voce per favore", "spraak graag", "głos proszę", "GLOS PROSZE", "голос пожалуйста"),
        *("ses lütfen", "音声でお願いします", "请发语音"),
    ],
)
def test_voice_is_asked_for(words: str) -> None:
    assert switch_requested(words) == "voice"


@pytest.mark.parametrize(
    "words",
    [
        *("", "text", "voice", "please", "Text please, when do you open?", "!?", "/texts"),
        *("What does the text say, please?", "My voice please ignore", "voicemail"),
    ],
)
def test_a_message_that_says_more_is_a_question(words: str) -> None:
    assert switch_requested(words) is None


def test_the_deployer_s_words_are_added_to_the_built_in_ones() -> None:
    assert switch_requested("Schreib mir!", ["schreib mir"], ["sprich"]) == "text"
    assert switch_requested("SPRICH", ["schreib mir"], ["sprich"]) == "voice"
    assert switch_requested("voice please", ["schreib mir"], ["sprich"]) == "voice"
    assert switch_requested("Sprich!") is None


def test_an_empty_word_of_the_deployer_switches_nothing() -> None:
    assert switch_requested("", ["", "!"]) is None
    assert switch_requested("?!", ["", "!"]) is None


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert switch_requested(text) in (None, "text", "voice")
    reset_requested(text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("/reset", True), (" /RESET\n", True), ("reset", False), ("/reset it", False), ("", False)],
)
def test_reset(words: str, expected: bool) -> None:
    assert reset_requested(words) is expected


@pytest.mark.parametrize(
    ("reply_as", "spoken", "forms"),
    [
        ("voice", False, {"voice"}),
        ("voice", True, {"voice"}),
        ("text", True, {"text"}),
        ("both", False, {"voice", "text"}),
        ("mirror", True, {"voice"}),
        ("mirror", False, {"text"}),
    ],
)
@pytest.mark.parametrize("service", ["iMessage", "RCS"])
def test_the_form_follows_the_setting(
    reply_as: str, spoken: bool, forms: set[str], service: str
) -> None:
    form = reply_form(reply_as, spoken=spoken, service=service)  # type: ignore[arg-type]
    assert form == forms


@pytest.mark.parametrize("reply_as", ["voice", "text", "both", "mirror"])
def test_what_the_person_asked_for_wins(reply_as: str) -> None:
    wishes: tuple[Form, Form] = ("voice", "text")
    for wish in wishes:
        form = reply_form(
            reply_as,  # type: ignore[arg-type]
            spoken=True,
            service="iMessage",
            preference=wish,
        )
        assert form == {wish}


@pytest.mark.parametrize("reply_as", ["voice", "text", "both", "mirror"])
@pytest.mark.parametrize("preference", [None, "voice", "text"])
@pytest.mark.parametrize("service", ["SMS", "sms"])
def test_sms_gets_text(reply_as: str, preference: str | None, service: str) -> None:
    form = reply_form(
        reply_as,  # type: ignore[arg-type]
        spoken=True,
        service=service,
        preference=preference,  # type: ignore[arg-type]
    )
    assert form == {"text"}
