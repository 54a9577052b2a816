"""`words:` of a rules file: lists that several rules share, written `$name` in a trigger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

from app.responders.rules.document import Entry
from app.responders.rules.errors import did_you_mean

MAX_LISTS = 200
MAX_WORDS = 200
MAX_EXPANDED = 1_000
"""So many keywords may come of one that names lists."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
_REFERENCE = re.compile(r"\$([a-z][a-z0-9-]*)")


@dataclass(frozen=True)
class WordLists:
    """Name → words, for all languages (None) or by language."""

    lists: Mapping[str, Mapping[str | None, tuple[str, ...]]]

    def expanded(self, entry: Entry, written: str, language: str | None) -> tuple[str, ...]:
        """A trigger with each word of the lists it names. Raises: RulesError."""
        names = _REFERENCE.findall(written)
        if not names:
            return (written,)
        choices = [self._words(entry, name, language) for name in names]
        pieces = _REFERENCE.split(written)[::2]
        found = []
        for chosen in product(*choices):
            found.append("".join(map("".join, zip(pieces, (*chosen, ""), strict=True))))
            if len(found) > MAX_EXPANDED:
                raise entry.error(f"at most {MAX_EXPANDED} combinations of words", "more")
        return tuple(found)

    def _words(self, entry: Entry, name: str, language: str | None) -> tuple[str, ...]:
        if name not in self.lists:
            guess = did_you_mean(name, self.lists)
            known = ", ".join(f"${one}" for one in self.lists) or "a list in words: of this file"
            raise entry.error(f"one of {known}", f"'${name}'{guess}")
        by_language = self.lists[name]
        found = by_language.get(language, ()) + (by_language.get(None, ()) if language else ())
        if not found:
            raise entry.error(f"words in {language or 'all languages'} in the list ${name}", "none")
        return found


def read_word_lists(entry: Entry | None) -> WordLists:
    """Raises: RulesError."""
    if entry is None:
        return WordLists({})
    pairs = entry.pairs("lists of words by name")
    if len(pairs) > MAX_LISTS:
        raise entry.error(f"at most {MAX_LISTS} lists", str(len(pairs)))
    lists: dict[str, Mapping[str | None, tuple[str, ...]]] = {}
    for name, (key, value) in pairs.items():
        if not _NAME.fullmatch(name):
            key.wrong("a name of lower-case letters, digits and dashes")
        # A list with a mistake has its name for a word: a keyword that names it is no mistake.
        lists[name] = entry.mistakes.attempt(partial(_by_language, value), {None: (name,)})
    return WordLists(lists)


def _by_language(entry: Entry) -> Mapping[str | None, tuple[str, ...]]:
    if not entry.is_mapping:
        return {None: _list(entry)}
    return {code: _list(one) for code, (_, one) in entry.pairs("words by language").items()}


def _list(entry: Entry) -> tuple[str, ...]:
    expected = "a list of words"
    if entry.is_list:
        found = tuple(item.text("a word") for item in entry.items(expected))
    else:
        found = tuple(one.strip() for one in entry.text(expected).split(",") if one.strip())
    if not 0 < len(found) <= MAX_WORDS:
        raise entry.error(f"from 1 to {MAX_WORDS} words", str(len(found)))
    return found
