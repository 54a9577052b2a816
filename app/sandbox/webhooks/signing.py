"""Signatures of webhooks: the Standard Webhooks family and the older X-Webhook-* family.

Written from the scheme's public description, so that a mistake in the bot cannot repeat here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"


def new_secret() -> str:
    """A signing secret as Linq issues it: `whsec_` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def standard_signature(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`; `timestamp` in Unix seconds.

    Raises ValueError when `secret` is not base64 behind its optional `whsec_`.
    """
    encoded = secret.removeprefix(_PREFIX)
    key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def legacy_signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of `X-Webhook-Signature`: the key is the issued string itself, prefix included."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hex()
