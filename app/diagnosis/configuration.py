"""Whether the settings can be used together, without asking anybody."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.diagnosis.finding import Finding, ok, problem, warning
from app.environment import unknown_variables
from app.requirements import missing_address, missing_settings
from app.settings import ConfigurationError, Settings, is_https_or_loopback

ADMIN_TOKEN_CHARACTERS = 16
_HOW_TO_MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


def check_settings(settings: Settings, address: str | None = None) -> list[Finding]:
    """What stops the start, and what is set in vain or unsafely.

    address: the public one, where it is known without being set.
    """
    missing = missing_settings(settings)
    if address and not settings.address:
        missing = [one for one in missing if one != missing_address()]
    found = [problem("settings", one.message, one.cure) for one in missing]
    try:
        settings.require_encrypted_keys()
    except ConfigurationError as error:
        message, _, cure = str(error).partition(". ")
        found.append(problem("settings", message, cure))
    token = settings.admin_token.get_secret_value()
    if token and len(token) < ADMIN_TOKEN_CHARACTERS:
        found.append(
            problem(
                "settings",
                f"MEMO_ADMIN_TOKEN has only {len(token)} characters and can be guessed",
                f"Make a long one: {_HOW_TO_MAKE_ONE}",
            )
        )
    found += [
        warning("settings", sentence, "Correct or remove it.") for sentence in unknown_variables()
    ]
    if found:
        return [*found, *check_alerts(settings)]
    secret = "the bot keeps the secret" if settings.subscribes_itself else "the secret is set"
    return [ok("settings", f"the key is set, {secret}"), *check_alerts(settings)]


def check_alerts(settings: Settings) -> list[Finding]:
    """Where alerts go, as far as that can be told without posting one, which would call people."""
    url = settings.alert_url.get_secret_value()
    if not url or not is_https_or_loopback(url):
        return []  # nothing to tell, or told as a setting that cannot be used
    signed = (
        "signed" if settings.admin_token.get_secret_value() else "unsigned: no MEMO_ADMIN_TOKEN"
    )
    host = urlsplit(url).hostname
    return [ok("alerts", f"go to {host}, {signed}; not tried, because a post would alert people")]
