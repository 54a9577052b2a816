"""`subscribe` and `doctor`: the account with Linq, and whether all is well."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from app.cli.context import settings_of_command
from app.cli.output import print_json
from app.program import command_line

if TYPE_CHECKING:
    from app.diagnosis.finding import Finding
    from app.settings import Settings

_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


@click.command()
@click.argument("url")
@click.option(
    "--replace",
    is_flag=True,
    help="Make a new subscription with a new secret, and delete those there were for URL.",
)
def subscribe(url: str, replace: bool) -> None:
    """Subscribe the bot at URL to Linq's webhooks, and print the signing secret."""
    from app.settings import ConfigurationError

    settings = settings_of_command()
    if not settings.linq_api_key.get_secret_value():
        raise ConfigurationError(
            "LINQ_API_V3_API_KEY is not set. Take the token from the Linq dashboard."
        )
    asyncio.run(_subscribe(settings, url, replace=replace))


async def _subscribe(settings: Settings, url: str, *, replace: bool) -> None:
    from app.linq.client import LinqClient
    from app.linq.endpoint import WANTED_EVENTS, endpoint, free_webhook_url, webhook_url

    wanted = endpoint(webhook_url(url))
    key = settings.linq_api_key.get_secret_value()
    async with aclosing(LinqClient(key, settings.linq_base_url)) as linq:
        known = await linq.subscriptions.list()
        ours = [one for one in known if endpoint(one.target_url) == wanted]
        if ours and settings.subscribes_itself and await _is_kept(settings, wanted):
            await _replace_kept(settings, url, replace=replace)
            return
        if ours and not replace:
            off = "" if any(one.active for one in ours) else ", but switched off"
            raise click.ClickException(
                f"{wanted} is subscribed already ({ours[0].id}){off}. "
                f"{command_line('doctor')} says whether it is as it must be, "
                f"{command_line('doctor --fix')} mends it. Linq shows a secret only once: if it is "
                f"lost, {command_line(f'subscribe --replace {url}')} makes a new one."
            )
        target = free_webhook_url(url, {one.target_url for one in known})
        new = await linq.subscriptions.create(target, WANTED_EVENTS)
        # The secret is out before anything else can fail: it is never shown again.
        click.echo(f"Subscribed {target} ({new.subscription.id}).")
        click.echo("Linq shows this secret only now; set it where the bot runs:")
        click.echo(f"LINQ_WEBHOOK_SECRET={new.signing_secret}")
        for one in ours:
            await linq.subscriptions.delete(one.id)
            click.echo(f"Deleted the one before ({one.id}).")
    if ours:
        click.echo("Until the bot is started again with it, it refuses what Linq delivers.")


async def _is_kept(settings: Settings, address: str) -> bool:
    """Whether the bot keeps the subscription to this webhook address itself."""
    from app.diagnosis.own_subscription import read_own

    own = await asyncio.to_thread(read_own, settings)
    return any(row.address == address for row in own.rows)


async def _replace_kept(settings: Settings, url: str, *, replace: bool) -> None:
    from app.diagnosis.own_subscription import replace_own

    if not replace:
        raise click.ClickException(
            f"The bot keeps the subscription of {url} itself. {command_line('doctor')} says "
            f"whether it is as it must be, {command_line('doctor --fix')} mends it; "
            f"{command_line(f'subscribe --replace {url}')} makes a new one."
        )
    made = await replace_own(settings, url)
    click.echo(f"Subscribed anew ({made}). The bot keeps the secret itself, also while it runs.")


@click.command()
@click.option("--fix", is_flag=True, help="Mend the webhook subscription first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(fix: bool, as_json: bool) -> None:
    """Check settings, voices, services, database, clock and the account with Linq.

    Lets each voice engine speak a word and sends the bot a signed webhook, which it answers to
    nobody. Exits with 1 if there is a problem; a warning is none.
    """
    findings = asyncio.run(_diagnose(settings_of_command(), fix=fix))
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.level]}  {finding.check:13} {finding.message}")
            if finding.cure:
                click.echo(f"{'':24}→ {finding.cure}")
        click.echo(_summary(findings))
    sys.exit(any(finding.level == "problem" for finding in findings))


async def _diagnose(settings: Settings, *, fix: bool) -> list[Finding]:
    from app.diagnosis.diagnosis import diagnose, repair

    done = await repair(settings) if fix else []
    return done + await diagnose(settings)


def _summary(findings: list[Finding]) -> str:
    counts = [
        f"{count} {level}{'s' if count > 1 else ''}"
        for level in ("problem", "warning")
        if (count := sum(finding.level == level for finding in findings))
    ]
    return f"{', '.join(counts)}." if counts else "All is well."
