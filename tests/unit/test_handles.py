"""A number is the same person however it is written."""

from __future__ import annotations

import pytest

from app.linq.handles import handle_forms, similar_handles


@pytest.mark.parametrize(
    "text",
    [
        "+13125550177",
        "13125550177",
        "(312) 555-0177",
        "312.555.0177",
        "+1 (312) 555-0177",
        "001 312 555 0177",
        "011 1 312 555 0177",
        "tel:+1-312-555-0177",
    ],
)
def test_all_spellings_of_a_number_stand_for_it(text: str) -> None:
    assert "+13125550177" in handle_forms(text)


def test_a_number_with_its_country_code_stands_for_itself_alone() -> None:
    assert handle_forms("+49 30 1234567") == {"+49301234567"}


def test_an_address_is_compared_without_its_case() -> None:
    assert handle_forms(" Ada@Example.org") == {"ada@example.org"}


def test_nothing_stands_for_nobody() -> None:
    assert handle_forms(" - ") == frozenset()


def test_a_number_without_its_country_code_is_like_those_that_end_so() -> None:
    known = {"+49301234567", "+13125550177", "ada@example.org"}
    assert similar_handles("030 1234567", known) == ["+49301234567"]
    assert similar_handles("567", known) == []
