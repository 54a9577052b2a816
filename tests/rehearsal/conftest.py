"""One clean environment for all rehearsals: installing it takes longest."""

from __future__ import annotations

import fcntl
import subprocess
import sys

import pytest

from tests.rehearsal.clean import Checkout, copy_repository, make_read_only

_INSTALL = ["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
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
    subprocess.run([sys.executable, "-m", "venv", str(checkout.python.parents[1])], check=True)
    command = [str(checkout.python), *_INSTALL, *_REQUIREMENTS]
    done = subprocess.run(command, cwd=checkout.folder, check=False)
    if done.returncode == 0:
        (checkout.folder.parent / "installed").touch()
