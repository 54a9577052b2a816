"""A rules file with a mistake is refused with its line and what was expected there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.rules import rules as rules_command
from app.responders.rules.errors import RulesError
from app.responders.rules.reading import read_rules
from app.responders.rules.report import check_rules

GOOD = """\
name: Bluebird Bikes
languages: [en, no]
time_zone: Europe/Oslo
hours:
  mon-fri: 9:00-17:00
default: {en: What?, no: Hva?}
rules:
  opening-hours:
    keywords: {en: [open, hours], no: [åpent, åpningstid*]}
    answer:
      open: {en: "Until {closes}.", no: "Til {closes}."}
      closed: {en: "Again {opens}.", no: "Igjen {opens}."}
  order:
    patterns: ['\\bBB\\d{5}\\b']
    priority: 1
    hand_over: 2 hours
    answer: {en: We look it up., no: Vi sjekker det.}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "support.yaml"


def mistake(file: Path, text: str) -> RulesError:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        read_rules(file)
    return caught.value


def test_a_good_file_is_read(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    report = check_rules(file, datetime(2026, 11, 20, tzinfo=UTC))
    assert (report.rules, report.keywords, report.phrases, report.patterns) == (2, 4, 0, 1)
    assert report.languages == ("en", "no")
    assert report.time_zone == "Europe/Oslo"
    assert [str(warning) for warning in report.warnings] == [
        "line 11: times are written as numbers in no",
        "line 12: times are written as numbers in no",
    ]


@pytest.mark.parametrize(
    ("good", "bad", "line", "expected"),
    [
        # Unknown names, with a guess.
        ("    keywords: {en", "    keyword: {en", 9, "'keyword' (did you mean 'keywords'?)"),
        ("default:", "defualt:", 6, "'defualt' (did you mean 'default'?)"),
        ("    priority: 1", "    prioritty: 1", 15, "did you mean 'priority'?"),
        ('{closes}.", no', '{close}.", no', 11, "{close} (did you mean 'closes'?)"),
        ("no: [åpent", "nb: [åpent", 9, "one of the languages en, no; found 'nb'"),
        ("Europe/Oslo", "Europe/Olso", 3, "did you mean 'Europe/Oslo'?"),
        ("Europe/Oslo", "europe/oslo", 3, "did you mean 'Europe/Oslo'?"),
        ("mon-fri", "mon-fry", 5, "'fry' (did you mean 'friday'?)"),
        # Wrong types and values.
        ("name: Bluebird Bikes", "name: [Bluebird]", 1, "the name of the business; found a list"),
        ("languages: [en, no]", "languages: [english]", 2, "a language code such as en"),
        ("languages: [en, no]", "languages: [en, en]", 2, "each language once"),
        ("languages: [en, no]", "languages: []", 2, "an empty list"),
        ("mon-fri: 9:00-17:00", "mon-fri: 9:00-25:00", 5, "times from 0:00 to 24:00"),
        ("mon-fri: 9:00-17:00", "mon-fri: 9:60-17:00", 5, "times from 0:00 to 24:00"),
        ("mon-fri: 9:00-17:00", "mon-fri: nine to five", 5, "hours such as 9:00-12:30"),
        ("mon-fri: 9:00-17:00", "mon-fri: 9:00-9:00", 5, "an end after the start"),
        ("mon-fri: 9:00-17:00", "mon-fri: 9-13, 12-17", 5, "spans in order that do not overlap"),
        ("mon-fri: 9:00-17:00", "mon-fri:", 5, "found nothing"),
        ("mon-fri: 9:00-17:00", "mon-fri: 9-17\n  tue: 9-12", 6, "tuesday again"),
        ("mon-fri: 9:00-17:00", "mon-fri: closed", 5, "hours on at least one day"),
        ("default: {en: What?, no: Hva?}", "default: [What?]", 6, "the text of an answer"),
        ("default: {en: What?, no: Hva?}", "default: {}", 6, "an answer"),
        ("    priority: 1", "    priority: high", 15, "a whole number from -100 to 100"),
        ("    priority: 1", "    priority: 101", 15, "a whole number from -100 to 100"),
        ("hand_over: 2 hours", "hand_over: later", 16, "a time such as 30 minutes"),
        ("hand_over: 2 hours", "hand_over: 7200", 16, "a time such as 30 minutes"),
        ("hand_over: 2 hours", "hand_over: 31 days", 16, "between 1 second and 30 days"),
        ("hand_over: 2 hours", "silent: true", 16, "either silent or an answer; found both"),
        ("hand_over: 2 hours", "silent: perhaps", 16, "true (or leave it out)"),
        ("  order:", "  Order Status:", 13, "a name of lower-case letters"),
        ("  order:", "  opening-hours:", 13, "'opening-hours' once; found it again, after line 8"),
        ("[open, hours]", "[open, '?!']", 9, "'?!', which has no letter or digit"),
        ("[open, hours]", "[open, 'a*']", 9, "at least two letters beside `*`"),
        ("[open, hours]", "['o*pen']", 9, "`*` before or after a word"),
        ("[open, hours]", "[open, ]}, no: [x", 9, "expected YAML"),
        ("[open, hours]", "[]", 9, "a keyword or a list of them"),
        ("[open, hours]", "[[open]]", 9, "a keyword; found a list"),
        ("[open, hours]", "[open, ~]", 9, "a keyword; found nothing"),
        # Patterns.
        ("\\d{5}\\b", "(\\d{5}\\b", 14, "a regular expression"),
        ("'\\bBB\\d{5}\\b'", "'(BB)?'", 14, "a pattern that needs some text"),
        ("'\\bBB\\d{5}\\b'", "'(a+)+$'", 14, "without repetition inside repetition"),
        ("'\\bBB\\d{5}\\b'", "'(\\w+\\s?)+$'", 14, "without repetition inside repetition"),
        ("'\\bBB\\d{5}\\b'", "'(b|bb|B)+c$'", 14, "without repetition inside repetition"),
        # Things that need one another.
        ("    patterns: ['\\bBB\\d{5}\\b']\n", "", 13, "keywords, phrases or patterns"),
        ("    answer: {en: We", "    #answer: {en: We", 13, "an answer (or silent: true)"),
        ("name: Bluebird Bikes\n", "", 1, None),
        ("time_zone: Europe/Oslo\n", "", 4, "time_zone: in this file beside hours"),
        ("hours:\n  mon-fri: 9:00-17:00\n", "", 3, "hours: in this file beside time_zone"),
        ("languages: [en, no]\n", "", 5, "languages: at the top of the file"),
        ("      closed: {en", "      shut: {en", 12, "one of open, closed"),
        ("What?", "'I am {name}'", 6, None),
        ("What?", "'I am {nmae}'", 6, "did you mean 'name'?"),
        ("rules:", "rules: {}\nx:", 8, "one of name, languages"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    file: Path, good: str, bad: str, line: int, expected: str | None
) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    if expected is None:  # a change that is no mistake
        file.write_text(text, encoding="utf-8")
        assert len(read_rules(file).rules) == 2
        return
    error = mistake(file, text)
    assert expected in str(error)
    assert error.mistakes[0].line == line
    assert str(error).startswith(f"{file}, line {line}: expected ")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(file: Path) -> None:
    text = """\
name: Bluebird Bikes
languages: [en, no]
time_zone: Europe/Olso
hours:
  mon-fri: 9:00-25:00
  saturday: ten to two
holidays: [2026-02-30, 12-24]
defualt: {en: "{nmae} here", nb: Hva?}
rules:
  opening-hours:
    keyword: [open, 'a*']
    phrases: {en: [], sv: [hej]}
    priority: high
    answer: {en: "Until {close}."}
  Order:
    patterns: ['(a+)+$', '\\bBB\\d{5}\\b']
    hand_over: later
    examples: [[one], two]
  empty:
    answer: Nobody asks for this.
"""
    found = [(one.line, one.expected.split()[0], one.found) for one in mistake(file, text).mistakes]
    assert [line for line, _, _ in found] == [
        3, 5, 6, 7, 8, 8, 8, 11, 11, 12, 12, 13, 14, 15, 15, 16, 17, 18, 19,
    ]  # fmt: skip
    assert found[0] == (3, "a", "'Europe/Olso' (did you mean 'Europe/Oslo'?)")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Europe/Oslo", "Europe/Olso"),  # {closes} and {opens} need hours
        ("languages: [en, no]", "languages: [en, no, english]"),
        ("languages: [en, no]\n", ""),
        ("hours:\n  mon-fri: 9:00-17:00\n", ""),
        ("time_zone: Europe/Oslo\nhours:\n  mon-fri: 9:00-17:00\n", ""),
        ("default:", "defualt:"),
        ("    keywords: {en", "    keyword: {en"),
        ("      closed: {en", "      shut: {en"),
        ("rules:", "words: {tea: []}\nrules:\n  tea: {keywords: $tea, answer: {en: a}}"),
    ],
)
def test_a_mistake_is_not_told_again_where_it_is_felt(file: Path, good: str, bad: str) -> None:
    assert good in GOOD
    assert len(mistake(file, GOOD.replace(good, bad, 1)).mistakes) == 1


def test_of_many_mistakes_the_first_twenty_are_told(file: Path) -> None:
    rules = "".join(f"  r{number}: {{keywords: a, ansver: b}}\n" for number in range(50))
    lines = str(mistake(file, "default: a\nrules:\n" + rules)).splitlines()
    assert [line.split(": ")[0] for line in lines[:20]] == [
        f"{file}, line {line}" for line in range(3, 23)
    ]
    assert lines[20:] == ["and 30 more"]


def test_a_file_full_of_mistakes_is_not_read_to_its_end(file: Path) -> None:
    rules = "".join(f"  r{number}: {{keywords: a, ansver: b}}\n" for number in range(1_000))
    assert str(mistake(file, "default: a\nrules:\n" + rules)).endswith("\nand at least 180 more")


def test_the_command_tells_all_mistakes_and_fails(file: Path) -> None:
    text = GOOD.replace("mon-fri", "mon-fry").replace("priority: 1", "priority: high")
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(rules_command, ["check", str(file)])
    assert result.exit_code == 1
    assert f"{file}, line 5: expected a day" in result.output
    assert f"{file}, line 15: expected a whole number" in result.output


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "an empty file"),
        ("# only a comment\n", 1, "an empty file"),
        ("- a list\n", 1, "a mapping with default and rules; found a list"),
        ("default: Hi.\n", 1, "rules:; found only default"),
        ("default: Hi.\nrules:\n", 2, "rules by name; found nothing"),
        ("default: Hi.\nrules:\n  x:\n", 3, "found nothing"),
        ("default: 'Hi.\n", 1, "YAML"),
        ("default: Hi.\n\trules: x\n", 2, "YAML"),
        ("default: I am {name}.\nrules: {}\n", 1, "name: at the top of the file"),
        ("default: Open {opens}.\nrules: {}\n", 1, "hours: in this file for {opens}"),
        ("default: {open: a, closed: b}\nrules: {}\n", 1, "hours: in this file"),
        ("default: &a [*a]\nrules: {}\n", 1, "the text of an answer; found a list"),
        ("default: !!python/object/apply:os.getcwd []\nrules: {}\n", 1, "found a list"),
        ("holidays: [2026-13-01]\ndefault: a\nrules: {}\n", 1, "hours: in this file"),
        ("[" * 3000, 0, "expected"),
    ],
)
def test_a_file_that_is_something_else_is_refused(
    file: Path, text: str, line: int, expected: str
) -> None:
    error = mistake(file, text)
    assert expected in str(error)
    assert line in (error.mistakes[0].line, 0)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-02-30", "a day of the calendar"),
        ("12-32", "a day of the calendar"),
        ("24.12.2026", "a date such as 2026-12-24"),
        ("2026-12-24 to 12-26", "a year in both dates or in none"),
        ("2026-12-26 to 2026-12-24", "a last day after the first"),
        ("{12-24: 10-13, 12-31: 10-13}", "one date with its hours"),
        ("{12-24: lunch}", "hours such as"),
    ],
)
def test_a_holiday_that_is_no_date_is_refused(file: Path, date: str, expected: str) -> None:
    text = f"time_zone: UTC\nhours: {{daily: 9-17}}\nholidays:\n  - {date}\n"
    error = mistake(file, text + "default: a\nrules: {}\n")
    assert expected in str(error)
    assert error.mistakes[0].line == 4


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"none\.yaml: expected a file that can be read"):
        read_rules(tmp_path / "none.yaml")


def test_a_file_in_another_encoding_is_named_with_its_line(file: Path) -> None:
    file.write_bytes("default: a\nrules: {}\n# é\n".encode("latin-1"))
    with pytest.raises(RulesError, match=r"line 3: expected text in UTF-8; found byte 0xe9"):
        read_rules(file)


def test_a_file_of_endless_size_is_refused(file: Path) -> None:
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(RulesError, match="at most 1000000 bytes"):
        read_rules(file)


def test_aliases_cannot_make_a_small_file_large(file: Path) -> None:
    many = ", ".join(f"w{number}" for number in range(5_000))
    rules = "".join(f"  r{number}: {{keywords: *a, answer: x}}\n" for number in range(100))
    text = f"default: a\nrules:\n  first: {{keywords: &a [{many}], answer: x}}\n{rules}"
    assert "at most 20000 keywords" in str(mistake(file, text))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_typed_into_a_file_is_read_or_refused_with_a_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.getbasetemp() / "typed.yaml"
    at = data.draw(st.integers(0, len(GOOD)))
    drop = data.draw(st.integers(0, 12))
    typed = data.draw(st.text(alphabet="[]{}:-#'\"\n &*!|>%@x0\té", max_size=6))
    file.write_text(GOOD[:at] + typed + GOOD[at + drop :], encoding="utf-8")
    try:
        read_rules(file)
    except RulesError as mistake:
        found = mistake
    else:
        return
    assert 0 <= found.mistakes[0].line <= GOOD.count("\n") + 8
    assert found.mistakes[0].expected
