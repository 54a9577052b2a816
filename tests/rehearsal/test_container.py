"""The Dockerfile: built where a builder is at hand, else its steps are run one by one."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.bot import ROOT, free_port
from tests.rehearsal.clean import Checkout, Dyno, make_read_only
from tests.sandbox_server import SandboxServer


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, in order; continued lines are joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(one, rest.strip()) for one, _, rest in (line.partition(" ") for line in lines)]


def value(name: str) -> str:
    [found] = [rest for one, rest in instructions() if one == name]
    return found


def test_it_ends_as_a_process_without_a_shell_and_runs_as_nobody_special() -> None:
    assert json.loads(value("CMD")) == ["python", "-m", "app", "serve"]
    assert json.loads(value("HEALTHCHECK").partition("CMD ")[2])[0] == "python"
    order = [one for one, _ in instructions()]
    assert order.index("USER") < order.index("CMD")
    assert value("USER") != "root"
    assert value("FROM").startswith(f"python:{(ROOT / '.python-version').read_text().strip()}-slim")


def test_the_image_is_built_where_there_is_a_builder() -> None:
    if (
        not shutil.which("docker")
        or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        return  # the next test runs the steps
    done = subprocess.run(
        ["docker", "build", "--quiet", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_its_steps_make_a_bot_that_answers(
    checkout: Checkout, sandbox: SandboxServer, tmp_path: Path
) -> None:
    """Installing the requirements is the step that `make setup` has taken."""
    image, data = tmp_path / "image", tmp_path / "data"
    image.mkdir()
    data.mkdir()
    runs = [rest for one, rest in instructions() if one == "RUN"]
    assert re.fullmatch(r"pip install .*--require-hashes -r requirements.txt", runs[0])
    for source, target in (rest.split() for one, rest in instructions() if one == "COPY"):
        copied = checkout.folder / source
        if copied.is_dir():
            shutil.copytree(copied, image / target)
        else:
            shutil.copy(copied, image / target)
    make_read_only(image)
    variables = dict(one.split("=", 1) for one in shlex.split(value("ENV")))
    variables["DATABASE_URL"] = variables["DATABASE_URL"].replace("/data", str(data))
    variables |= {
        "LINQ_API_V3_API_KEY": sandbox.api_key,
        "LINQ_API_V3_BASE_URL": sandbox.api_base,
        "MEMO_VOICES": "espeak",
    }
    del variables["PORT"]
    sandbox.point_at(None)
    container = Checkout(image, checkout.python)
    port = free_port()
    variables |= {"PORT": str(port), "MEMO_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with tempfile.NamedTemporaryFile() as output:
        bot = Dyno(container, shlex.join(json.loads(value("CMD"))), output, **variables)
        try:
            bot.wait_ready()
            healthy = shlex.join(json.loads(value("HEALTHCHECK").partition("CMD ")[2]))
            container.run(healthy, PORT=str(port))
            sandbox.inbound("Hello")
            sandbox.wait_for(lambda state: state["memos"], timeout=60)
            assert bot.stop(30) == 0
        finally:
            bot.vanish()
    assert list(data.glob("voicememo.db"))
