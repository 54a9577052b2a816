"""The commands: `voicememo COMMAND`, the same as `python -m app COMMAND`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from app.settings import ConfigurationError, Settings, load_settings

FORMATS = ["m4a", "mp3", "aac", "caf", "wav", "aiff", "amr"]


class Commands(click.Group):
    """Shows what is wrong with the configuration as one line, not as a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except ConfigurationError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands)
def main() -> None:
    """Answers iMessages with native voice memo bubbles, through the Linq Partner API."""


@main.command()
def serve() -> None:
    """Run web and answering in one process, on PORT."""
    from app.server import serve as run

    sys.exit(run(_settings()))


@main.command()
def worker() -> None:
    """Run answering only; several may share one database."""
    from app.server import work

    sys.exit(work(_settings()))


@main.command()
@click.option("--port", default=8001, show_default=True, help="Port to listen on.")
@click.option(
    "--bot-url", help="Webhook address of the bot, e.g. http://127.0.0.1:8000/webhooks/linq."
)
def sandbox(port: int, bot_url: str | None) -> None:
    """Run the local Linq with its phone page."""
    from app.demo import run_sandbox

    run_sandbox(_settings(), port, bot_url)


@main.command()
@click.option("--port", default=8000, show_default=True, help="The bot's; the phone's is one more.")
@click.option("--once", metavar="TEXT", help="One exchange in the terminal, then exit.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where --once writes the memo."
)
def demo(port: int, once: str | None, out: Path | None) -> None:
    """Run sandbox and bot together: a phone to try it on, without an account."""
    from app.demo import run_demo, run_once

    if out and once is None:
        raise click.UsageError("--out goes with --once TEXT")
    if once is None:
        run_demo(port)
    else:
        sys.exit(run_once(once, out))


@main.command()
@click.argument("text")
@click.option(
    "-o",
    "--output",
    "output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.",
)
@click.option("--voice", help="A voice that the engine knows.")
@click.option("--language", help="Language of the text, e.g. fr; detected if not given.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Audio format; MEMO_FORMAT if not given."
)
def say(text: str, output: Path, voice: str | None, language: str | None, form: Any) -> None:
    """Speak TEXT into a memo file, without Linq."""
    from app.commands.say import say as run

    settings = load_settings()
    _configure_logging(settings, to_stderr=True)
    sys.exit(asyncio.run(run(settings, text, output, voice=voice, language=language, form=form)))


@main.command()
def voices() -> None:
    """List the voice engines, and why one cannot be used here."""
    from app.commands.say import list_voices

    list_voices(load_settings())


def _settings() -> Settings:
    settings = load_settings()
    _configure_logging(settings)
    return settings


def _configure_logging(settings: Settings, *, to_stderr: bool = False) -> None:
    from app.telemetry import configure_logging

    stream = sys.stderr if to_stderr else sys.stdout
    configure_logging(settings.log_format, settings.log_level, stream)
