"""Webhooks are believed only with a fresh signature by one of our secrets over these very bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from starlette.datastructures import Headers

from app.linq.signatures import (
    TOLERANCE_SECONDS,
    Rejection,
    SignatureRejected,
    signing_key,
    verify,
)

SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes length").decode()
NOW = 1_760_951_643
BODY = '{"event_type":"message.received","text":"Grüße 👋"}'.encode()


def signed(
    body: bytes = BODY, secret: str = SECRET, at: int = NOW, webhook_id: str = "evt_1"
) -> dict[str, str]:
    """Headers as the `standardwebhooks` package makes them."""
    signature = Webhook(secret).sign(webhook_id, datetime.fromtimestamp(at, UTC), body.decode())
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature,
    }


def forwarded(
    body: bytes = BODY, key: bytes = SECRET.encode(), at: int = NOW, prefix: str = ""
) -> dict[str, str]:
    """Headers as `linq webhooks listen --forward-to` makes them: the older family alone."""
    digest = hmac.new(key, str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "X-Webhook-Event": "message.received",
        "X-Webhook-Timestamp": str(at),
        "X-Webhook-Signature": prefix + digest,
        "X-Webhook-Subscription-ID": "b7e0c1d2-1111-4222-8333-444455556666",
    }


def rejection(
    headers: Mapping[str, str], body: bytes = BODY, *secrets: str, now: float = NOW
) -> tuple[Rejection, str]:
    with pytest.raises(SignatureRejected) as caught:
        verify(headers, body, secrets or (SECRET,), now=now)
    return caught.value.reason, caught.value.detail


def test_the_published_vector_of_standard_webhooks() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    verified = verify(
        headers, b'{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], now=1614265330
    )
    assert (verified.scheme, verified.webhook_id) == ("standard", "msg_p5jXN8AQM9LWM0D4loKWxJek")


def test_what_the_official_package_signs_is_accepted() -> None:
    verified = verify(signed(), BODY, [SECRET], now=NOW + 3)
    assert (verified.scheme, verified.timestamp, verified.secret_index) == ("standard", NOW, 0)
    assert verified.webhook_id == "evt_1"


@given(
    body=st.text().map(str.encode),
    key=st.binary(min_size=1, max_size=64),
    webhook_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
)
def test_any_body_key_and_id_the_official_package_signs_is_accepted(
    body: bytes, key: bytes, webhook_id: str
) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    verify(signed(body, secret, NOW, webhook_id), body, [secret], now=NOW)


@given(change=st.integers(0, 2), position=st.integers(0), flip=st.integers(1, 255))
def test_the_official_package_agrees_on_what_is_refused(
    change: int, position: int, flip: int
) -> None:
    """The package reads the system clock, so this test signs with it, too."""
    now = datetime.now(UTC)
    headers, body = signed(at=int(now.timestamp())), bytearray(BODY)
    if change == 1:
        body[position % len(body)] ^= flip
    if change == 2:
        headers["webhook-id"] += "x"
    try:
        Webhook(SECRET).verify(bytes(body), headers, json_parse=False)
        agreed = True
    except (WebhookVerificationError, UnicodeDecodeError):
        agreed = False
    try:
        verify(headers, bytes(body), [SECRET], now=now.timestamp())
        ours = True
    except SignatureRejected:
        ours = False
    assert ours == agreed == (change == 0)


@given(position=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255), legacy=st.booleans())
def test_any_changed_byte_of_the_body_is_refused(position: int, flip: int, legacy: bool) -> None:
    changed = bytearray(BODY)
    changed[position] ^= flip
    headers = forwarded() if legacy else signed()
    assert rejection(headers, bytes(changed))[0] is Rejection.BAD_SIGNATURE


@given(data=st.data(), legacy=st.booleans())
def test_any_changed_character_of_a_signed_header_is_refused(
    data: st.DataObject, legacy: bool
) -> None:
    headers = forwarded() if legacy else signed()
    counted = [
        name for name in headers if name.lower().endswith(("-id", "-timestamp", "-signature"))
    ]
    counted = [name for name in counted if "Subscription" not in name]
    name = data.draw(st.sampled_from(counted))
    position = data.draw(st.integers(0, len(headers[name]) - 1))
    char = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    value = headers[name]
    headers[name] = value[:position] + char + value[position + 1 :]
    if headers[name] != value:
        assert rejection(headers)[0] in (Rejection.BAD_SIGNATURE, Rejection.BAD_TIMESTAMP)


@given(body=st.binary())
def test_a_body_that_is_no_text_verifies_by_its_bytes(body: bytes) -> None:
    key = signing_key(SECRET)
    assert key is not None
    mac = hmac.new(key, f"e.{NOW}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": "e",
        "webhook-timestamp": str(NOW),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
    assert verify(headers, body, [SECRET], now=NOW).scheme == "standard"


@pytest.mark.parametrize("age", [TOLERANCE_SECONDS, -TOLERANCE_SECONDS, 0.0])
@pytest.mark.parametrize("make", [signed, forwarded])
def test_five_minutes_either_way_are_tolerated(make: object, age: float) -> None:
    headers = signed() if make is signed else forwarded()
    verify(headers, BODY, [SECRET], now=NOW + age)


@pytest.mark.parametrize("legacy", [False, True])
def test_beyond_five_minutes_the_reason_names_the_direction(legacy: bool) -> None:
    headers = forwarded() if legacy else signed()
    assert rejection(headers, now=NOW + 301) == (Rejection.OLD_TIMESTAMP, "signed 301 s ago")
    assert rejection(headers, now=NOW - 301) == (
        Rejection.FUTURE_TIMESTAMP,
        "signed 301 s ahead of this clock",
    )


def test_an_old_timestamp_is_called_old_only_if_the_signature_is_right() -> None:
    assert rejection(signed(secret=OTHER), now=NOW + 3600)[0] is Rejection.BAD_SIGNATURE


@pytest.mark.parametrize("stamp", ["soon", "1760951643.5", "-1", "1e9", "9" * 13, "١٧٦٠", "0x1"])
def test_a_timestamp_that_is_no_unix_time_is_refused(stamp: str) -> None:
    assert rejection(signed() | {"webhook-timestamp": stamp})[0] is Rejection.BAD_TIMESTAMP
    assert rejection(forwarded() | {"X-Webhook-Timestamp": stamp})[0] is Rejection.BAD_TIMESTAMP


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_dropped_header_is_named(name: str, value: str | None) -> None:
    headers = signed()
    del headers[name]
    if value is not None:
        headers[name] = value
    assert rejection(headers) == (Rejection.MISSING_HEADERS, name)


def test_with_no_signature_at_all_the_standard_headers_are_named() -> None:
    expected = "webhook-id, webhook-timestamp, webhook-signature"
    assert rejection({"content-type": "application/json"}) == (Rejection.MISSING_HEADERS, expected)


@pytest.mark.parametrize("name", ["X-Webhook-Timestamp", "X-Webhook-Signature"])
def test_a_dropped_older_header_is_named(name: str) -> None:
    headers = forwarded()
    del headers[name]
    assert rejection(headers) == (Rejection.MISSING_HEADERS, name.lower())


def test_a_request_with_both_families_must_verify_by_the_standard_one() -> None:
    both = signed() | forwarded()
    assert verify(both, BODY, [SECRET], now=NOW).scheme == "standard"
    spoilt = both | {"webhook-signature": "v1,AAAA"}
    assert rejection(spoilt)[0] is Rejection.BAD_SIGNATURE
    del both["webhook-id"]
    assert rejection(both) == (Rejection.MISSING_HEADERS, "webhook-id")


@pytest.mark.parametrize("prefix", ["", "sha256="])
def test_a_forwarded_delivery_verifies_by_the_secret_as_issued(prefix: str) -> None:
    verified = verify(forwarded(prefix=prefix), BODY, [SECRET], now=NOW)
    assert (verified.scheme, verified.webhook_id) == ("legacy", None)


def test_a_forwarded_delivery_verifies_by_the_decoded_key_as_well() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    assert verify(forwarded(key=key), BODY, [SECRET], now=NOW).scheme == "legacy"


def test_a_forwarded_delivery_needs_no_base64_in_its_secret() -> None:
    assert verify(forwarded(key=b"plain secret!"), BODY, ["plain secret!"], now=NOW)


def test_while_rotating_either_secret_fits_and_the_old_one_is_told() -> None:
    assert verify(signed(), BODY, [SECRET, OTHER], now=NOW).secret_index == 0
    assert verify(signed(secret=OTHER), BODY, [SECRET, OTHER], now=NOW).secret_index == 1
    assert verify(forwarded(key=OTHER.encode()), BODY, [SECRET, OTHER], now=NOW).secret_index == 1


def test_one_fitting_token_among_several_is_enough() -> None:
    headers = signed()
    good = headers["webhook-signature"]
    foreign = signed(secret=OTHER)["webhook-signature"]
    headers["webhook-signature"] = f"v1a,{good[3:]} {foreign} nonsense v1, {good} v2,x"
    verify(headers, BODY, [SECRET], now=NOW)


@pytest.mark.parametrize("tokens", ["v1", "v1,", ",", "v2,{}", "{}", "V1,{}", "v1,{}=", "v1,é"])
def test_a_token_of_another_shape_is_refused_and_never_crashes(tokens: str) -> None:
    headers = signed()
    signature = headers["webhook-signature"].removeprefix("v1,")
    headers["webhook-signature"] = tokens.format(signature)
    assert rejection(headers)[0] is Rejection.BAD_SIGNATURE


@pytest.mark.parametrize(
    "secret", ["whsec_not base64!", "whsec_AAAA!AAAA", "whsec_", "", "whsec_-_-_"]
)
def test_a_secret_that_cannot_be_a_key_is_told_apart_from_a_bad_signature(secret: str) -> None:
    reason, detail = rejection(signed(), BODY, secret)
    assert reason is Rejection.UNUSABLE_SECRET
    assert "LINQ_WEBHOOK_SECRET" in detail
    assert secret.removeprefix("whsec_") == "" or secret not in detail


def test_no_secret_verifies_nothing() -> None:
    for headers in (signed(), forwarded(), forwarded(key=b"")):
        with pytest.raises(SignatureRejected):
            verify(headers, BODY, [], now=NOW)
    assert rejection(forwarded(key=b""), BODY, "")[0] is Rejection.BAD_SIGNATURE


def test_a_secret_without_padding_is_read_as_the_official_package_reads_it() -> None:
    bare = SECRET.rstrip("=")
    verify(signed(secret=bare), BODY, [bare], now=NOW)
    verify(signed(secret=bare), BODY, [SECRET], now=NOW)


@pytest.mark.parametrize("spelling", [str.upper, str.title, str.lower])
def test_header_names_have_no_case(spelling: object) -> None:
    headers = {spelling(name): value for name, value in signed().items()}  # type: ignore[operator]
    verify(headers, BODY, [SECRET], now=NOW)
    verify(Headers(headers), BODY, [SECRET], now=NOW)


def test_neither_body_nor_secret_is_told_in_a_rejection() -> None:
    for headers in (signed(secret=OTHER), forwarded(key=b"x"), {}):
        with pytest.raises(SignatureRejected) as caught:
            verify(headers, BODY, [SECRET], now=NOW)
        assert SECRET not in str(caught.value)
        assert "Grüße" not in str(caught.value)


def test_the_official_package_accepts_what_this_scheme_would_sign() -> None:
    now = datetime.now(UTC) - timedelta(seconds=2)
    key = signing_key(SECRET)
    assert key is not None
    stamp = str(int(now.timestamp()))
    mac = hmac.new(key, b"evt_1." + stamp.encode() + b"." + BODY, hashlib.sha256).digest()
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
    Webhook(SECRET).verify(BODY, headers)
    verify(headers, BODY, [SECRET], now=now.timestamp())
