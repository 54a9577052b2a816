"""Messages name a command that works where they are read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.program import command_line, program_name


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the interpreter and the script, such as a virtual environment's."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "voicememo"):
        (folder / name).write_text("")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_script_is_named_where_it_was_called(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(installed / "voicememo"), "doctor"])
    assert program_name() == ".venv/bin/voicememo"
    monkeypatch.setenv("PATH", str(installed))
    assert program_name() == "voicememo"


def test_the_module_is_named_where_no_script_is_installed(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/app/app/__main__.py", "serve"])
    assert command_line("subscribe URL") == "`.venv/bin/python -m app subscribe URL`"
    monkeypatch.setenv("PATH", str(installed))
    assert command_line("subscribe URL") == "`python -m app subscribe URL`"


def test_a_program_outside_this_folder_is_named_in_full(
    installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "argv", [str(installed / "voicememo")])
    assert program_name() == str(installed / "voicememo")
