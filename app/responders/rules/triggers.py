"""What makes a rule answer: keywords, phrases and patterns, looked for in what a person said."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import regex  # type: ignore[import-untyped]
import structlog

from app.responders.rules.words import Word, normal, words

Kind = Literal["keyword", "phrase", "pattern"]

MAX_CHARACTERS = 2_000
"""So much of what a person said is looked at."""
MAX_PATTERN_CHARACTERS = 500
PATTERN_SECONDS = 0.1
"""For all patterns of a file together, per question. What takes longer counts as no match."""
PROBE_SECONDS = 0.25

_SYNTAX = re.compile(r"\\.|\[[^]]*\]|\{[^}]*\}|\(\?[a-z<=!:]*|[()*+?|^$.]")
_CHUNK = re.compile(r"(\*?)([^*]+)(\*?)")

_log = structlog.get_logger()


class BadTrigger(ValueError):
    """`expected` says what should stand there; the message what is found."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(found)
        self.expected = expected


@dataclass
class Utterance:
    """What a person said, made ready for looking things up in it."""

    text: str
    words: tuple[Word, ...]
    places: Mapping[str, tuple[int, ...]]
    """Folded word → indexes in `words`."""
    pattern_seconds: float = field(default=PATTERN_SECONDS)
    """What is left for patterns."""

    @classmethod
    def of(cls, text: str) -> Utterance:
        text = normal(text[:MAX_CHARACTERS])[:MAX_CHARACTERS]
        found = words(text)
        places: dict[str, tuple[int, ...]] = {}
        for index, word in enumerate(found):
            places[word.text] = (*places.get(word.text, ()), index)
        return cls(text, found, places)


class Sought(Protocol):
    def find(self, utterance: Utterance) -> frozenset[int] | None:
        """The indexes of the words it is found in, or None."""
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

    def places(self, utterance: Utterance) -> Iterator[int]:
        if not self.open_start and not self.open_end:
            yield from utterance.places.get(self.text, ())
            return
        for word, indexes in utterance.places.items():
            if self.fits(word):
                yield from indexes


@dataclass(frozen=True)
class Sequence:
    """Words next to each other."""

    shapes: tuple[WordShape, ...]

    def find(self, utterance: Utterance) -> frozenset[int] | None:
        first, *rest = self.shapes
        for start in first.places(utterance):
            end = start + len(self.shapes)
            following = utterance.words[start + 1 : end]
            if len(following) == len(rest) and all(
                shape.fits(word.text) for shape, word in zip(rest, following, strict=True)
            ):
                return frozenset(range(start, end))
        return None


@dataclass(frozen=True)
class AllOf:
    """Several sequences, each somewhere."""

    sequences: tuple[Sequence, ...]

    def find(self, utterance: Utterance) -> frozenset[int] | None:
        found: frozenset[int] = frozenset()
        for sequence in self.sequences:
            here = sequence.find(utterance)
            if here is None:
                return None
            found |= here
        return found


@dataclass(frozen=True)
class Expression:
    """A regular expression, searched in the text as it was written, in any case."""

    written: str
    compiled: Any = field(compare=False, repr=False)

    def find(self, utterance: Utterance) -> frozenset[int] | None:
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
        return frozenset(
            index
            for index, word in enumerate(utterance.words)
            if word.start < end and start < word.end
        )


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
