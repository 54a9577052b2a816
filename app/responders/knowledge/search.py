"""Finds the chunks that a question is about, and says how sure that is.

Two full-text indexes of SQLite propose: one of stemmed words, one of trigrams, which bridge
compounds and typing errors; their ranks are fused (reciprocal rank fusion, Cormack et al. 2009).
How much of what is asked a proposal covers, each word weighed by how rare it is, decides. Words
alone cannot bridge vocabularies, so that the search abstains unless the first is clearly ahead.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.languages import primary_subtag
from app.responders.knowledge.chunks import Chunk
from app.responders.lexicon import known_languages, lexicon_of, likely_language
from app.responders.lexicon.forms import Vocabulary, stem
from app.responders.lexicon.words import words
from app.responders.rules.utterance import Utterance

SURE_COVER = 0.6
"""The part of what is asked, weighed, that a chunk has to cover."""
SURE_MARGIN = 1.25
"""So many times the score of the second."""
UNSURE_COVER = 0.45
"""From here on it is worth asking whether the chunk is meant."""
SAME_QUESTION = 0.6
"""The part of its words that a question shares with a title that asks the same."""
SURE_LIKENESS = 0.5
SURE_LIKENESS_AHEAD = 0.08
"""Of the meanings of a question and a chunk (cosine), where there are embeddings."""
PROPOSED = 12
MAX_TERMS = 40

_FUSION = 60  # the constant of reciprocal rank fusion
_IN_TITLE, _IN_TEXT, _ABOVE = 1.0, 0.75, 0.5
_RELATED = 0.6


@dataclass(frozen=True)
class Found:
    """A chunk that was proposed. `cover` is from 0 to 1; `terms` are the stems it shares."""

    chunk: Chunk
    score: float
    cover: float
    terms: tuple[str, ...]
    in_title: bool
    likeness: float = 0.0
    """Cosine of its meaning and that of the question, where there are embeddings."""


@dataclass(frozen=True)
class SearchResult:
    """The best first. `missing` are what no chunk has of what is asked."""

    found: tuple[Found, ...]
    missing: tuple[str, ...] = ()

    @property
    def margin(self) -> float:
        """How many times the score of the second the first has."""
        if len(self.found) < 2 or not self.found[1].score:
            return math.inf
        return self.found[0].score / self.found[1].score

    @property
    def sure(self) -> Found | None:
        """The chunk that is clearly meant."""
        if not self.found:
            return None
        best = self.found[0]
        telling = best.in_title or len(best.terms) > 1
        clear = best.cover >= SURE_COVER and self.margin >= SURE_MARGIN
        return best if telling and clear else self._alike

    @property
    def _alike(self) -> Found | None:
        """The chunk whose meaning is clearly the nearest, if words do not speak for another."""
        alike = sorted(self.found, key=lambda one: -one.likeness)
        if not alike or alike[0].likeness < SURE_LIKENESS:
            return None
        second = alike[1].likeness if len(alike) > 1 else 0.0
        ahead = alike[0].likeness - second >= SURE_LIKENESS_AHEAD
        return alike[0] if ahead and alike[0] in self.found[:2] else None

    @property
    def unsure(self) -> Found | None:
        """The chunk that may be meant, where none is clearly."""
        best = self.found[0] if self.found else None
        if best is None or self.sure or not best.in_title:
            return None
        return best if best.cover >= UNSURE_COVER else None


class KnowledgeIndex:
    """Chunks, searchable. Built once; safe to search from several threads."""

    def __init__(self, chunks: Sequence[Chunk], *, earlier: KnowledgeIndex | None = None) -> None:
        """earlier: an index whose chunks are taken over where they have not changed."""
        self.chunks = tuple(chunks)
        known: dict[Chunk, _Entry] = {}
        if earlier:
            known = {entry.chunk: entry for entry in earlier._entries}
        self._entries: list[_Entry] = [
            known.get(chunk) or _Entry.of(chunk) for chunk in self.chunks
        ]
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.executescript(
            "CREATE VIRTUAL TABLE by_word USING fts5(title, body, tokenize='unicode61');"
            "CREATE VIRTUAL TABLE by_part USING fts5(body, tokenize='trigram');"
        )
        self._database.executemany(
            "INSERT INTO by_word (rowid, title, body) VALUES (?, ?, ?)",
            ((row, " ".join(e.title), " ".join(e.body)) for row, e in enumerate(self._entries)),
        )
        self._database.executemany(
            "INSERT INTO by_part (rowid, body) VALUES (?, ?)",
            ((row, e.folded) for row, e in enumerate(self._entries)),
        )
        counts = Counter(term for entry in self._entries for term in entry.terms)
        self._rarity: Mapping[str, float] = {
            term: math.log(1 + len(self._entries) / count) for term, count in counts.items()
        }
        self._words = frozenset(word for entry in self._entries for word in entry.written)
        self._rarest = math.log(1 + len(self._entries))
        self._by_language = Counter(entry.language for entry in self._entries)
        self._vocabularies: dict[str | None, Vocabulary] = {
            language: Vocabulary(self._known(language)) for language in known_languages()
        }

    def search(
        self, text: str, language: str | None, likeness: Mapping[str, float] | None = None
    ) -> SearchResult:
        """language: of the question (BCP 47), where it is known.

        likeness: of chunks, by id, in meaning; a third rank beside words and parts of words.
        """
        primary = self._language(text, language)
        asked = self._asked(text, primary)
        if not asked:
            return SearchResult(())
        likeness = likeness or {}
        rows = self._proposed(asked, text)
        nearest = sorted(range(len(self.chunks)), key=lambda r: -likeness.get(self.chunks[r].id, 0))
        for rank, row in enumerate(nearest[:PROPOSED] if likeness else (), 1):
            rows[row] = rows.get(row, 0.0) + 1 / (_FUSION + rank)
        said = frozenset(word.text for word in words(text))
        here = self._by_language[primary] if primary else 0
        weights = {term: self._rarity.get(term, self._rarest) for term in asked}
        found = [
            self._judged(row, asked, weights, fused, said)
            for row, fused in rows.items()
            if not here or self._entries[row].language in (primary, None)
        ]
        found = [replace(one, likeness=likeness.get(one.chunk.id, 0.0)) for one in found]
        found.sort(key=lambda one: -(one.score + max(0.0, one.likeness)))
        missing = tuple(term for term in asked if term not in self._rarity)
        return SearchResult(tuple(one for one in found if one.cover or one.likeness), missing)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _language(self, text: str, told: str | None) -> str | None:
        primary = primary_subtag(told) if told else None
        said = [word.text for word in words(text)]
        best, votes = likely_language(said, filter(None, self._by_language))
        lexicon = lexicon_of(primary)
        if best and votes > (sum(map(lexicon.vote, said)) if lexicon else 0.0) + 1:
            return best
        return primary or best

    def _asked(self, text: str, language: str | None) -> dict[str, frozenset[str]]:
        """Stem of each word that tells what is asked → its groups of related words."""
        utterance = Utterance.of(text, self._vocabularies)
        reading = utterance.read_as(language)
        best: dict[int, tuple[float, str]] = {}
        for form, places in reading.stems.items():
            for index, worth in places.items():
                value = (worth + (form in self._rarity), form)
                if value > best.get(index, (0.0, "")):
                    best[index] = value
        groups: dict[int, set[str]] = {}
        for name, tagged in reading.groups.items():
            for index in tagged:
                groups.setdefault(index, set()).add(name)
        skipped = reading.neutral | reading.courtesy
        return {
            form: frozenset(groups.get(index, ()))
            for index, (_, form) in sorted(best.items())
            if index not in skipped
        }

    def _proposed(self, asked: Mapping[str, object], text: str) -> dict[int, float]:
        """Rows with their fused ranks."""
        terms = list(asked)[:MAX_TERMS]
        words_query = " OR ".join(f'"{term}"' for term in terms)
        # Parts are for words that no chunk has whole: compounds, errors, other forms.
        parts = [w.text for w in words(text) if len(w.text) >= 4 and w.text not in self._words]
        parts = parts[:MAX_TERMS]
        parts_query = " OR ".join(f'"{part}"' for part in dict.fromkeys(parts))
        fused: dict[int, float] = {}
        with self._lock:
            for sql, query in (
                (
                    "SELECT rowid FROM by_word(?) ORDER BY bm25(by_word, 3.0, 1.0) LIMIT ?",
                    words_query,
                ),
                ("SELECT rowid FROM by_part(?) ORDER BY bm25(by_part) LIMIT ?", parts_query),
            ):
                rows = self._database.execute(sql, (query, PROPOSED)) if query else ()
                for rank, (row,) in enumerate(rows, 1):
                    fused[row] = fused.get(row, 0.0) + 1 / (_FUSION + rank)
        return fused

    def _judged(
        self,
        row: int,
        asked: Mapping[str, frozenset[str]],
        weights: Mapping[str, float],
        fused: float,
        said: frozenset[str],
    ) -> Found:
        entry = self._entries[row]
        worths = {term: entry.worth(term, groups) for term, groups in asked.items()}
        total = sum(weights.values())
        cover = sum(weights[term] for term, worth in worths.items() if worth) / total
        score = sum(weights[term] * worth for term, worth in worths.items()) / total
        terms = tuple(term for term, worth in worths.items() if worth)
        same = len(said & entry.asks) / len(said | entry.asks) if entry.asks else 0.0
        return Found(
            chunk=entry.chunk,
            # Whoever asks in the words of the title means it, whatever else has them.
            score=score + fused + (same if same >= SAME_QUESTION else 0.0),
            cover=cover,
            terms=terms,
            in_title=any(term in entry.titles for term in terms),
        )

    def _known(self, language: str) -> Iterable[str]:
        for entry in self._entries:
            if entry.language in (language, None):
                yield from entry.written
        lexicon = lexicon_of(language)
        if lexicon:
            yield from lexicon.function
            yield from lexicon.light


@dataclass(frozen=True)
class _Entry:
    """A chunk made ready. Words are stems of its language."""

    chunk: Chunk
    language: str | None
    title: tuple[str, ...]
    body: tuple[str, ...]
    above: frozenset[str]
    written: tuple[str, ...]
    folded: str

    @classmethod
    def of(cls, chunk: Chunk) -> _Entry:
        said = f"{chunk.title}\n{chunk.text}"
        language, _ = likely_language((word.text for word in words(said)), known_languages())

        def stems(text: str) -> tuple[str, ...]:
            return tuple(stem(word.text, language or "") for word in words(text))

        return cls(
            chunk=chunk,
            language=language,
            title=stems(chunk.title),
            body=stems(chunk.text),
            above=frozenset(stems(chunk.parents)),
            written=tuple(word.text for word in words(said)),
            folded=" ".join(word.text for word in words(said)),
        )

    @cached_property
    def asks(self) -> frozenset[str]:
        """The words of the title as they are written, little ones too."""
        return frozenset(word.text for word in words(self.chunk.title))

    @cached_property
    def titles(self) -> frozenset[str]:
        return frozenset(self.title)

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset((*self.title, *self.body))

    @cached_property
    def groups(self) -> frozenset[str]:
        lexicon = lexicon_of(self.language)
        if lexicon is None:
            return frozenset()
        title = (word.text for word in words(self.chunk.title))
        return frozenset().union(*(lexicon.groups.of_word(one, lexicon.language) for one in title))

    def worth(self, term: str, groups: frozenset[str]) -> float:
        if term in self.titles:
            return _IN_TITLE
        if term in self.terms:
            return _IN_TEXT
        if groups & self.groups:
            return _RELATED
        return _ABOVE if term in self.above else 0.0
