"""Installed as `pipx install` does: commands work from anywhere, without a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app import __version__
from tests.rehearsal.clean import Checkout, copy_repository


def test_the_program_works_from_anywhere(checkout: Checkout, tmp_path: Path) -> None:
    source, prefix, home = tmp_path / "source", tmp_path / "installed", tmp_path / "home"
    for folder in (source, home):
        folder.mkdir()
    copy_repository(source)
    # What the requirements brought is seen from there; the package itself is a real installation.
    venv = ["-m", "venv", "--system-site-packages", "--without-pip", str(prefix)]
    subprocess.run([str(checkout.python), *venv], check=True)
    [site] = prefix.glob("lib/python*/site-packages")
    [requirements] = checkout.python.parents[1].glob("lib/python*/site-packages")
    (site / "requirements.pth").write_text(str(requirements))
    python = prefix / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = "install --quiet --no-deps --no-compile --disable-pip-version-check"
    subprocess.run([*pip, *install.split(), str(source)], cwd=home, check=True)

    installed = Checkout(home, python)
    environment = {"HOME": str(home), "MEMO_VOICES": "espeak", "XDG_DATA_HOME": ""}
    assert __version__ in installed.run("voicememo --version", **environment)
    assert "_VOICEMEMO_COMPLETE" in installed.run("voicememo completion bash", **environment)
    once = installed.run("voicememo demo --once Hello --out memo.m4a", **environment)
    assert "webhook acknowledged" in once
    assert (home / "memo.m4a").stat().st_size > 1000
    installed.run("voicememo answers list", **environment)
    assert (home / ".local" / "share" / "voicememo" / "voicememo.db").exists()
