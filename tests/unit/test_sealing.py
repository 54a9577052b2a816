"""Sealed words: of zero-retention chats nothing readable is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.sealing import SealBroken, Sealer

SEALER = Sealer("an API key")


@given(st.text())
def test_what_is_sealed_is_opened_again_and_cannot_be_read(text: str) -> None:
    sealed = SEALER.seal(text)
    assert sealed.isascii()
    assert len(text) < 8 or text not in sealed
    assert SEALER.open(sealed) == text


@given(st.text())
def test_other_words_stay_as_they_are(text: str) -> None:
    assert SEALER.open(text) == text


def test_words_that_only_begin_like_a_sealed_text_are_not_lost() -> None:
    assert SEALER.open_or_none("sealed: your envelope is on its way") is not None


def test_with_another_key_nothing_can_be_opened() -> None:
    sealed = SEALER.seal("My secret")
    other = Sealer("another API key")
    with pytest.raises(SealBroken, match="LINQ_API_V3_API_KEY"):
        other.open(sealed)
    assert other.open_or_none(sealed) is None
