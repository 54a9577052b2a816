"""Ctrl-C ends a command without a traceback, however early it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot import ROOT


@pytest.mark.parametrize(
    "imported", ["app.cli.commands", "click.core", "pydantic", "structlog", "rich"]
)
def test_ctrl_c_during_the_imports(imported: str, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'test.db'}"}
    # With -v Python tells of each import, so that the moment is not left to chance.
    process = subprocess.Popen(
        [sys.executable, "-v", "-m", "app", "answers", "list"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr as output:
        for line in output:
            if f"{imported.replace('.', '/')}" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = output.read()
    assert process.wait(30) != 0
    assert "Traceback" not in rest
    assert "Aborted!" in rest
