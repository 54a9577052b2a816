"""The group of all commands, and what a person sees when one fails."""

from __future__ import annotations

from typing import Any

import click

from app import __version__
from app.cli import account, chats, completion, desk, messages, rules, run, send, voice


class ErrorHandlingGroup(click.Group):
    """Shows what an operator can mend as one line, not as a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Exception as error:
            if (message := _message(error)) is None:
                raise
            raise click.ClickException(message) from error


def _message(error: Exception) -> str | None:
    """What to tell about an error that is no mistake of this program; None for all others."""
    from app.linq.errors import LinqError
    from app.settings import ConfigurationError
    from app.store.database import DatabaseUnavailable

    match error:
        case ConfigurationError():
            return str(error)
        case LinqError():
            return f"Linq: {error}"
        case DatabaseUnavailable():
            return f"The database does not answer: {error}"
    return None


@click.group(cls=ErrorHandlingGroup)
@click.version_option(__version__, message="voicememo-bot %(version)s")
def voicememo() -> None:
    """Answers iMessages with native voice memo bubbles, through the Linq Partner API."""


for command in (
    run.serve,
    run.worker,
    run.sandbox,
    run.demo,
    voice.say,
    voice.voices,
    voice.warm,
    send.send,
    messages.answers,
    chats.chats,
    messages.forget,
    account.subscribe,
    account.doctor,
    rules.rules,
    desk.evaluate,
    desk.knowledge,
    completion.completion,
):
    voicememo.add_command(command)
