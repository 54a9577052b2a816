"""Other ways to write a word: its stem, letters repeated for emphasis, typing errors."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import snowballstemmer  # type: ignore[import-untyped]

from app.languages import primary_subtag

SHORTEST_TYPO = 5
"""Letters; shorter words are too much alike."""
LONGEST_TYPO = 30
"""Letters; what is longer is no word that anybody types."""
_KEPT = 2_000
SEVERAL_TYPOS = 8
"""Letters from which two errors are forgiven."""
_COMPOUND_HEAD = 5
"""Letters that a word needs to be found at the end of a compound."""

_SNOWBALL = MappingProxyType(
    {
        "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian",
        "pt": "portuguese", "nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian",
        "fi": "finnish", "ru": "russian", "tr": "turkish", "ro": "romanian", "hu": "hungarian",
        "ca": "catalan",
    }
)  # fmt: skip
_COMPOUNDING = frozenset({"de", "nl", "sv", "da", "no"})
_stemming = threading.Lock()
_REPEATED = re.compile(r"(\w)\1{2,}")
_DOUBLED_END = re.compile(r"(\w)\1+$")


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """What the forms of a folded word share: `appointments` → `appoint`.

    The word itself in languages that have no stemmer, and where it is short.
    """
    if len(word) < 4 or not word.isalpha():
        return word
    primary = primary_subtag(language)
    if primary == "en" and word.endswith("ly"):
        return word  # `directly` has nothing to do with `directions`
    stemmer = _stemmer(primary)
    if stemmer is None:
        return word
    with _stemming:  # a stemmer keeps the word it is at
        return str(stemmer.stemWord(word))


def without_repeats(word: str) -> tuple[str, ...]:
    """`helloooo` → `helloo`, `hello`; nothing where no letter is repeated."""
    found = dict.fromkeys(
        (
            _REPEATED.sub(r"\1\1", word),
            _REPEATED.sub(r"\1", word),
            _DOUBLED_END.sub(r"\1", word),
            _DOUBLED_END.sub(r"\1", _REPEATED.sub(r"\1", word)),
        )
    )
    return tuple(form for form in found if form != word and len(form) > 1)


class Vocabulary:
    """Words that may be meant, searched for those that a word is a mistyping or compound of."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._found: dict[str, tuple[str, ...]] = {}
        self._alike: Mapping[tuple[str, int], list[str]] = defaultdict(list)
        """First letter and length → words."""
        for word in sorted(self._known):
            if len(word) >= SHORTEST_TYPO and word.isalpha():
                self._alike[word[0], len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def mistyped(self, word: str) -> tuple[str, ...]:
        """The words with the fewest differences, where these are few enough."""
        if not SHORTEST_TYPO - 1 <= len(word) <= LONGEST_TYPO or not word.isalpha():
            return ()
        if word not in self._found:
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[word] = tuple(self._search(word))
        return self._found[word]

    def _search(self, word: str) -> list[str]:
        if len(word) < SHORTEST_TYPO:  # one letter may be left out of its middle: `ordr`
            longer = self._alike.get((word[0], len(word) + 1), ())
            return [one for one in longer if one[-1] == word[-1] and edits(word, one, 1) == 1]
        allowed = 2 if len(word) >= SEVERAL_TYPOS else 1
        best: list[str] = []
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            # Few mistype the first letter, and other words differ there most of all.
            for other in self._alike.get((word[0], length), ()):
                if allowed == 2 and length < SEVERAL_TYPOS - 1:
                    continue
                distance = edits(word, other, allowed)
                if distance > allowed:
                    continue
                if distance < allowed:
                    allowed, best = distance, []
                best.append(other)
        return best

    def inside(self, word: str, language: str) -> Iterator[str]:
        """The words that a compound ends with: `tabletten` in `schmerztabletten`."""
        if primary_subtag(language) in _COMPOUNDING:
            for start in range(3, len(word) - _COMPOUND_HEAD + 1):
                if word[start:] in self._known:
                    yield word[start:]


def edits(one: str, other: str, most: int) -> int:
    """Letters added, left out, changed or swapped with their neighbour; `most` + 1 if more.

    The optimal string alignment distance.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


@cache
def _stemmer(language: str) -> snowballstemmer.stemmer | None:
    name = _SNOWBALL.get(language)
    return snowballstemmer.stemmer(name) if name else None
