"""A clean environment: the files of the repository, and the pinned requirements alone."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from tests.bot import ROOT, free_port

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
"""Of this process's environment; nothing of the bot's, and nothing of Python's."""


@dataclass(frozen=True)
class Checkout:
    """A copy of what is committed or about to be, and an interpreter with the requirements."""

    folder: Path
    python: Path

    def environment(self, **more: str) -> dict[str, str]:
        clean = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        clean["PATH"] = f"{self.python.parent}:{clean['PATH']}"
        return clean | more

    def run(self, command: str, **environment: str) -> str:
        """Run a command to its end. Returns what it printed. Raises: AssertionError if it fails."""
        done = subprocess.run(
            as_reader(shlex.split(command)),
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


class Dyno:
    """A process as a platform runs it: a command of the repository, with variables, on a port."""

    def __init__(
        self, checkout: Checkout, command: str, output: IO[bytes], **environment: str
    ) -> None:
        self.port = int(environment.setdefault("PORT", str(free_port())))
        self._output = output
        self.process = subprocess.Popen(
            as_reader(shlex.split(command)),
            cwd=checkout.folder,
            env=checkout.environment(**environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def wait_ready(self, timeout: float = 60.0) -> None:
        deadline = time.monotonic() + timeout
        with httpx.Client(timeout=5, trust_env=False) as http:
            while time.monotonic() < deadline:
                assert self.process.poll() is None, self.log
                try:
                    if http.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
        raise AssertionError(self.log)

    def stop(self, patience: float) -> int:
        """SIGTERM, as platforms end a process. Returns the exit code.

        patience: seconds after which a platform kills. Raises: TimeoutExpired.
        """
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def vanish(self) -> None:
        """SIGKILL, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def log(self) -> str:
        return Path(self._output.name).read_text(errors="replace")

    def megabytes(self) -> float:
        """The memory of the process and its children (PSS), in MB."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        total = 0
        for pid in (self.process.pid, *map(int, found.stdout.split())):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            line = next(one for one in rollup.splitlines() if one.startswith("Pss:"))
            total += int(line.split()[1])
        return total / 1024


def copy_repository(folder: Path) -> None:
    """The files that git knows, as a push takes them."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-c", "-o", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def make_read_only(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & 0o555)


def as_reader(command: list[str]) -> list[str]:
    """The command as a user whom file permissions bind: root gives its right to pass them by up."""
    if os.geteuid():
        return command
    return ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override", *command]
