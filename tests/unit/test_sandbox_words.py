"""Small rules of the sandbox's Linq: opt-out words, ids, cursors, addresses."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.addresses import is_loopback, is_private
from app.sandbox.api.cursor import decode_cursor, encode_cursor
from app.sandbox.api.errors import ApiError
from app.sandbox.api.fields import check_address, parse_uuid
from app.sandbox.opt_outs import is_opt_out


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "UNSUBSCRIBE", "OPTOUT", "CANCEL", "END", "QUIT"),
        *("opt out", "Opt-Out", "optout", "OPT OUT", "  STOP\n"),
    ],
)
def test_opt_out_words(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize("text", ["stop", "Stop", "please STOP", "STOP it", "quit", "opt  out", ""])
def test_words_that_are_no_opt_out(text: str) -> None:
    assert not is_opt_out(text)


@given(st.integers(0, 10**14))
def test_a_cursor_comes_back(position: int) -> None:
    cursor = encode_cursor(position)
    assert cursor is not None
    assert cursor != str(position)
    assert decode_cursor(cursor) == position


def test_an_empty_cursor_asks_for_the_first_page() -> None:
    assert decode_cursor("") is None


@given(st.text(min_size=1, max_size=60))
def test_a_foreign_cursor_is_refused_and_never_breaks(text: str) -> None:
    for cursor in (text, f"{encode_cursor(7)}{text or '!'}"):
        with pytest.raises(ApiError) as caught:
            decode_cursor(cursor)
        assert (caught.value.status, caught.value.code) == (400, 1005)


@given(st.uuids())
def test_uuids_are_taken_in_their_usual_writing(value: uuid.UUID) -> None:
    assert parse_uuid(str(value).upper(), "id") == str(value)
    with pytest.raises(ApiError):
        parse_uuid(value.hex, "id")


@pytest.mark.parametrize("address", ["+13125550177", "+4915112345678", "friend@example.org"])
def test_addresses(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize("address", ["3125550177", "+0123456789", "+1 312 555", "somebody", ""])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_address(address)
    assert caught.value.code == 1002


def test_hosts() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("example.org")
    assert is_private("10.0.0.1")
    assert is_private("169.254.169.254")
    assert not is_private("8.8.8.8")
