"""`rules check` and `rules try`: a rules file looked at before anybody is answered by it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from app.cli.context import settings_of_command


@click.group()
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
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="As if asked then, in the file's time zone.",
)
@click.option("--language", help="Language of the text; detected if not given.")
def try_(text: str, file: Path | None, at: datetime | None, language: str | None) -> None:
    """Show what TEXT is answered, and why."""
    from app.responders.rules.errors import RulesError
    from app.responders.rules.report import explain
    from app.speech.language import detect

    file = file or settings_of_command().rules_file
    if file is None:
        raise click.UsageError("give --file, or set MEMO_RULES_FILE")
    try:
        click.echo(str(explain(file, text, at, language or detect(text, "") or None)))
    except RulesError as error:
        raise click.ClickException(str(error)) from error
