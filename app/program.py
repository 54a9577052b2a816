"""How this program was called, so that messages name a command that works where they are read."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

SCRIPT = "voicememo"


def command_line(command: str) -> str:
    """`command` (such as `subscribe URL`) as it can be typed here, in backticks."""
    return f"`{program_name()} {command}`"


def program_name() -> str:
    """What to type before a command: `voicememo`, or `python -m app` where no script is installed.

    The script or the interpreter is named by its path where the shell would not find this one.
    """
    called = Path(sys.argv[0])
    if called.stem == SCRIPT:
        return _typed(called)
    return f"{_typed(Path(sys.executable))} -m app"


def _typed(program: Path) -> str:
    """The shortest name by which a shell in this folder finds the program."""
    names = [program.name, "python"] if program.name.startswith("python") else [program.name]
    for name in names:
        found = shutil.which(name)
        if found and os.path.abspath(found) == os.path.abspath(program):
            return name
    relative = os.path.relpath(program)
    return str(program) if relative.startswith("..") else relative
