"""One clean environment for all rehearsals."""

from __future__ import annotations

import compileall
import fcntl
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.bot import ROOT
from tests.rehearsal.clean import Checkout, copy_repository, make_read_only


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Checkout:
    """A read-only checkout with an interpreter that has `requirements.txt` and nothing else.

    The processes of one run of the tests share it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "clean"
    folder.mkdir(exist_ok=True)
    made = Checkout(folder / "app", folder / "venv" / "bin" / "python")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.folder.exists():
            made.folder.mkdir()
            copy_repository(made.folder)
            compileall.compile_dir(made.folder / "app", quiet=2)  # none of its processes could
            make_read_only(made.folder)
            _make_environment(folder / "venv")
    return made


def _make_environment(folder: Path) -> None:
    """`make setup` has installed the requirements, each checked by its hash, beside the test tools:
    a second environment sees those files alone, and takes a second instead of half a minute."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    for requirement in _requirements():
        installed = importlib.metadata.distribution(requirement.name)
        assert installed.version in requirement.specifier, f"{requirement}: run `make setup`"
        for file in installed.files or ():
            if ".." not in file.parts:  # commands, which nothing here starts
                link = packages / file
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(str(installed.locate_file(file)))


def _requirements() -> list[Requirement]:
    """The pins of `requirements.txt` that are for this platform."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalnum()]
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
