"""Every command in README and docs is one that this program takes; those that can be run are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.commands import voicememo

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in (ROOT / "docs").rglob("*.md") if "knowledge" not in page.parts),
]
_WORDS = r"((?: +(?:\"[^\"]*\"|[^\s`#)]+))+)"
_PROGRAM = re.compile(rf"(?:^|[ /(`])(?:voicememo|python3? -m app){_WORDS}")
_IN_CONTAINER = re.compile(rf"python -m app{_WORDS}")
_RUNNABLE = (
    "say",
    "voices",
    "rules check",
    "rules try",
    "completion",
    "--version",
    "knowledge try",
)
_FETCHES = ("voices get",)  # from the internet
_MEANT = {"FILE": "docs/support.rules.yaml", "CASES.jsonl": "docs/desk/cases.jsonl"}
_PLACEHOLDERS = {"URL", "HANDLE", "TEXT", "COMMAND", "ID", "SHELL"}


def commands() -> list[str]:
    """What stands behind the program's name in examples: lines of code blocks, and code in text."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose)
        for line in [line for block in blocks for line in block.splitlines()] + inline:
            program = _IN_CONTAINER if line.startswith("docker") else _PROGRAM
            found += [words_of(match) for match in program.findall(line)]
    return sorted(set(found))


def words_of(match: str) -> str:
    """The words after the program's name, with a file where the text has a placeholder."""
    return re.sub(r"\b(FILE|CASES\.jsonl)\b", lambda one: _MEANT[one[1]], match.strip())


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the documents in it, and with files that examples name."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    for name in ("greetings.txt", "cases.jsonl"):
        (tmp_path / name).write_text("Hello\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEMO_VOICES", "espeak")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    return tmp_path


def test_there_are_examples() -> None:
    assert len(commands()) > 10


@pytest.mark.parametrize("command", commands())
def test_the_program_takes_the_command(command: str, somewhere: Path) -> None:
    words = shlex.split(command)
    if _PLACEHOLDERS & set(words[:1]) or words[0].startswith("…"):
        return
    current: click.Command = voicememo
    context = click.Context(voicememo)
    while isinstance(current, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0).rstrip(",.")
        found = current.get_command(context, name)
        assert found, f"there is no command {name}"
        current = found
    if isinstance(current, click.Group):
        return
    try:
        current.make_context(current.name, words)
    except click.MissingParameter:
        pass  # the text speaks of the command, and shows no call
    except click.exceptions.Exit:
        pass  # --help


@pytest.mark.parametrize(
    "command",
    [one for one in commands() if one.startswith(_RUNNABLE) and not one.startswith(_FETCHES)],
)
def test_the_command_runs(command: str, somewhere: Path) -> None:
    words = shlex.split(command)
    if len(words) < 2 and words[0] in ("say", "completion"):
        return  # the name alone
    done = CliRunner().invoke(voicememo, words)
    assert done.exit_code == 0, f"{done.output} {done.exception}"
