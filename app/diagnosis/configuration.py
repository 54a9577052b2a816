"""Whether the settings can be used together, without asking anybody."""

from __future__ import annotations

from app.diagnosis.finding import Finding, ok, problem, warning
from app.settings import (
    ConfigurationError,
    Settings,
    is_https_or_loopback,
    unknown_variables,
)

ADMIN_TOKEN_CHARACTERS = 16
_HOW_TO_MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


def check_settings(settings: Settings) -> list[Finding]:
    """What stops the start, and what is set in vain or unsafely."""
    found = []
    try:
        settings.require_linq()
    except ConfigurationError as error:
        message, _, cure = str(error).partition(". ")
        found.append(problem("settings", message, cure))
    url = settings.public_url
    if url and settings.delivery != "url" and not is_https_or_loopback(url):
        found.append(
            problem("settings", f"MEMO_PUBLIC_URL={url} is no https:// address", "Correct it.")
        )
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
    return found or [ok("settings", "key and secret are set")]
