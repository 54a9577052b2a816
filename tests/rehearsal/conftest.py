"""One clean environment for all rehearsals: installing it takes longest."""

from __future__ import annotations

import fcntl
import subprocess
import sys

import pytest

from tests.rehearsal.clean import Checkout, copy_repository, make_read_only

_INSTALL = ["install", "--quiet", "--no-compile", "--disable-pip-version-check"]
_REQUIREMENTS = ["--retries", "1", "--require-hashes", "-r", "requirements.txt"]


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
            _make(made)
        if not (folder / "installed").exists():
            pytest.skip("the requirements cannot be installed: is there a package index?")
    return made


def _make(checkout: Checkout) -> None:
    checkout.folder.mkdir()
    copy_repository(checkout.folder)
    make_read_only(checkout.folder)
    # Our own pip fills it: to put one into it takes longest of all but the requirements.
    folder = str(checkout.python.parents[1])
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    command = [sys.executable, "-m", "pip", "--python", str(checkout.python), *_INSTALL]
    done = subprocess.run([*command, *_REQUIREMENTS], cwd=checkout.folder, check=False)
    if done.returncode == 0:
        (checkout.folder.parent / "installed").touch()
