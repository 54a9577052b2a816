"""What a voice is given for numbers, abbreviations and signs, by a native reader's rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.speech.normalization import LONGEST, spoken_form
from app.speech.plan import SpeechPlan
from app.speech.text import speakable
from tests.unit.processor_time import grows_in_proportion

_CORPUS = Path(__file__).parents[1] / "corpus"
GROUPS: list[dict[str, Any]] = yaml.safe_load(
    (_CORPUS / "spoken_forms.yaml").read_text(encoding="utf-8")
)
HOSTILE: list[str] = yaml.safe_load((_CORPUS / "hostile_text.yaml").read_text(encoding="utf-8"))[
    "hostile"
]
STRINGS = [
    (group["language"], written, said)
    for group in GROUPS
    for written, said in group["strings"].items()
]
LANGUAGES = sorted({language for language, _, _ in STRINGS})


def test_the_table_is_broad() -> None:
    assert len(STRINGS) >= 300
    assert len(LANGUAGES) >= 10
    assert all(group["rule"] for group in GROUPS)


@pytest.mark.parametrize(("language", "written", "said"), STRINGS)
def test_a_string_is_said_as_a_native_reader_says_it(
    language: str, written: str, said: str
) -> None:
    assert spoken_form(speakable(written, language), language) == said


@pytest.mark.parametrize(
    ("written", "language", "said"),
    [
        # A sentence is said in its own language, whatever the answer is in.
        (
            "It is $5 a night. Das Zimmer kostet 5,20 € pro Nacht, mit Frühstück.",
            "en",
            [
                "It is 5 dollars a night.",
                "Das Zimmer kostet 5 Euro 20 pro Nacht, mit Frühstück.",
            ],
        ),
        # An ordinal does not end the sentence.
        (
            "Wir sind im 2. Stock, gleich neben dem Aufzug.",
            "de",
            ["Wir sind im zweiten Stock, gleich neben dem Aufzug."],
        ),
        # Another language than the ten keeps its numbers, and gets phone numbers by the digit.
        ("Ring 08-123 45 67 före 17:30.", "sv", ["Ring 0 8, 1 2 3, 4 5, 6 7 före 17:30."]),
    ],
)
def test_the_sentences_of_an_answer(written: str, language: str, said: list[str]) -> None:
    plan = SpeechPlan.of_text(speakable(written, language), language)
    assert [segment.text for segment in plan.segments] == said


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We had 12 guests, 3 of them from Oslo.", "en"),
        ("The score was 5-3 in the end.", "en"),
        ("Is it OK? The CEO said yes.", "en"),
        ("COVID-19, MP3, ISO 9001 and B2B.", "en"),
        ("I may go, and in March I will.", "en"),
        ("The size is XL, or XXL.", "en"),
        ("Ich habe 3 Kinder und 2 Hunde.", "de"),
        ("So geht das, und Di kommt mit.", "de"),
        ("Elle a 25 ans et vit à Lyon.", "fr"),
        ("El mar está a la vista, y son 3.", "es"),
        ("Ci sono 4 gatti, e mi piacciono.", "it"),
        ("Temos 3 opções para a festa.", "pt"),
        ("Zo is het, wij zijn met 3 man.", "nl"),
        ("月が綺麗ですね。", "ja"),
        ("我们有3个人。", "zh"),
        ("عندنا 3 كتب", "ar"),
    ],
)
def test_what_every_voice_reads_well_stays(text: str, language: str) -> None:
    assert spoken_form(text, language) == text


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(st.characters(), max_size=60),
        st.text("0123456789 .,:/-–+%€$£°'()hkmgAPIVXap", max_size=40),
    ),
    st.sampled_from([*LANGUAGES, "en-US", "en-GB", "ru", ""]),
)
def test_anything_has_a_spoken_form(text: str, language: str) -> None:
    said = spoken_form(text, language)
    assert "{" not in said or "{" in text
    assert any(map(str.isalnum, said)) or not any(map(str.isalnum, text))


@pytest.mark.parametrize("language", [*LANGUAGES, "ru"])
def test_the_cost_grows_with_the_length_and_no_faster(language: str) -> None:
    odd = [
        "1",
        "1 ",
        "1-",
        "1.",
        "1/",
        "12:30 ",
        "1 234 ",
        "€1",
        "A1-",
        "IV ",
        "PAY NOW ",
        "order ",
    ]
    spoken_form("1 km, 5 €, 3. Mai 2025", language)  # reads the words
    for bit in (*HOSTILE, *odd):
        short, long = (bit * (length // len(bit)) for length in (LONGEST // 16, LONGEST // 2))
        assert grows_in_proportion(
            lambda text: spoken_form(text, language), short, long, least=0.002
        ), bit
