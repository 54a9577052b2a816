"""Every example of docs/rules.md does what the page says."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from app.responders.rules.errors import RulesError
from app.responders.rules.reading import read_rules
from app.responders.rules.report import check_rules, explain

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")

EXAMPLE = re.compile(r"```yaml\n([^`]*)```\n\n\| asked .*\n\|---.*\n((?:\|.*\n)+)")
MISTAKE = re.compile(r"```yaml-mistake\n([^`]*)```\n\n`(.*)`\n")
ASKED = re.compile(r"(.*?)(?: \(([a-z]{2}(?:-[A-Z]{2})?)(?:, ([-\d]+ [\d:]+))?\))?")


class Row(NamedTuple):
    text: str
    language: str | None
    at: datetime | None
    rule: str
    says: str


def rows(table: str) -> list[Row]:
    found = []
    for line in table.splitlines():
        asked, rule, says = (cell.strip() for cell in line.strip("|").split("|"))
        match = ASKED.fullmatch(asked)
        assert match
        text, language, at = match.groups()
        found.append(Row(text, language, datetime.fromisoformat(at) if at else None, rule, says))
    return found


EXAMPLES = [(yaml, row) for yaml, table in EXAMPLE.findall(PAGE) for row in rows(table)]


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLE.findall(PAGE)) == PAGE.count("```yaml\n") == 5
    assert len(MISTAKE.findall(PAGE)) == PAGE.count("```yaml-mistake\n") == 2
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize(("yaml", "row"), EXAMPLES, ids=[row.text for _, row in EXAMPLES])
def test_an_example_answers_as_the_page_says(tmp_path: Path, yaml: str, row: Row) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(yaml, encoding="utf-8")
    answer = explain(file, row.text, row.at, row.language).answer
    assert (answer.reason, answer.text) == (f"rule:{row.rule}", row.says)


@pytest.mark.parametrize("yaml", [yaml for yaml, _ in EXAMPLE.findall(PAGE)])
def test_an_example_has_nothing_doubtful(tmp_path: Path, yaml: str) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(yaml, encoding="utf-8")
    assert check_rules(file, datetime(2026, 11, 20)).warnings == ()


@pytest.mark.parametrize(("yaml", "said"), MISTAKE.findall(PAGE))
def test_a_mistake_is_named_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("desk.yaml").write_text(yaml, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        read_rules(Path("desk.yaml"))
    assert str(caught.value) == said
