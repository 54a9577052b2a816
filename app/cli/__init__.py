"""The commands: `voicememo COMMAND`, the same as `python -m app COMMAND`."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command that this process was called with, and exit.

    Ctrl-C ends it quietly at any moment: everything else is imported here, because the imports
    take longer than most of the commands.
    """
    try:
        from app.cli.commands import voicememo
        from app.program import program_name

        voicememo(prog_name=program_name())
    except KeyboardInterrupt:
        # A second one, while Python cleans up, would show a traceback after all.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit("Aborted!")
