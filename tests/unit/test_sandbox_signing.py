"""The sandbox signs as Standard Webhooks publishes it, and as Linq's older documents say."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.sandbox.webhooks.signing import legacy_signature, new_secret, standard_signature


def test_the_published_vector_of_standard_webhooks() -> None:
    signature = standard_signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(body=st.text().map(str.encode), timestamp=st.integers(0, 2**33))
def test_every_signature_is_the_official_packages_own(body: bytes, timestamp: int) -> None:
    secret = new_secret()
    ours = standard_signature(secret, "evt_1", timestamp, body)
    moment = datetime.fromtimestamp(timestamp, UTC)
    assert ours == Webhook(secret).sign("evt_1", moment, body.decode())


def test_the_legacy_key_is_the_secret_as_issued() -> None:
    secret, body = new_secret(), b'{"a":1}'
    expected = hmac.new(secret.encode(), b"1700000000." + body, hashlib.sha256).hexdigest()
    assert legacy_signature(secret, 1_700_000_000, body) == expected


def test_a_secret_that_is_not_base64_is_an_error() -> None:
    with pytest.raises(ValueError, match="base64"):
        standard_signature("whsec_not base64!", "evt_1", 0, b"")


def test_secrets_are_long_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)
