"""Whether Linq sends the bot what it needs, and the repair of a subscription that does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.diagnosis.finding import Finding, ok, problem, warning
from app.linq.client import LinqClient
from app.linq.endpoint import (
    EVENTS,
    NEEDED_EVENT,
    PAYLOAD_VERSION,
    WANTED_EVENTS,
    WEBHOOK_PATH,
    endpoint,
    with_payload_version,
)
from app.linq.errors import LinqError
from app.linq.subscriptions import Subscription
from app.program import command_line


@dataclass(frozen=True)
class Account:
    """What Linq says of the account: its lines (E.164) and its webhook subscriptions."""

    lines: tuple[str, ...]
    subscriptions: tuple[Subscription, ...]

    def of_bot(self, public_url: str | None) -> list[Subscription]:
        """Those of this bot: of its host if that is known, else all that end in its path."""
        if public_url:
            host = urlsplit(public_url).netloc.lower()
            return [s for s in self.subscriptions if _host(s.target_url) == host]
        return [s for s in self.subscriptions if endpoint(s.target_url).endswith(WEBHOOK_PATH)]


def check_subscriptions(account: Account, public_url: str | None) -> list[Finding]:
    """Every fault of the bot's subscriptions."""
    ours = account.of_bot(public_url)
    subscribe = f"{command_line('subscribe ' + (public_url or 'URL'))} makes one."
    if not ours:
        where = f"to {public_url}" if public_url else f"to an address with {WEBHOOK_PATH}"
        message = f"no subscription delivers {where}"
        if others := sorted({_host(one.target_url) for one in account.subscriptions}):
            message += f"; there are some to {', '.join(others)}"
        return [problem("webhooks", message, subscribe)]
    found = [finding for one in ours for finding in _faults(one, account.lines)]
    addresses = sorted({endpoint(one.target_url) for one in ours})
    for address in addresses:
        same = [one for one in ours if endpoint(one.target_url) == address and one.active]
        if len(same) > 1:
            found.append(
                warning(
                    "webhooks",
                    f"{len(same)} active subscriptions deliver to {address}, each signed with a "
                    "secret of its own",
                    "Delete all but the one whose secret the bot knows: it refuses the others.",
                )
            )
    if len(addresses) > 1:
        found.append(
            warning(
                "webhooks",
                f"several addresses may be this bot's: {', '.join(addresses)}",
                "Set MEMO_PUBLIC_URL to its own address.",
            )
        )
    return found or [ok("webhooks", f"delivered to {addresses[0]}")]


def check_lines(account: Account) -> Finding:
    """Whether the token may use any line."""
    if not account.lines:
        return problem("lines", "none on this token", "Give it one in the Linq dashboard.")
    return ok("lines", f"{len(account.lines)} on this token")


async def repair_subscription(linq: LinqClient, public_url: str | None) -> list[Finding]:
    """Mend the bot's subscription where it is known which one it is; its secret stays.

    Returns what was done, or why nothing could be.
    Raises: LinqError when the account cannot be read.
    """
    account = await read_account(linq)
    ours = account.of_bot(public_url)
    faulty = [
        one
        for one in ours
        if any(_faults(one, account.lines)) or not set(one.events) >= set(WANTED_EVENTS)
    ]
    if not faulty:
        return []
    if len(ours) > 1:
        cure = "Set MEMO_PUBLIC_URL, and delete all but one in the Linq dashboard."
        return [warning("repair", "it is not clear which subscription is this bot's", cure)]
    one = faulty[0]
    deaf = bool(one.phone_numbers) and not set(one.phone_numbers) & set(account.lines)
    try:
        await linq.subscriptions.update(
            one.id,
            target_url=with_payload_version(one.target_url),
            events=tuple(dict.fromkeys((*one.events, *WANTED_EVENTS))),
            active=True,
            phone_numbers=() if deaf else None,
        )
    except LinqError as error:
        return [problem("repair", f"Linq refuses it: {error}", "Mend it in the Linq dashboard.")]
    return [ok("repair", f"subscription {one.id} mended; its secret stays as it is")]


async def read_account(linq: LinqClient) -> Account:
    """Raises: LinqError."""
    return Account(await linq.phone_numbers(), await linq.subscriptions.list())


def _faults(one: Subscription, lines: Sequence[str]) -> Iterator[Finding]:
    address = endpoint(one.target_url)
    fix = f"{command_line('doctor --fix')} mends it."
    if not one.active:
        yield problem("webhooks", f"the subscription to {address} is switched off", fix)
    missing = [event for event in EVENTS if event not in one.events]
    if NEEDED_EVENT in missing:
        yield problem("webhooks", f"{address} is not told of {NEEDED_EVENT}", fix)
    elif missing:
        yield warning("webhooks", f"{address} is not told of {', '.join(missing)}", fix)
    if one.version != PAYLOAD_VERSION:
        has = f"version {one.version}" if one.version else "no version"
        yield problem("webhooks", f"{address} asks for {has} of payloads", fix)
    if one.phone_numbers and lines and not set(one.phone_numbers) & set(lines):
        yield problem("webhooks", f"{address} is told of other lines than the token's only", fix)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
