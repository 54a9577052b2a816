"""One clean environment for all rehearsals: installing it takes longest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.rehearsal.clean import Checkout, copy_repository, has_index, make_read_only


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A read-only checkout with an interpreter that has `requirements.txt` and nothing else."""
    if not has_index():
        pytest.skip("there is no package index to install the requirements from")
    folder = tmp_path_factory.mktemp("clean")
    slug = folder / "app"
    slug.mkdir()
    copy_repository(slug)
    make_read_only(slug)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    install = "-m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r"
    subprocess.run([str(python), *install.split(), "requirements.txt"], cwd=slug, check=True)
    return Checkout(slug, python)
