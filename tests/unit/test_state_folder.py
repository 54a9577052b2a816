"""The database lies where its user expects it: in a checkout beside the code, else in the data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import app
from app.state_folder import data_folder, default_database_url


def test_in_a_checkout_it_lies_in_var() -> None:
    assert default_database_url() == "sqlite:///var/voicememo.db"


def test_an_installed_program_uses_the_data_folder_of_its_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = tmp_path / "site-packages" / "app"
    shutil.copytree(Path(app.__path__[0]) / "telemetry", installed)
    monkeypatch.setattr(app, "__path__", [str(installed)])
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert data_folder() == tmp_path / ".local" / "share" / "voicememo"
    assert default_database_url() == f"sqlite:///{data_folder()}/voicememo.db"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")  # the specification: to be ignored
    assert data_folder() == tmp_path / ".local" / "share" / "voicememo"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert data_folder() == tmp_path / "data" / "voicememo"
    monkeypatch.setattr("sys.platform", "darwin")
    assert data_folder() == tmp_path / "Library" / "Application Support" / "voicememo"
