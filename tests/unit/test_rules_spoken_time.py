"""Opening times are said as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.responders.rules.spoken_time import (
    can_say_times,
    spoken_closing,
    spoken_opening,
    without_at,
)

FRIDAY = datetime(2026, 11, 20, 8, 0)


@pytest.mark.parametrize(
    ("moment", "language", "said"),
    [
        ("2026-11-20 09:00", "en", "at 9 am"),
        ("2026-11-20 09:30", "en-GB", "at 9:30 am"),
        ("2026-11-20 12:00", "en", "at noon"),
        ("2026-11-20 12:15", "en", "at 12:15 pm"),
        ("2026-11-21 00:00", "en", "tomorrow at midnight"),
        ("2026-11-21 00:05", "en", "tomorrow at 12:05 am"),
        ("2026-11-23 13:30", "en", "on Monday at 1:30 pm"),
        ("2026-11-26 09:00", "en", "on Thursday at 9 am"),
        ("2026-11-27 09:00", "en", "on November 27 at 9 am"),  # not the coming Friday
        ("2027-01-04 09:00", "en", "on January 4 at 9 am"),
        ("2026-11-20 09:00", "de", "um 9 Uhr"),
        ("2026-11-21 09:30", "de", "morgen um 9:30 Uhr"),
        ("2026-11-23 09:00", "de-AT", "am Montag um 9 Uhr"),
        ("2027-01-04 09:00", "de", "am 4. Januar um 9 Uhr"),
        ("2026-11-23 09:05", "fr", "lundi à 9 h 05"),
        ("2026-12-01 09:00", "fr", "le 1er décembre à 9 h"),
        ("2026-11-22 09:00", "es", "el domingo a las 9:00"),
        ("2026-12-01 09:00", "it", "il primo dicembre alle 9"),
        ("2026-11-22 09:00", "pt_BR", "no domingo às 9h"),
        ("2026-11-24 09:00", "pl", "we wtorek o 9:00"),
        ("2026-11-24 09:00", "ru", "во вторник в 9:00"),
        ("2027-01-04 09:30", "ja", "1月4日9時30分"),
        ("2026-11-23 09:00", "zh-TW", "星期一9点"),
        ("2026-11-21 09:00", "ko", "내일 9시"),
        ("2026-11-23 09:00", "ar", "يوم الاثنين الساعة 9:00"),
        ("2026-11-20 09:00", "xh", "9:00"),
        ("2026-11-23 09:00", "xh", "2026-11-23 9:00"),
        ("2026-11-23 09:00", None, "on Monday at 9 am"),
    ],
)
def test_when_it_opens(moment: str, language: str | None, said: str) -> None:
    assert spoken_opening(datetime.fromisoformat(moment), FRIDAY, language) == said


@pytest.mark.parametrize(
    ("moment", "language", "said"),
    [
        ("2026-11-20 18:00", "en", "at 6 pm"),
        ("2026-11-21 00:00", "en", "at midnight"),  # tonight, not tomorrow
        ("2026-11-21 00:00", "de", "um 24 Uhr"),
        ("2026-11-21 02:00", "en", "tomorrow at 2 am"),
        ("2026-11-22 00:00", "en", "tomorrow at midnight"),
    ],
)
def test_when_it_closes(moment: str, language: str, said: str) -> None:
    assert spoken_closing(datetime.fromisoformat(moment), FRIDAY, language) == said


LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "ru",
    "uk",
    "sv",
    "tr",
    "ar",
    "zh",
    "ja",
    "ko",
]


@given(st.integers(0, 500 * 24 * 60), st.sampled_from(LANGUAGES))
def test_every_moment_can_be_said_in_every_language(minutes: int, language: str) -> None:
    moment = FRIDAY + timedelta(minutes=minutes)
    assert can_say_times(language)
    for said in (
        spoken_opening(moment, FRIDAY, language),
        spoken_closing(moment, FRIDAY, language),
    ):
        assert said == said.strip()
        assert not set("{}") & set(said)


@pytest.mark.parametrize(
    ("moment", "before", "language", "said"),
    [
        ("2026-11-20 18:00", "Open until ", "en", "6 pm"),
        ("2026-11-20 12:00", "Open until ", "en", "noon"),
        ("2026-11-21 09:00", "Closed until ", "en", "tomorrow at 9 am"),
        ("2026-11-23 09:00", "Closed until ", "en", "Monday at 9 am"),
        ("2027-01-04 09:00", "Closed until ", "en", "January 4 at 9 am"),
        ("2026-11-23 09:00", "We open ", "en", "on Monday at 9 am"),
        ("2026-11-23 09:00", "Wieder ab ", "de", "Montag um 9 Uhr"),
        ("2027-01-04 09:00", "Gesloten tot ", "nl", "4 januari om 9 uur"),
        ("2026-11-23 09:00", "Cerrado hasta ", "es", "el lunes a las 9:00"),
    ],
)
def test_until_when(moment: str, before: str, language: str, said: str) -> None:
    time = spoken_opening(datetime.fromisoformat(moment), FRIDAY, language)
    assert without_at(time, before, language) == said
