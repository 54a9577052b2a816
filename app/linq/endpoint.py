"""The address of the bot's webhook endpoint, and the subscription that Linq needs for it."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from app.settings import ConfigurationError, is_https_or_loopback

WEBHOOK_PATH = "/webhooks/linq"
PAYLOAD_VERSION = "2026-02-03"
"""Of the payloads that are asked for with `?version=`; the oldest one with `message.edited`."""
NEEDED_EVENT = "message.received"
EVENTS = (
    NEEDED_EVENT,
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "message.edited",
)
TYPING_EVENTS = ("chat.typing_indicator.started", "chat.typing_indicator.stopped")
"""Asked for as well, though nothing is amiss without: whoever goes on typing is waited for."""
REACTION_EVENTS = ("reaction.added", "reaction.removed")
"""The same: a tapback on an answer rates it."""
WANTED_EVENTS = (*EVENTS, *TYPING_EVENTS, *REACTION_EVENTS)
"""What a subscription is made for, and mended to."""

_MARK = "voicememo"


def webhook_url(url: str) -> str:
    """The bot's webhook address from what a person gives: the path and version are added.

    Raises: ConfigurationError if it is not https.
    """
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        usable = is_https_or_loopback(parts.geturl())
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"{url}: Linq delivers webhooks only to an https:// address.")
    path = parts.path if parts.path.strip("/") else WEBHOOK_PATH
    return _with_query(parts.geturl(), path=path, version=PAYLOAD_VERSION)


def free_webhook_url(url: str, taken: set[str]) -> str:
    """`webhook_url(url)`, told apart from those taken: Linq takes each address only once."""
    target = webhook_url(url)
    number = 2
    while target in taken:
        target = _with_query(target, n=str(number))
        number += 1
    return target


def endpoint(target_url: str) -> str:
    """An address without its query, in which subscriptions of one endpoint differ."""
    try:
        parts = urlsplit(target_url)
        return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))
    except ValueError:
        return target_url


def with_payload_version(target_url: str) -> str:
    """The same address, asking for the payload version that is meant."""
    return _with_query(target_url, version=PAYLOAD_VERSION)


def marked(target_url: str) -> str:
    """The same address as one of a subscription that the bot makes itself, and like no other."""
    return _with_query(target_url, **{_MARK: secrets.token_hex(8)})


def is_own(target_url: str) -> bool:
    """Whether a bot made the subscription to this address itself."""
    try:
        return _MARK in dict(parse_qsl(urlsplit(target_url).query))
    except ValueError:
        return False


def _with_query(url: str, *, path: str | None = None, **values: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | values
    return urlunsplit((parts.scheme, parts.netloc, path or parts.path, urlencode(query), ""))
