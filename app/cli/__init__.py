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
    "--format", type=click.Choice(FORMATS), help="Audio format; MEMO_FORMAT if not given."
)
def say(text: str, output: Path, voice: str | None, language: str | None, format: Any) -> None:
    """Speak TEXT into a memo file, without Linq."""
    from app.cli.say import say as run

    settings = load_settings()
    _configure_logging(settings, to_stderr=True)
    sys.exit(
        asyncio.run(run(settings, text, output, voice=voice, language=language, format=format))
    )


@main.command()
def voices() -> None:
    """List the voice engines, and why one cannot be used here."""
    from app.cli.say import list_voices

    list_voices(load_settings())


@main.command()
@click.option("--chat", "chat_id", required=True, metavar="ID", help="Linq's id of the chat.")
@click.option("--language", help="Language of the text; detected if not given.")
@click.argument("text")
def send(chat_id: str, text: str, language: str | None) -> None:
    """Queue a memo that says TEXT to a chat, and wait for the result."""
    from app.cli.operating import send_memo

    sys.exit(send_memo(load_settings(), chat_id, text, language))


@main.group()
def answers() -> None:
    """Look at answers, and repeat those that failed."""


@answers.command("list")
@click.option("--state", "states", multiple=True, help="Only these: sent, failed, uncertain, …")
@click.option("--limit", default=20, show_default=True, help="The newest so many.")
def list_(states: tuple[str, ...], limit: int) -> None:
    """List the newest answers."""
    from app.cli.operating import list_answers

    list_answers(load_settings(), states, limit)


@answers.command()
@click.argument("some_id", metavar="ID")
def show(some_id: str) -> None:
    """Show one answer by its id, a message's or a memo's."""
    from app.cli.operating import show_answer

    show_answer(load_settings(), some_id)


@answers.command()
@click.argument("some_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All failed ones, the oldest first.")
def retry(some_ids: tuple[str, ...], everything: bool) -> None:
    """Queue failed answers again; an uncertain one only by its ID, for it may go out twice."""
    from app.cli.operating import retry_answers

    if bool(some_ids) == everything:
        raise click.UsageError("give the IDs of answers, or --all")
    retry_answers(load_settings(), some_ids, everything)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def warm(file: Path) -> None:
    """Record and upload each line of FILE beforehand, so that it answers at once."""
    from app.cli.operating import warm as run

    sys.exit(run(load_settings(), file))


@main.command()
@click.argument("handle")
def forget(handle: str) -> None:
    """Erase what the person with this number or e-mail address said and was told."""
    from app.cli.operating import forget as run

    run(load_settings(), handle)


@main.command()
@click.argument("url")
def subscribe(url: str) -> None:
    """Subscribe the bot at URL to Linq's webhooks, and print the signing secret."""
    from app.cli.account import subscribe as run

    sys.exit(run(load_settings(), url))


@main.command()
def doctor() -> None:
    """Check settings, voices, database and the account with Linq."""
    from app.cli.account import doctor as run

    sys.exit(run(load_settings()))


@main.group()
def rules() -> None:
    """Check and try a rules file (MEMO_RESPONDER=rules)."""


@rules.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Say what is in FILE, or which line is wrong and what was expected there."""
    from app.responders.rules.errors import RulesError
    from app.responders.rules.report import check_rules

    try:
        click.echo(str(check_rules(file)))
    except RulesError as error:
        raise click.ClickException(str(error)) from error


@rules.command("try")
@click.argument("text")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Else MEMO_RULES_FILE."
)
@click.option("--at", type=click.DateTime(), help="As if asked then, in the file's time zone.")
@click.option("--language", help="Language of the text; detected if not given.")
def try_(text: str, file: Path | None, at: Any, language: str | None) -> None:
    """Show what TEXT is answered, and why."""
    from app.responders.rules.errors import RulesError
    from app.responders.rules.report import explain
    from app.speech.language import detect

    file = file or load_settings().rules_file
    if file is None:
        raise click.UsageError("give --file, or set MEMO_RULES_FILE")
    try:
        click.echo(str(explain(file, text, at, language or detect(text, "") or None)))
    except RulesError as error:
        raise click.ClickException(str(error)) from error


def _settings() -> Settings:
    settings = load_settings()
    _configure_logging(settings)
    return settings


def _configure_logging(settings: Settings, *, to_stderr: bool = False) -> None:
    from app.telemetry import configure_logging

    stream = sys.stderr if to_stderr else sys.stdout
    configure_logging(settings.log_format, settings.log_level, stream)
