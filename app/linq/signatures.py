"""Verifies that a webhook was signed by Linq, before anything of its body is parsed.

Two header families are sent with every delivery: Standard Webhooks
(https://www.standardwebhooks.com) and the older `X-Webhook-*`. The older one counts only where
the other is absent altogether, which is how `linq webhooks listen --forward-to` delivers.

The HMAC is computed here and not by the `standardwebhooks` package, because that one decodes the
body as UTF-8 first, reads the system clock, and answers a signature header without a comma with a
bare ValueError. The tests hold both against each other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

TOLERANCE_SECONDS = 300.0
"""How far a timestamp may lie in the past or the future."""

_STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
_LEGACY = ("x-webhook-timestamp", "x-webhook-signature")
_MAX_TOKENS = 32


class Rejection(StrEnum):
    """Why a delivery is refused: a code for log and metric."""

    MISSING_HEADERS = "missing_headers"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_SIGNATURE = "bad_signature"
    OLD_TIMESTAMP = "old_timestamp"
    FUTURE_TIMESTAMP = "future_timestamp"
    UNUSABLE_SECRET = "unusable_secret"  # noqa: S105


class SignatureRejected(Exception):
    """The delivery is not to be believed. `detail` holds no part of the body nor of a secret."""

    def __init__(self, reason: Rejection, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Verified:
    """A delivery that was signed with one of our secrets."""

    scheme: Literal["standard", "legacy"]
    timestamp: int
    """Unix seconds at which it was signed."""
    secret_index: int
    """Which of the secrets fitted, counted from 0: above 0 an old one is still in use."""
    webhook_id: str | None = None


def verify(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: float
) -> Verified:
    """Check the signature of the raw `body` against each of `secrets` (`whsec_…`).

    `now` is unix seconds. A timestamp is judged after the signature, so that an old or future
    one is known to be Linq's own and points at a clock or a replay.

    Raises: SignatureRejected.
    """
    found = {name.lower(): value.strip() for name, value in headers.items()}
    if any(found.get(name) for name in _STANDARD) or not any(found.get(name) for name in _LEGACY):
        verified = _verify_standard(found, body, secrets)
    else:
        verified = _verify_legacy(found, body, secrets)
    age = now - verified.timestamp
    if age > TOLERANCE_SECONDS:
        raise SignatureRejected(Rejection.OLD_TIMESTAMP, f"signed {age:.0f} s ago")
    if age < -TOLERANCE_SECONDS:
        raise SignatureRejected(
            Rejection.FUTURE_TIMESTAMP, f"signed {-age:.0f} s ahead of this clock"
        )
    return verified


def signing_key(secret: str) -> bytes | None:
    """The key behind a `whsec_…` secret, or None where the rest is no base64."""
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key or None


def _verify_standard(found: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verified:
    webhook_id, stamp, signatures = _require(found, _STANDARD)
    timestamp = _timestamp(stamp)
    signed = b".".join((_octets(webhook_id), _octets(stamp), body))
    tokens = [
        _octets(token.removeprefix("v1,"))
        for token in signatures.split()[:_MAX_TOKENS]
        if token.startswith("v1,")
    ]
    keys = [(index, signing_key(secret)) for index, secret in enumerate(secrets)]
    if all(key is None for _, key in keys):
        raise SignatureRejected(
            Rejection.UNUSABLE_SECRET, "LINQ_WEBHOOK_SECRET holds no whsec_ secret in base64"
        )
    for index, key in keys:
        if key is None:
            continue
        expected = base64.b64encode(_hmac(key, signed).digest())
        for token in tokens:
            if hmac.compare_digest(expected, token):
                return Verified("standard", timestamp, index, webhook_id)
    raise SignatureRejected(
        Rejection.BAD_SIGNATURE,
        f"none of {len(tokens)} v1 signatures fits any of {len(secrets)} secrets",
    )


def _verify_legacy(found: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verified:
    stamp, signature = _require(found, _LEGACY)
    timestamp = _timestamp(stamp)
    signed = _octets(stamp) + b"." + body
    token = _octets(signature.removeprefix("sha256="))
    for index, key in _legacy_keys(secrets):
        expected = _hmac(key, signed).hexdigest().encode()
        if hmac.compare_digest(expected, token):
            return Verified("legacy", timestamp, index)
    raise SignatureRejected(
        Rejection.BAD_SIGNATURE, f"X-Webhook-Signature fits none of {len(secrets)} secrets"
    )


def _legacy_keys(secrets: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    """The issued string itself first, as Linq's samples do; what it decodes to second."""
    for index, secret in enumerate(secrets):
        if secret:
            yield index, secret.encode()
        if key := signing_key(secret):
            yield index, key


def _require(found: Mapping[str, str], names: Sequence[str]) -> list[str]:
    missing = [name for name in names if not found.get(name)]
    if missing:
        raise SignatureRejected(Rejection.MISSING_HEADERS, ", ".join(missing))
    return [found[name] for name in names]


def _timestamp(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise SignatureRejected(Rejection.BAD_TIMESTAMP, "not unix seconds")
    return int(text)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hmac(key: bytes, data: bytes) -> hmac.HMAC:
    return hmac.new(key, data, hashlib.sha256)
