"""What the service cannot be safe or useful without: which settings are missing or unusable."""

from __future__ import annotations

from dataclasses import dataclass

from app.program import command_line
from app.settings import (
    SIGNING_SECRET_BYTES,
    ConfigurationError,
    Settings,
    is_https_or_loopback,
    is_signing_secret,
)


@dataclass(frozen=True)
class MissingSetting:
    """One setting that is missing or cannot be used. None of the texts holds its value.

    variable: its name. cure: how to get it.
    """

    variable: str
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.message}. {self.cure}"


def missing_settings(settings: Settings) -> list[MissingSetting]:
    """Everything without which no webhook can be taken, in the order in which to mend it."""
    return [*_missing_key(settings), *_missing_secret(settings), *_unusable_addresses(settings)]


def require_key(settings: Settings) -> None:
    """Refuse to answer without what every answer needs. Webhooks need `require_linq`.

    Raises: ConfigurationError naming the first variable that is missing or unusable.
    """
    _refuse([*_missing_key(settings), *_unusable_addresses(settings)])
    settings.require_encrypted_keys()


def require_linq(settings: Settings) -> None:
    """Refuse to take webhooks without what that is not safe or useful without.

    Raises: ConfigurationError naming the first variable that is missing or unusable.
    """
    _refuse(needed_to_start(settings))
    settings.require_encrypted_keys()


def needed_to_start(settings: Settings) -> list[MissingSetting]:
    """Of `missing_settings` what `serve` cannot start without.

    On a platform the public address may still turn out while it runs.
    """
    missing = missing_settings(settings)
    if settings.on_platform and settings.subscribes_itself and not settings.address:
        return [one for one in missing if one != missing_address()]
    return missing


def _refuse(missing: list[MissingSetting]) -> None:
    if missing:
        raise ConfigurationError(str(missing[0]))


def _missing_key(settings: Settings) -> list[MissingSetting]:
    if settings.linq_api_key.get_secret_value():
        return []
    return [
        MissingSetting(
            "LINQ_API_V3_API_KEY",
            "LINQ_API_V3_API_KEY is not set",
            "Take the token from the Linq dashboard "
            f"(or try {command_line('demo')}, which needs none).",
        )
    ]


def _missing_secret(settings: Settings) -> list[MissingSetting]:
    if settings.subscribes_itself:
        return [] if settings.address else [missing_address()]
    if not settings.webhook_secrets:
        return [
            MissingSetting(
                "LINQ_WEBHOOK_SECRET",
                "LINQ_WEBHOOK_SECRET is not set",
                "It is the signing secret (whsec_…) that Linq shows once, when the webhook "
                f"subscription is created; {command_line('subscribe URL')} creates one and prints "
                "it. With MEMO_SUBSCRIBE=auto the bot does so itself.",
            )
        ]
    return [
        _unusable_secret(number if len(settings.webhook_secrets) > 1 else None)
        for number, secret in enumerate(settings.webhook_secrets, start=1)
        if not is_signing_secret(secret)
    ]


def missing_address(*, heroku: bool = False) -> MissingSetting:
    """heroku: whether the address can also be learnt by being called."""
    called = "Open this app once in a browser: it then knows its address. Or set"
    called = called if heroku else "Set"
    return MissingSetting(
        "MEMO_PUBLIC_URL",
        "MEMO_PUBLIC_URL is not set, and neither is LINQ_WEBHOOK_SECRET",
        f"{called} MEMO_PUBLIC_URL to the public https:// address of this service: the bot then "
        "subscribes itself to Linq's webhooks. Or set the secret that "
        f"{command_line('subscribe URL')} prints.",
    )


def _unusable_secret(number: int | None) -> MissingSetting:
    which = f", number {number}," if number else ""
    return MissingSetting(
        "LINQ_WEBHOOK_SECRET",
        f"LINQ_WEBHOOK_SECRET{which} is not a signing secret of Linq's: whsec_ and at least "
        f"{SIGNING_SECRET_BYTES} bytes in base64",
        "Copy the whole of what was shown when the subscription was created (several separated by "
        f"commas). If it is lost, {command_line('subscribe --replace URL')} makes a new one; or "
        "leave it empty, and the bot subscribes itself.",
    )


def _unusable_addresses(settings: Settings) -> list[MissingSetting]:
    found = []
    if not is_https_or_loopback(settings.linq_base_url):
        found.append(
            MissingSetting(
                "LINQ_API_V3_BASE_URL",
                "LINQ_API_V3_BASE_URL is no https:// address",
                "Leave it empty for Linq itself (plain http:// only for this machine).",
            )
        )
    alert_url = settings.alert_url.get_secret_value()
    if alert_url and not is_https_or_loopback(alert_url):
        found.append(
            MissingSetting(
                "MEMO_ALERT_URL",
                "MEMO_ALERT_URL is no https:// address",
                "Copy the whole address of the incoming webhook (plain http:// only for this "
                "machine), or leave it empty.",
            )
        )
    if settings.address and not is_https_or_loopback(settings.address):
        found.append(
            MissingSetting(
                "MEMO_PUBLIC_URL",
                "MEMO_PUBLIC_URL is no public https:// address",
                "Linq delivers webhooks to it, and with MEMO_DELIVERY=url fetches memos from it "
                "(plain http:// only for this machine).",
            )
        )
    if settings.delivery == "url" and not settings.address:
        found.append(
            MissingSetting(
                "MEMO_PUBLIC_URL",
                "MEMO_DELIVERY=url needs MEMO_PUBLIC_URL",
                "It is the public https:// address of this service, from which Linq fetches the "
                "memo.",
            )
        )
    return found
