"""The commands: `voicememo COMMAND`, the same as `python -m app COMMAND`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_TOLD = "Aborted!\n"
_EXIT_CODE = 1
"""What click tells, and how it ends, at Ctrl-C within a command."""


def main() -> None:
    """Run the command that this process was called with, and exit.

    Ctrl-C ends it quietly at any moment: everything else is imported here and in the commands,
    because the imports take longer than most of them.
    """
    signal.signal(signal.SIGINT, _interrupt)
    try:
        from app.cli.commands import voicememo
        from app.cli.completion import COMPLETE_VARIABLE
        from app.program import program_name

        voicememo(prog_name=program_name(), complete_var=COMPLETE_VARIABLE)
    except KeyboardInterrupt:
        # Not at once: whatever the command had open has yet to be closed at exit.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write(_TOLD)
        sys.exit(_EXIT_CODE)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but end at once where Python would swallow it: within an import."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            os.write(sys.stderr.fileno(), _TOLD.encode())
            os._exit(_EXIT_CODE)
        frame = frame.f_back
    raise KeyboardInterrupt
