"""Words compare equal however people type them, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.responders.lexicon.words import fold, normal, words
from app.responders.rules.triggers import keyword, phrase
from app.responders.rules.utterance import Utterance


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("STRASSE", "Straße"),
        ("Ou est l'ete?", "été"),
        ("zwrot do Lodzi", "Łodzi"),
        ("ou est ma commande", "où"),
        ("елка", "Ёлка"),
        ("ΟΔΟΣ", "οδός"),
        ("İSTANBUL", "istanbul"),
        ("مرحبا أحمد", "احمد"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("ＲＥＦＵＮＤ", "refund"),
        ("ﾎﾃﾙ", "ホテル"),
        ("re\u0301sume\u0301", "résumé"),
        ("hours?!", "hours"),
        ("your e-mail, please", "e-mail"),
        ("I say 👍🏽!", "👍"),
        ("I ❤️ it", "❤"),
        ("are you there 24/7", "24/7"),
        ("हिन्दी में", "हिन्दी"),
    ],
)
def test_a_word_is_found_whatever_its_case_accents_and_width(typed: str, sought: str) -> None:
    assert keyword(sought).find(Utterance.of(typed)) is not None


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("reopening", "open"),
        ("opens", "open"),
        ("переоткрыто", "открыто"),
        ("की", "क"),
        ("कल", "काल"),
        ("מיכלים", "כל"),
        ("hour", "hours"),
    ],
)
def test_a_part_of_a_word_is_not_the_word(typed: str, sought: str) -> None:
    assert keyword(sought).find(Utterance.of(typed)) is None


@pytest.mark.parametrize(
    ("typed", "sought"),
    [("我想要退款可以吗", "退款"), ("返品したいのですが", "返品"), ("อยากได้เงินคืนครับ", "เงินคืน")],
)
def test_without_spaces_a_word_is_found_anywhere(typed: str, sought: str) -> None:
    assert keyword(sought).find(Utterance.of(typed)) is not None


def test_without_spaces_the_characters_have_to_stand_together() -> None:
    assert keyword("退款").find(Utterance.of("款退")) is None
    assert keyword("เงินคืน").find(Utterance.of("คืนเงิน")) is None


def test_a_phrase_needs_its_order_a_keyword_of_two_words_does_not() -> None:
    said = Utterance.of("I want my order, please: cancel it")
    assert keyword("cancel order").find(said) is not None
    assert phrase("cancel order").find(said) is None
    assert phrase("MY order please").find(said) is not None


@pytest.mark.parametrize(
    ("typed", "sought", "found"),
    [
        ("refunds", "refund*", True),
        ("refund", "refund*", True),
        ("Expresslieferung", "*lieferung", True),
        ("Lieferungen", "*lieferung", False),
        ("Expresslieferungen", "*lieferung*", True),
        ("prefund", "refund*", False),
        ("환불은 언제", "환불*", True),
        ("الفاتورة", "*فاتوره", True),
    ],
)
def test_a_star_stands_for_the_rest_of_a_word(typed: str, sought: str, found: bool) -> None:
    assert (keyword(sought).find(Utterance.of(typed)) is not None) is found


@given(st.text(max_size=60))
def test_words_stand_where_they_say_they_do(text: str) -> None:
    plain = normal(text)
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(plain)
        assert word.text == fold(plain[word.start : word.end])
        end = word.end


@given(st.text(min_size=1, max_size=20))
def test_a_text_is_found_in_itself_between_other_words(text: str) -> None:
    if words(text) and "*" not in normal(text):
        assert phrase(text).find(Utterance.of(text)) is not None
        assert phrase(text).find(Utterance.of(f"well , {text} , then")) is not None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_case_makes_no_difference(text: str) -> None:
    typed = {word.text for word in words(text.casefold())}
    assert {word.text for word in words(text)} >= {w for w in typed if w.isascii()}
