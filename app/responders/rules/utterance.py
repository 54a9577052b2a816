"""What a person said, made ready for looking rules up in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from app.languages import primary_subtag
from app.responders.lexicon import Lexicon, TermTable, lexicon_of
from app.responders.lexicon.forms import Vocabulary, stem, without_repeats
from app.responders.lexicon.words import Word, normal, words

MAX_CHARACTERS = 2_000
"""So much of what a person said is looked at."""
PATTERN_SECONDS = 0.1
"""For all patterns of a file together, per question. What takes longer counts as no match."""

# How much a word counts that is found in another form than it is written in the file.
REPEATED, SHORT, JOINED, INFLECTED, MISTYPED, RELATED = 0.95, 0.95, 0.9, 0.9, 0.8, 0.6
SHORTEST_JOINED = 6
"""Letters of two words that may be written as one."""

_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_EMPTY = Vocabulary(())


@dataclass
class Reading:
    """An utterance as words of one language. Places are indexes of words, with their worth."""

    language: str | None
    forms: Mapping[str, Mapping[int, float]]
    stems: Mapping[str, Mapping[int, float]]
    groups: Mapping[str, frozenset[int]]
    """Group of related words, or courtesy → where one of them stands."""
    courtesy: frozenset[int]
    neutral: frozenset[int]
    asking: bool
    votes: float
    """How many of the words belong to the language: 1 for little words, less for others."""
    lexicon: Lexicon | None


@dataclass
class Utterance:
    """`vocabularies` has, by language, the words that a mistyped one may be."""

    text: str
    words: tuple[Word, ...]
    places: Mapping[str, tuple[int, ...]]
    """Folded word → indexes in `words`."""
    vocabularies: Mapping[str | None, Vocabulary] = field(default_factory=dict)
    pattern_seconds: float = PATTERN_SECONDS
    """What is left for patterns."""
    _readings: dict[str | None, Reading] = field(default_factory=dict)

    @classmethod
    def of(
        cls, text: str, vocabularies: Mapping[str | None, Vocabulary] | None = None
    ) -> Utterance:
        text = normal(text[:MAX_CHARACTERS])[:MAX_CHARACTERS]
        found = words(text)
        places: dict[str, tuple[int, ...]] = {}
        for index, word in enumerate(found):
            places[word.text] = (*places.get(word.text, ()), index)
        return cls(text, found, places, vocabularies or {})

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(word.text for word in self.words)

    def read_as(self, language: str | None) -> Reading:
        """The words as those of a language (BCP 47); None: none that is known."""
        key = primary_subtag(language) if language else None
        if key not in self._readings:
            vocabulary = self.vocabularies.get(language, _EMPTY)
            self._readings[key] = _Reader(self.texts, key, vocabulary).read()
        return self._readings[key]


class _Reader:
    def __init__(self, said: Sequence[str], language: str | None, vocabulary: Vocabulary) -> None:
        self._said = tuple(said)
        self._language = language or ""
        self._lexicon = lexicon_of(language)
        self._vocabulary = vocabulary
        self._forms: dict[str, dict[int, float]] = {}
        self._stems: dict[str, dict[int, float]] = {}

    def read(self) -> Reading:
        spoken = []
        for index, word in enumerate(self._said):
            forms = self._forms_of(word)
            for form, worth in forms.items():
                _keep(self._forms, form, index, worth)
                inflected = stem(form, self._language)
                _keep(self._stems, inflected, index, min(worth, INFLECTED))
            spoken.append(tuple(forms))
        for index, (one, other) in enumerate(pairwise(self._said)):
            # `gift card` and `giftcard`, `check in` and `checkin`: written apart or together.
            if len(one) + len(other) >= SHORTEST_JOINED:
                for place in (index, index + 1):
                    _keep(self._forms, one + other, place, JOINED)
        # Phrases are sought in the words as they were meant: what is short written out.
        meant = self._meant()
        lexicon = self._lexicon
        groups = self._tags(lexicon.groups, spoken, meant) if lexicon else {}
        courtesies = self._tags(lexicon.courtesy, spoken, meant) if lexicon else {}
        return Reading(
            language=self._language or None,
            forms=self._forms,
            stems=self._stems,
            groups=groups | courtesies,
            courtesy=frozenset().union(*courtesies.values()),
            neutral=frozenset(
                index for index, forms in enumerate(spoken) if self._is_neutral(index, forms)
            ),
            asking=lexicon is not None and any(set(forms) & lexicon.asking for forms in spoken),
            votes=sum(map(lexicon.vote, self._said)) if lexicon else 0.0,
            lexicon=lexicon,
        )

    def _forms_of(self, word: str) -> dict[str, float]:
        """Ways in which the word may be written in the file, the surest first."""
        found = {word: 1.0}
        if self._language == "de":
            for typed, plain in _UMLAUTS:
                if typed in word:
                    found.setdefault(word.replace(typed, plain), 1.0)
        for form in without_repeats(word):
            found.setdefault(form, REPEATED)
        lexicon = self._lexicon
        if lexicon:
            for form in tuple(found):
                for meant in lexicon.shorthand.get(form, ()):
                    found.setdefault(meant, SHORT)
        if not any(self._is_known(form) for form in found):
            for meant in self._vocabulary.inside(word, self._language):
                found.setdefault(meant, MISTYPED)
            for form in tuple(found):
                for meant in self._vocabulary.mistyped(form):
                    found.setdefault(meant, MISTYPED)
        return found

    def _is_known(self, word: str) -> bool:
        lexicon = self._lexicon
        if word in self._vocabulary:
            return True
        return lexicon is not None and (
            lexicon.is_neutral(word)
            or bool(lexicon.groups.of_word(word, self._language))
            or bool(lexicon.dates.of_word(word, self._language))
            or word in lexicon.courtesy.single
        )

    def _is_neutral(self, index: int, forms: tuple[str, ...]) -> bool:
        word = self._said[index]
        if len(word) == 1 or word[0].isdigit() or not word.isalnum():
            return True  # signs, numbers, times
        lexicon = self._lexicon
        return lexicon is not None and any(
            lexicon.is_neutral(form) or form in lexicon.dates.single or form in lexicon.asking
            for form in forms
        )

    def _meant(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The words with what is short written out, and the index that each comes from."""
        texts: list[str] = []
        sources: list[int] = []
        for index, word in enumerate(self._said):
            short = self._lexicon.shorthand.get(word) if self._lexicon else None
            for text in short or (self._corrected(index, word),):
                texts.append(text)
                sources.append(index)
        return tuple(texts), tuple(sources)

    def _corrected(self, index: int, word: str) -> str:
        if self._is_known(word):
            return word
        known = (form for form in self._forms if index in self._forms[form])
        return next((form for form in known if form != word and self._is_known(form)), word)

    def _tags(
        self,
        table: TermTable,
        spoken: Sequence[tuple[str, ...]],
        meant: tuple[tuple[str, ...], tuple[int, ...]],
    ) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        texts, sources = meant
        for name, places in table.tagged(texts):
            indexes = frozenset(sources[place] for place in places)
            found[name] = found.get(name, frozenset()) | indexes
        for index, forms in enumerate(spoken):
            for form in forms:
                for name in table.of_word(form, self._language):
                    found[name] = found.get(name, frozenset()) | {index}
        return found


def _keep(table: dict[str, dict[int, float]], form: str, index: int, worth: float) -> None:
    places = table.setdefault(form, {})
    places[index] = max(worth, places.get(index, 0.0))
