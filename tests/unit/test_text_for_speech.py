"""What a voice is given to say of an answer written for the eye."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.speech.text import LONGEST_TEXT, speakable
from tests.unit.processor_time import grows_in_proportion


def _corpus(name: str) -> Any:
    path = Path(__file__).parents[1] / "corpus" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


CORPUS: list[dict[str, Any]] = _corpus("speech")
LANGUAGES = sorted({str(entry["language"]) for entry in CORPUS})

HOSTILE_TEXT = _corpus("hostile_text")

markup = st.lists(st.sampled_from([*HOSTILE_TEXT["bits"], "\ud800"]), max_size=14).map("".join)
anything = st.text(st.characters(), max_size=60)
ascii_text = st.text(st.characters(max_codepoint=127), max_size=60)
texts = st.one_of(
    markup, anything, ascii_text, st.lists(markup | anything, max_size=4).map("".join)
)
languages = st.sampled_from([*LANGUAGES, "en-US", "xx", ""])


def name_of(entry: dict[str, Any]) -> str:
    return f"{entry['language']}: {entry['about']}"


@pytest.mark.parametrize("entry", CORPUS, ids=name_of)
def test_an_answer_is_said_as_the_corpus_has_it(entry: dict[str, Any]) -> None:
    assert speakable(entry["text"], entry["language"]) == entry["said"]


@pytest.mark.parametrize("entry", CORPUS, ids=name_of)
def test_what_is_speakable_stays_as_it_is(entry: dict[str, Any]) -> None:
    assert speakable(entry["said"], entry["language"]) == entry["said"]


def test_the_corpus_covers_many_languages_and_scripts() -> None:
    assert len(LANGUAGES) >= 10
    assert {"ar", "el", "he", "hi", "ja", "ko", "ru", "th", "zh"} <= set(LANGUAGES)


@settings(max_examples=400, deadline=None)
@given(texts, languages)
@example("*1. Dezember", "de")
@example("*1. \u20281. ", "en")
@example("0{/A", "en")
@example("o*\u0301", "en")
@example("x &amp;amp;lt;b&amp;gt;", "en")
def test_saying_it_twice_changes_nothing(text: str, language: str) -> None:
    said = speakable(text, language)
    assert speakable(said, language) == said


MARKUP = re.compile(
    r"[*_`|\\{}\[\]~\u2028]"  # emphasis, code, tables, escapes, links, strikethrough
    r"|<[a-zA-Z/!?]"  # tags
    r"|://|\bwww\.[a-z]"  # addresses
    r"|&#?\w+;"  # entities
    r"|^(?:#{1,6} |> |[-+*] |={3,}$|-{3,}$)",  # headings, quotations, lists, rules
    re.MULTILINE,
)


@settings(max_examples=400, deadline=None)
@given(texts, languages)
@example("(-www.a.b", "en")
@example("x &amp;amp;lt;b&amp;gt;", "en")
def test_no_markup_survives(text: str, language: str) -> None:
    said = speakable(text, language)
    assert not MARKUP.search(said), said


@settings(max_examples=400, deadline=None)
@given(texts, languages)
def test_no_emoji_and_no_hidden_character_survives(text: str, language: str) -> None:
    said = speakable(text, language)
    for character in said.replace("\n", ""):
        category = unicodedata.category(character)
        joins = character in "\u200c\u200d"
        reads = character in "°©®™℠℃℉№℗" or "\u3200" <= character <= "\u33ff"
        assert joins or category not in ("Cc", "Cf", "Cs", "Co", "Cn"), ascii(said)
        assert reads or category != "So", ascii(said)
        assert character not in "\ufe0e\ufe0f\u20e3", ascii(said)


@settings(max_examples=400, deadline=None)
@given(texts, languages)
def test_there_is_a_word_in_each_line_or_nothing_at_all(text: str, language: str) -> None:
    said = speakable(text, language)
    assert said == "" or all(any(map(str.isalnum, line)) for line in said.split("\n"))


@given(st.lists(st.sampled_from(["word", "Wort", "слово", "λέξη", "शब्द", "כלי", "字"]), min_size=1))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    assert speakable(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    "text",
    [
        "It is $5, €1,250.00, £3.50, ₹500 or 1.000,50 €.",
        "20 °C, -5 °C, 50%, 3 kg, 100 km/h and 5 m².",
        "At 10:30, on 3/4/2025 or 2025-04-03, 24/7.",
        "Call +1 (555) 010-9999 or 08-123 45 67.",
        "“Smart” quotes, ‘single’ ones and « guillemets ».",
        "Rock 'n' roll, AT&T, R&D, C# and C++.",
        "Well-known people and/or state-of-the-art.",
        "iPhone, YouTube, JavaScript and McDonald.",
        "I'm at .NET Conf; it's great… isn't it?",
        "The U.S. and e.g. version 2.0.1.",
        "5 > 3 and x < y.",
    ],
)
def test_what_voices_read_well_is_left_alone(text: str) -> None:
    assert speakable(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("get_user_name and getUserName", "get user name and get User Name"),
        ("`--dry-run` and `main()`", "dry run and main"),
        ("see /usr/local/bin and src/app/main.py", "see usr local bin and src app main.py"),
        ("Settings → Privacy -> Cookies", "Settings, Privacy, Cookies"),
        ("Wow!!! What??? Really?!?! wait.....", "Wow! What? Really?! wait…"),
        ("@anna likes #cats, see issue #5", "anna likes cats, see issue №5"),
        ("Hello <name>, type <your email> here", "Hello name, type your email here"),
        ("a\u200bb\u2060c soft\u00adhyphen", "abc softhyphen"),
        ("abc\u202edef\u202c \u2066ghi\u2069", "abcdef ghi"),
        ("$x$ and $$\\frac{a}{b}$$ cost $5", "x and a / b cost $5"),
        ("thanks :) <3 bye", "thanks bye"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("mailto:jane.doe@example.com", "jane dot doe at example dot com"),
        ("www.example.com/x, ok", "link to example.com, ok"),
        ("github.com/a/b is it", "link to github.com is it"),
        ("http://user:pw@example.com:8080/x", "link to example.com"),
        ("[münchen](https://www.münchen.de/)", "münchen (link to münchen.de)"),
        ("[a](https://x.org/1) [b](https://x.org/2)", "a (link to x.org) b"),
        ("[https://x.org/a](https://x.org/a)", "link to x.org"),
        ("[write](mailto:a@b.cd) [here](#there)", "write here"),
        ("1\\. Maybe", "1: Maybe"),
        ("1. a\n1. b\n\n   more\n\n3. c", "1: a.\n2: b.\nmore.\n3: c."),
        ("42.", "42"),
        ("| A | B |\n|---|---|", "A, B."),
        ("<ul><li>one</li><li>two</li></ul>", "one.\ntwo."),
        (
            '<a href="https://x.org">site</a> <img alt="a cat" src="x">',
            "site (link to x.org) a cat",
        ),
        ("Meet at <image> or <text>", "Meet at image or text"),
        ("write to j***@example.com", "write to j at example.com"),
        ("run `./deploy.sh` and ~/bin/x", "run deploy.sh and bin x"),
        ("where \\( c = 3 \\) holds (or so)", "where (c = 3) holds (or so)"),
        ("Questions? → Ask, ~ $15", "Questions? Ask, ≈$15"),
        ("0. zero\n1. one", "0: zero.\n1: one."),
        ("Tel: 555 or tel:+15550100", "Tel: 555 or +15550100"),
        ("<del>$50</del> $40, <s>$9</s>", "$40"),
        ("cafe\u0301", "café"),
        ("We open at nine.[1][2] Really [3, 4].", "We open at nine. Really."),
        ("*smiles* Sure, come by! (laughs)", "Sure, come by!"),
        ("[sighs] Fine. *clears his throat* It is closed.", "Fine. It is closed."),
        (
            "the *waves* are high (smiles are free) here",
            "the waves are high (smiles are free) here",
        ),
        ("#FreshBread daily xD", "Fresh Bread daily"),
    ],
)
def test_signs_become_words(text: str, said: str) -> None:
    assert speakable(text) == said


def test_joiners_stay_inside_the_words_that_need_them() -> None:
    assert speakable("می\u200cخواهم", "fa") == "می\u200cخواهم"
    assert speakable("क्\u200dष", "hi") == "क्\u200dष"
    assert speakable("no\u200dne", "en") == "none"


def test_a_long_text_is_read_up_to_the_bound() -> None:
    said = speakable("word " * LONGEST_TEXT)
    assert len(said) <= LONGEST_TEXT
    assert said.endswith("word")
    lines = speakable("www.a.b\n\n" * 20_000, "fi")
    assert len(lines) <= LONGEST_TEXT
    assert speakable(lines, "fi") == lines


@pytest.mark.parametrize("bit", HOSTILE_TEXT["hostile"], ids=ascii)
def test_the_cost_grows_with_the_length_and_no_faster(bit: str) -> None:
    short, long = bit * (750 // len(bit)) + "x", bit * (6_000 // len(bit)) + "x"
    assert grows_in_proportion(speakable, short, long, least=0.001)
