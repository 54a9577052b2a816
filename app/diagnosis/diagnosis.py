"""All checks, one after the other or at once, for a command or a page to show."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from app.diagnosis.configuration import check_settings
from app.diagnosis.finding import Finding, ok, problem
from app.diagnosis.own_subscription import OwnSubscriptions, check_own, read_own, repair_own
from app.diagnosis.round_trip import check_round_trip, own_endpoint
from app.diagnosis.services import check_responder, check_transcription, check_voices
from app.diagnosis.storage import check_database
from app.diagnosis.subscriptions import (
    Account,
    check_lines,
    check_subscriptions,
    read_account,
    repair_subscription,
)
from app.linq.client import LinqClient
from app.linq.errors import LinqError, Misconfigured
from app.linq.signatures import TOLERANCE_SECONDS
from app.settings import Settings, is_https_or_loopback

CLOCK_SECONDS = 60.0
"""How far the clock may be off; webhooks are refused from `TOLERANCE_SECONDS` on."""


async def diagnose(settings: Settings) -> list[Finding]:
    """Everything that can be wrong before the first message, in the order in which to mend it."""
    own = OwnSubscriptions()
    if settings.subscribes_itself:
        own = await asyncio.to_thread(read_own, settings)
    address = settings.address or own.address
    groups = await asyncio.gather(
        asyncio.to_thread(check_settings, settings, address),
        check_responder(settings),
        check_voices(settings),
        check_transcription(settings),
        asyncio.to_thread(check_database, settings),
        _check_account(settings, own, address),
    )
    return [finding for group in groups for finding in group]


async def repair(settings: Settings) -> list[Finding]:
    """Mend what can be mended from here: the subscription. Returns what was done."""
    if not _can_ask(settings):
        return []
    try:
        async with aclosing(_linq(settings)) as linq:
            if not settings.subscribes_itself:
                return await repair_subscription(linq, settings.address)
            own = await asyncio.to_thread(read_own, settings)
            address = settings.address or own.address
            return await repair_own(linq, settings, address) if address else []
    except LinqError as error:
        return [_linq_fails(error)]


async def _check_account(
    settings: Settings, own: OwnSubscriptions, address: str | None
) -> list[Finding]:
    if not _can_ask(settings):
        return []
    async with aclosing(_linq(settings)) as linq:
        try:
            account = await read_account(linq)
        except LinqError as error:
            return [_linq_fails(error)]
        offset = linq.clock_offset_seconds
    target = own_endpoint(settings, account.of_bot(address), address)
    return [
        ok("Linq", "the key is accepted"),
        *check_clock(offset),
        check_lines(account),
        *(check_own(own, account, address) if settings.subscribes_itself and address else []),
        *_check_subscriptions(settings, account, address),
        *await check_round_trip(
            target, settings.webhook_secrets or own.secrets[:1], is_public=bool(address)
        ),
    ]


def _check_subscriptions(
    settings: Settings, account: Account, address: str | None
) -> list[Finding]:
    if settings.subscribes_itself and address and not account.of_bot(address):
        return []  # `check_own` tells what there should be
    return check_subscriptions(account, address)


def check_clock(offset_seconds: float | None) -> list[Finding]:
    """offset_seconds: how far Linq's clock is ahead of ours; None if it is not known."""
    if offset_seconds is None:
        return []
    if abs(offset_seconds) < CLOCK_SECONDS:
        return [ok("clock", "agrees with Linq's")]
    direction = "behind" if offset_seconds > 0 else "ahead of"
    return [
        problem(
            "clock",
            f"{abs(offset_seconds):.0f} s {direction} Linq's",
            "Set it, and let it be kept (NTP): webhooks are refused when it is more than "
            f"{TOLERANCE_SECONDS:.0f} s off.",
        )
    ]


def _can_ask(settings: Settings) -> bool:
    has_key = bool(settings.linq_api_key.get_secret_value())
    return has_key and is_https_or_loopback(settings.linq_base_url)


def _linq(settings: Settings) -> LinqClient:
    return LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)


def _linq_fails(error: LinqError) -> Finding:
    cure = "Copy the key from the Linq dashboard."
    if not isinstance(error, Misconfigured):
        cure = "Check LINQ_API_V3_BASE_URL and the way to the internet; else try again later."
    return problem("Linq", str(error), cure)
