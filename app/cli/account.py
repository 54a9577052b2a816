"""`subscribe` and `doctor`: the account with Linq, and whether all is well."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import click

from app.cli.context import settings_of_command

if TYPE_CHECKING:
    from app.linq.client import LinqClient
    from app.settings import Settings

EVENTS = (
    "message.received",
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "message.edited",
)
WEBHOOK_PATH = "/webhooks/linq"
PAYLOAD_VERSION = "2026-02-03"


@click.command()
@click.argument("url")
def subscribe(url: str) -> None:
    """Subscribe the bot at URL to Linq's webhooks, and print the signing secret."""
    from app.settings import ConfigurationError

    settings = settings_of_command()
    target = webhook_url(url)
    if not settings.linq_api_key.get_secret_value():
        raise ConfigurationError("LINQ_API_V3_API_KEY is not set.")

    async def create(linq: LinqClient) -> int:
        for known in await linq.subscriptions.list():
            if urlsplit(known.target_url)._replace(query="") == urlsplit(target)._replace(query=""):
                click.echo(
                    f"{known.target_url} is subscribed already ({known.id}). Linq shows a secret "
                    "only once: if it is lost, delete the subscription and subscribe again.",
                    err=True,
                )
                return 1
        new = await linq.subscriptions.create(target, EVENTS)
        click.echo(f"Subscribed {target} ({new.subscription.id}).")
        click.echo("Linq shows this secret only now; set it where the bot runs:")
        click.echo(f"LINQ_WEBHOOK_SECRET={new.signing_secret}")
        return 0

    sys.exit(_with_linq(settings, create))


def webhook_url(url: str) -> str:
    """The bot's webhook address from what a person gives: the path and version are added.

    Raises: ConfigurationError if it is not https.
    """
    from app.settings import ConfigurationError, is_https_or_loopback

    parts = urlsplit(url if "://" in url else f"https://{url}")
    if not is_https_or_loopback(parts.geturl()):
        raise ConfigurationError(f"{url}: Linq delivers webhooks only to an https:// address.")
    path = parts.path if parts.path.strip("/") else WEBHOOK_PATH
    query = dict(parse_qsl(parts.query)) | {"version": PAYLOAD_VERSION}
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query), ""))


@click.command()
def doctor() -> None:
    """Check settings, voices, database and the account with Linq."""
    settings = settings_of_command()
    checks = (_check_configuration, _check_responder, _check_voices, _check_database)
    problems = sum(not check(settings) for check in checks)
    if settings.linq_api_key.get_secret_value():
        problems += _with_linq(settings, _check_linq)
    click.echo("All is well." if not problems else f"{problems} problem(s).")
    sys.exit(1 if problems else 0)


def _check_configuration(settings: Settings) -> bool:
    from app.linq.signatures import signing_key
    from app.settings import ConfigurationError

    try:
        settings.require_linq()
    except ConfigurationError as error:
        return _tell(False, "settings", str(error))
    if not all(signing_key(secret) for secret in settings.webhook_secrets):
        return _tell(
            False, "settings", "LINQ_WEBHOOK_SECRET: one of the secrets is not whsec_ and base64"
        )
    return _tell(True, "settings", "key and secret are set")


def _check_responder(settings: Settings) -> bool:
    from app.responders.factory import build_responder
    from app.settings import ConfigurationError

    try:
        build_responder(settings)
    except ConfigurationError as error:
        return _tell(False, "responder", str(error))
    return _tell(True, "responder", settings.responder)


def _check_voices(settings: Settings) -> bool:
    from app.speech.synthesizer import Synthesizer

    engines = Synthesizer.from_settings(settings).engines()
    told = ", ".join(
        one.name if one.usable else f"{one.name} not usable ({one.reason})" for one in engines
    )
    return _tell(any(one.usable for one in engines), "voices", told)


def _check_database(settings: Settings) -> bool:
    from app.settings import ConfigurationError
    from app.store import ledger
    from app.store.database import Database

    try:
        database = Database(settings.database_url)
        database.migrate()
    except ConfigurationError as error:
        return _tell(False, "database", str(error))
    oldest = database.read_sync(ledger.oldest_waiting)
    database.close()
    lasting = not (settings.dyno and database.is_sqlite)
    told = f"{database.description}, oldest waiting answer {oldest:.0f} s"
    if not lasting:
        told += "; SQLite on a dyno is emptied at every restart: add PostgreSQL"
    return _tell(lasting, "database", told)


async def _check_linq(linq: LinqClient) -> int:
    from app.linq.errors import LinqError
    from app.telemetry import masked

    try:
        lines = await linq.phone_numbers()
        subscriptions = await linq.subscriptions.list()
    except LinqError as error:
        _tell(False, "Linq", str(error))
        return 1
    _tell(bool(lines), "Linq", f"lines: {', '.join(map(masked, lines)) or 'none on this token'}")
    targets = [one.target_url for one in subscriptions]
    ours = [target for target in targets if urlsplit(target).path == WEBHOOK_PATH]
    told = ", ".join(ours) or "none ends in /webhooks/linq: run `voicememo subscribe URL`"
    _tell(bool(ours), "webhooks", told)
    return (not lines) + (not ours)


def _with_linq(settings: Settings, work: Callable[[LinqClient], Awaitable[int]]) -> int:
    from app.linq.client import LinqClient

    async def run() -> int:
        linq = LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)
        try:
            return await work(linq)
        finally:
            await linq.aclose()

    return asyncio.run(run())


def _tell(well: bool, what: str, told: str) -> bool:
    click.echo(f"{'ok     ' if well else 'PROBLEM'}  {what:10} {told}")
    return well
