"""The subscription that the bot keeps itself: whether it is there, and its repair."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from app.diagnosis.finding import Finding, ok, problem, warning
from app.diagnosis.subscriptions import Account
from app.linq.client import LinqClient
from app.linq.endpoint import WEBHOOK_PATH, endpoint, webhook_url
from app.program import command_line
from app.settings import ConfigurationError, Settings
from app.store import kept_subscriptions
from app.store.database import Database, DatabaseUnavailable
from app.store.kept_subscriptions import KeptSubscription
from app.store.sealing import Sealer
from app.subscription.keeper import SubscriptionKeeper
from app.subscription.secrets import kept_secrets
from app.tls import tls_context

_HEALTH_SECONDS = 5.0
_FIX = f"{command_line('doctor --fix')} makes a new one."


@dataclass(frozen=True)
class OwnSubscriptions:
    """What is kept, the one that changed last first; secrets: of those that can be read."""

    rows: tuple[KeptSubscription, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def address(self) -> str | None:
        """The public address of the newest one."""
        return self.rows[0].address.removesuffix(WEBHOOK_PATH) if self.rows else None


def read_own(settings: Settings) -> OwnSubscriptions:
    """What the database keeps; nothing where it does not answer, of which its own check tells."""
    try:
        with _opened(settings) as database:
            rows = database.read_sync(kept_subscriptions.find_all)
    except (ConfigurationError, DatabaseUnavailable):
        return OwnSubscriptions()
    return OwnSubscriptions(tuple(rows), kept_secrets(rows, _sealer(settings), time.time()))


def check_own(own: OwnSubscriptions, account: Account, address: str) -> list[Finding]:
    """Whether the bot has subscribed itself at this public address, and nothing is left behind."""
    here = endpoint(webhook_url(address))
    found = []
    row = next((one for one in own.rows if one.address == here), None)
    known = {one.id for one in account.subscriptions}
    if row is None or row.subscription_id is None:
        cure = f"Start it ({command_line('serve')}); {command_line('doctor --fix')} does it, too."
        found.append(problem("webhooks", "the bot has not subscribed itself yet", cure))
    elif row.subscription_id not in known:
        found.append(problem("webhooks", "the bot's subscription is gone from Linq", _FIX))
    elif not own.secrets:
        told = "the secret of the subscription cannot be read: LINQ_API_V3_API_KEY has changed"
        found.append(problem("webhooks", told, _FIX))
    elsewhere = [one for one in _elsewhere(own, here) if one.subscription_id in known]
    found += [
        warning(
            "webhooks",
            f"an earlier subscription of this bot still delivers to {one.address}",
            f"If that address is not used any more, {command_line('doctor --fix')} deletes it.",
        )
        for one in elsewhere
    ]
    return found


async def repair_own(linq: LinqClient, settings: Settings, address: str) -> list[Finding]:
    """Make, mend or replace the subscription, and delete those of earlier addresses.

    Returns what was done. Raises: LinqError.
    """
    with _opened(settings) as database:
        keeper = SubscriptionKeeper(settings, database, _sealer(settings))
        before = database.read_sync(kept_subscriptions.find_all)
        try:
            made = await keeper.keep(address)
        except (ConfigurationError, DatabaseUnavailable) as error:
            return [problem("repair", str(error), "Correct that first.")]
        done = [ok("repair", f"subscription {made.id} is as it must be")]
        for one in _elsewhere(OwnSubscriptions(tuple(before)), endpoint(made.target_url)):
            if await _answers(one.address):
                # This may be a copy of another deployment's database.
                told = f"a bot still answers at {one.address}: its subscription is left as it is"
                done.append(warning("repair", told, "Delete it at Linq if it is not needed."))
                continue
            if one.subscription_id:
                await linq.subscriptions.delete(one.subscription_id)
                done.append(ok("repair", f"the subscription to {one.address} is deleted"))
            database.write_sync(partial(kept_subscriptions.forget, address=one.address))
    return done


async def _answers(address: str) -> bool:
    """Whether a bot lives behind a webhook address."""
    health = address.removesuffix(WEBHOOK_PATH) + "/healthz"
    try:
        async with httpx.AsyncClient(
            timeout=_HEALTH_SECONDS, follow_redirects=False, verify=tls_context()
        ) as http:
            return (await http.get(health)).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


async def replace_own(settings: Settings, address: str) -> str:
    """Make a new subscription with a new secret for this public address. Returns its id.

    Raises: LinqError, ConfigurationError, DatabaseUnavailable.
    """
    with _opened(settings) as database:
        keeper = SubscriptionKeeper(settings, database, _sealer(settings))
        return (await keeper.keep(address, replace=True)).id


def _elsewhere(own: OwnSubscriptions, here: str) -> list[KeptSubscription]:
    return [one for one in own.rows if one.address != here]


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, connections=1)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def _sealer(settings: Settings) -> Sealer:
    return Sealer(settings.linq_api_key.get_secret_value())
