"""What is allowed in a rules file but probably not meant is pointed out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.responders.rules.report import check_rules

TOP = "languages: [en, de]\ndefault: {en: a, de: b}\nrules:\n"
BOTH = "answer: {en: a, de: b}"


@pytest.mark.parametrize(
    ("rules", "warnings"),
    [
        (
            f"  one: {{keywords: [open, hours], {BOTH}}}\n  two: {{keywords: [Öpen], {BOTH}}}\n",
            ["line 5: rule 'two' never answers: all it looks for is also in 'one' (line 4), "
             "which comes first"],
        ),
        (  # A higher priority wins over the earlier place.
            f"  one: {{keywords: [open], {BOTH}}}\n"
            f"  two: {{keywords: [open], priority: 2, {BOTH}}}\n",
            ["line 4: rule 'one' never answers: all it looks for is also in 'two' (line 5), "
             "which comes first"],
        ),
        (
            f"  one: {{keywords: [open, hours], {BOTH}}}\n"
            f"  two: {{keywords: [open, closed], {BOTH}}}\n",
            ["line 5: keyword 'open' of 'two' is also in 'one' (line 4), which comes first"],
        ),
        (f"  one: {{keywords: [open, OPEN], {BOTH}}}\n",
         ["line 4: keyword 'OPEN' stands twice in 'one'"]),
        # The same word in two languages, or as keyword and phrase, is no overlap.
        (
            f"  one: {{keywords: {{en: [gift], de: [geschenk]}}, {BOTH}}}\n"
            f"  two: {{keywords: {{de: [gift], en: [poison]}}, phrases: [geschenk], {BOTH}}}\n",
            [],
        ),
        (  # Each word is in another rule, but not all in one.
            f"  one: {{keywords: [open, hours], {BOTH}}}\n"
            f"  two: {{keywords: [hours, closed], {BOTH}}}\n"
            f"  three: {{keywords: [open, closed], {BOTH}}}\n",
            ["line 5: keyword 'hours' of 'two' is also in 'one' (line 4), which comes first",
             "line 6: keyword 'open' of 'three' is also in 'one' (line 4), which comes first",
             "line 6: keyword 'closed' of 'three' is also in 'two' (line 5), which comes first"],
        ),
        (
            "  one: {keywords: {en: [open]}, answer: {en: a}}\n",
            ["line 4: rule 'one' has no answer in de; en is used",
             "line 4: rule 'one' looks for nothing in de"],
        ),
    ],
)  # fmt: skip
def test_doubtful_rules(tmp_path: Path, rules: str, warnings: list[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(TOP + rules, encoding="utf-8")
    assert [str(warning) for warning in check_rules(file).warnings] == warnings


def test_a_holiday_of_the_past(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "time_zone: UTC\nhours: {daily: 9-17}\n"
        "holidays: [2026-11-01 to 2026-11-19, 2026-11-20, 01-01]\ndefault: a\nrules: {}\n",
        encoding="utf-8",
    )
    report = check_rules(file, datetime(2026, 11, 20, tzinfo=UTC))
    assert [str(warning) for warning in report.warnings] == [
        "line 3: this holiday is over since 2026-11-19"
    ]


def test_a_word_that_the_time_brings_along_is_pointed_out(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "languages: [en]\ntime_zone: UTC\nhours: {daily: 9-17}\n"
        "default: Open until {closes}.\n"
        "still_unknown: Ask on {opens}.\n"
        "rules:\n"
        "  open:\n"
        "    keywords: open\n"
        "    answer: Open until at {closes}.\n"
        "    write: Again at {opens}.\n",
        encoding="utf-8",
    )
    assert [str(warning).split(":")[:2] for warning in check_rules(file).warnings] == [
        ["line 5", " 'on {opens}'"],
        ["line 9", " 'at {closes}'"],
        ["line 10", " 'at {opens}'"],
    ]


def test_the_report_reads_well_in_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(TOP + f"  one: {{keywords: [a, a], {BOTH}}}\n", encoding="utf-8")
    assert str(check_rules(file)).splitlines() == [
        f"{file}: 1 rules, in en, de",
        "  2 keywords, 0 phrases, 0 patterns",
        "  warning, line 4: keyword 'a' stands twice in 'one'",
    ]
