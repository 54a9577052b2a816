"""Which triggers may be found in an utterance at all, so that a long file is searched quickly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from app.languages import primary_subtag
from app.responders.lexicon import lexicon_of
from app.responders.lexicon.forms import stem
from app.responders.lexicon.words import words
from app.responders.rules.triggers import Trigger, groups_of
from app.responders.rules.utterance import Reading, Utterance

_Key = tuple[str, str]
_Place = tuple[int, int]
"""The place of a rule, and of a trigger in it."""


class TriggerIndex:
    """Looks up triggers by the words, stems and groups of related words that they hold."""

    def __init__(self, triggers: Iterator[tuple[_Place, Trigger]]) -> None:
        self._triggers: dict[_Place, Trigger] = {}
        self._always: list[_Place] = []
        self._by_key: dict[str | None, Mapping[_Key, list[_Place]]] = {}
        for place, trigger in triggers:
            self._triggers[place] = trigger
            if trigger.kind == "pattern" or "*" in trigger.written:
                self._always.append(place)

    def candidates(
        self, utterance: Utterance, own: str | None, languages: tuple[str, ...]
    ) -> Iterator[tuple[int, list[Trigger]]]:
        """Place of a rule → its triggers that are worth looking for; in the order of the file."""
        found = set(self._always)
        for language in dict.fromkeys((*languages, own)):
            keys = self._keys(language)
            for key in _keys_of(utterance.read_as(language)):
                found.update(keys.get(key, ()))
        by_rule: dict[int, list[Trigger]] = defaultdict(list)
        for place in sorted(found):
            by_rule[place[0]].append(self._triggers[place])
        yield from by_rule.items()

    def warm(self, languages: tuple[str, ...]) -> None:
        """Build what is built at first use otherwise."""
        for language in languages:
            self._keys(language)

    def _keys(self, language: str | None) -> Mapping[_Key, list[_Place]]:
        if language not in self._by_key:
            keys: dict[_Key, list[_Place]] = defaultdict(list)
            for place, trigger in self._triggers.items():
                if trigger.language in (None, language) and trigger.kind != "pattern":
                    for key in _keys_for(trigger.written, language):
                        keys[key].append(place)
            self._by_key[language] = keys
        return self._by_key[language]


def _keys_for(written: str, language: str | None) -> set[_Key]:
    texts = tuple(word.text for word in words(written))
    primary = primary_subtag(language) if language else ""
    found: set[_Key] = set()
    for text in texts:
        found |= {("word", text), ("stem", stem(text, primary))}
    found.add(("word", "".join(texts)))
    if lexicon_of(primary):
        for part in (*((text,) for text in texts), texts):
            found |= {("group", name) for name in groups_of(part, primary)}
    return found


def _keys_of(reading: Reading) -> Iterator[_Key]:
    yield from (("word", form) for form in reading.forms)
    yield from (("stem", form) for form in reading.stems)
    yield from (("group", name) for name in reading.groups)
