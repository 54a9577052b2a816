"""`completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from app.program import SCRIPT

COMPLETE_VARIABLE = "_VOICEMEMO_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell, e.g. for ~/.bashrc.

    bash: eval "$(voicememo completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, SCRIPT, COMPLETE_VARIABLE).source())
