"""What makes a rule answer: keywords, phrases and patterns, looked for in what a person said."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol

import regex  # type: ignore[import-untyped]
import structlog

from app.responders.lexicon import lexicon_of
from app.responders.lexicon.forms import stem
from app.responders.lexicon.words import normal, words
from app.responders.rules.utterance import JOINED, MAX_CHARACTERS, RELATED, Utterance

Kind = Literal["keyword", "phrase", "pattern"]
Found = Mapping[int, float]
"""Indexes of words, each with what it is worth."""

LITTLE = 0.5
"""What a keyword is worth that is a little word, such as `where`, and stands alone in the file."""
APART = 0.7
"""What a word of a phrase is worth that does not stand beside the others."""

MAX_PATTERN_CHARACTERS = 500
PROBE_SECONDS = 0.25

_SYNTAX = re.compile(r"\\.|\[[^]]*\]|\{[^}]*\}|\(\?[a-z<=!:]*|[()*+?|^$.]")
_CHUNK = re.compile(r"(\*?)([^*]+)(\*?)")

_log = structlog.get_logger()


class BadTrigger(ValueError):
    """`expected` says what should stand there; the message what is found."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(found)
        self.expected = expected


class Sought(Protocol):
    def find(self, utterance: Utterance, language: str | None = None) -> Found | None:
        """The indexes of the words it is found in, with what each is worth (0 to 1), or None.

        language: of the trigger; other forms of its words and related words are found, too.
        """
        ...


@dataclass(frozen=True)
class Trigger:
    """One keyword, phrase or pattern of a rule, as it is written in the file."""

    kind: Kind
    written: str
    line: int
    language: str | None
    """The language it belongs to; None for all."""
    sought: Sought

    def __str__(self) -> str:
        return f"{self.kind} '{self.written}'"


@dataclass(frozen=True)
class WordShape:
    """A folded word, or with `*` the beginning, end or middle of one."""

    text: str
    open_start: bool = False
    open_end: bool = False

    def fits(self, word: str) -> bool:
        if self.open_start and self.open_end:
            return self.text in word
        if self.open_start:
            return word.endswith(self.text)
        return word.startswith(self.text) if self.open_end else word == self.text

    def places(self, utterance: Utterance, language: str | None) -> Found:
        """Where the word stands, in whatever form."""
        reading = utterance.read_as(language)
        if self.open_start or self.open_end:
            found: dict[int, float] = {}
            for form, places in reading.forms.items():
                if self.fits(form):
                    found.update(
                        (index, max(worth, found.get(index, 0.0)))
                        for index, worth in places.items()
                    )
            return found
        written = reading.forms.get(self.text, {})
        inflected = reading.stems.get(stem(self.text, language or ""), {})
        return {**inflected, **written} if written else inflected

    def related(self, utterance: Utterance, language: str | None) -> Found:
        """Where words stand that customers use for the same thing."""
        reading = utterance.read_as(language)
        if not reading.lexicon:
            return {}
        return {
            index: RELATED
            for group in groups_of((self.text,), reading.lexicon.language)
            for index in reading.groups.get(group, ())
        }


@dataclass(frozen=True)
class Sequence:
    """Words next to each other."""

    shapes: tuple[WordShape, ...]

    def find(self, utterance: Utterance, language: str | None = None) -> Found | None:
        return (
            self.find_as_written(utterance, language)
            or self._find_apart(utterance, language)
            or self._find_related(utterance, language)
        )

    def find_as_written(self, utterance: Utterance, language: str | None = None) -> Found | None:
        """In this order, next to each other."""
        first, *rest = (shape.places(utterance, language) for shape in self.shapes)
        for start in sorted(first, key=lambda index: (-first[index], index)):
            worths = [first[start]]
            worths += [places.get(start + step, 0.0) for step, places in enumerate(rest, 1)]
            if all(worths):
                return dict(enumerate(worths, start))
        return None

    def _find_apart(self, utterance: Utterance, language: str | None) -> Found | None:
        """The words that carry the meaning, if they are two or more, in any order."""
        lexicon = utterance.read_as(language).lexicon
        if not lexicon:
            return None
        telling = [shape for shape in self.shapes if not lexicon.is_neutral(shape.text)]
        if len(telling) < 2:
            return None
        found: dict[int, float] = {}
        for shape in telling:
            places = shape.places(utterance, language)
            if not places:
                return None
            index = max(places, key=places.__getitem__)
            found[index] = max(APART * places[index], found.get(index, 0.0))
        return found

    def _find_related(self, utterance: Utterance, language: str | None) -> Found | None:
        if len(self.shapes) == 1:
            return self.shapes[0].related(utterance, language) or None
        reading = utterance.read_as(language)
        if not reading.lexicon:
            return None
        texts = tuple(shape.text for shape in self.shapes)
        return {
            index: RELATED
            for group in groups_of(texts, reading.lexicon.language)
            for index in reading.groups.get(group, ())
        } or None


@dataclass(frozen=True)
class AllOf:
    """Several sequences, each somewhere."""

    sequences: tuple[Sequence, ...]

    def find(self, utterance: Utterance, language: str | None = None) -> Found | None:
        joined = _joined(shape for sequence in self.sequences for shape in sequence.shapes)
        if joined and (together := utterance.read_as(language).forms.get(joined)):
            return {index: min(worth, JOINED) for index, worth in together.items()}
        found = self._find_each(utterance, language)
        if found and self._is_little(utterance, language):
            return {index: min(worth, LITTLE) for index, worth in found.items()}
        return found

    def _is_little(self, utterance: Utterance, language: str | None) -> bool:
        """Whether this is one word like `where`, which is found in questions of all kinds."""
        lexicon = utterance.read_as(language).lexicon
        alone = len(self.sequences) == len(self.sequences[0].shapes) == 1
        return (
            alone and lexicon is not None and self.sequences[0].shapes[0].text in lexicon.function
        )

    def _find_each(self, utterance: Utterance, language: str | None) -> Found | None:
        found: dict[int, float] = {}
        for sequence in self.sequences:
            here = sequence.find(utterance, language)
            if here is None:
                return None
            # The same word cannot stand for two of them.
            if found and not set(here) - set(found):
                return None
            for index, worth in here.items():
                found[index] = max(worth, found.get(index, 0.0))
        return found


@dataclass(frozen=True)
class Expression:
    """A regular expression, searched in the text as it was written, in any case."""

    written: str
    compiled: Any = field(compare=False, repr=False)

    def find(self, utterance: Utterance, language: str | None = None) -> Found | None:  # noqa: ARG002
        if utterance.pattern_seconds <= 0:
            return None
        began = time.perf_counter()
        try:
            match = self.compiled.search(utterance.text, timeout=utterance.pattern_seconds)
        except TimeoutError:
            _log.warning("rules pattern given up, it takes too long", pattern=self.written)
            match = None
        utterance.pattern_seconds -= time.perf_counter() - began
        if match is None:
            return None
        start, end = match.span()
        return {
            index: 1.0
            for index, word in enumerate(utterance.words)
            if word.start < end and start < word.end
        }


def keyword(written: str) -> AllOf:
    """One or several words, all of which have to be said, in any order and place.

    Raises: BadTrigger.
    """
    return AllOf(tuple(Sequence(_shapes(chunk)) for chunk in _chunks(written)))


def phrase(written: str) -> Sequence:
    """Words that have to be said one after the other. Raises: BadTrigger."""
    return Sequence(tuple(shape for chunk in _chunks(written) for shape in _shapes(chunk)))


def pattern(written: str) -> Expression:
    """A regular expression that ends in good time. Raises: BadTrigger.

    The `regex` library is used because it can give up after a time; `re` cannot.
    """
    if len(written) > MAX_PATTERN_CHARACTERS:
        raise BadTrigger(
            f"a pattern of at most {MAX_PATTERN_CHARACTERS} characters", "a longer one"
        )
    try:
        compiled = regex.compile(normal(written), regex.IGNORECASE | regex.V0)
    except (regex.error, RecursionError, OverflowError) as error:
        raise BadTrigger("a regular expression", f"'{written}': {error}") from error
    for probe in _probes(written):
        try:
            found = compiled.search(probe, timeout=PROBE_SECONDS)
        except TimeoutError as error:
            raise BadTrigger(
                "a pattern that ends in good time: without repetition inside repetition, such as "
                "(a+)+",
                f"'{written}'",
            ) from error
        if found and not probe:
            raise BadTrigger("a pattern that needs some text", f"'{written}', which fits all")
    return Expression(written, compiled)


@lru_cache(maxsize=50_000)
def groups_of(texts: tuple[str, ...], language: str) -> frozenset[str]:
    """The groups of related words that a keyword or phrase as a whole belongs to."""
    lexicon = lexicon_of(language)
    if lexicon is None:
        return frozenset()
    tables = (lexicon.groups, lexicon.courtesy)
    if len(texts) == 1:
        return frozenset().union(*(table.of_word(texts[0], language) for table in tables))
    return frozenset(name for table in tables for name, _ in table.tagged(texts))


def _joined(shapes: Iterable[WordShape]) -> str:
    """Two words as they are when written as one; "" for others."""
    found = list(shapes)
    plain = len(found) == 2 and not any(shape.open_start or shape.open_end for shape in found)
    return "".join(shape.text for shape in found) if plain else ""


def _chunks(written: str) -> list[str]:
    chunks = [chunk for chunk in written.split() if words(chunk) or "*" in chunk]
    if not chunks:
        raise BadTrigger("a word", f"{written!r}, which has no letter or digit")
    return chunks


def _shapes(chunk: str) -> tuple[WordShape, ...]:
    match = _CHUNK.fullmatch(chunk)
    inner = words(match.group(2)) if match else ()
    if not match or not inner:
        raise BadTrigger("`*` before or after a word, as in refund*", repr(chunk))
    opens, closes = bool(match.group(1)), bool(match.group(3))
    if (opens and len(inner[0].text) < 2) or (closes and len(inner[-1].text) < 2):
        raise BadTrigger("at least two letters beside `*`", repr(chunk))
    last = len(inner) - 1
    return tuple(
        WordShape(word.text, opens and index == 0, closes and index == last)
        for index, word in enumerate(inner)
    )


def _probes(written: str) -> Iterator[str]:
    """Texts on which patterns that take for ever usually do, built from the pattern's own letters.

    What slips through is still bounded by `PATTERN_SECONDS`.
    """
    yield ""
    literal = _SYNTAX.sub("", normal(written))[:40]
    for filler in dict.fromkeys((*literal[:8], "a", "0", " ", "-", "ab 01, ")):
        run = (filler * MAX_CHARACTERS)[: MAX_CHARACTERS - 100]
        yield f"{run}\x00"
        yield f"{literal}{run}{literal}\x00"
