"""A rules file as values: what was read and checked, ready to be matched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.languages import primary_subtag
from app.responders.lexicon import Lexicon, known_languages, lexicon_of
from app.responders.lexicon.forms import Vocabulary, stem
from app.responders.lexicon.words import words
from app.responders.rules.hours import OpeningHours
from app.responders.rules.index import TriggerIndex
from app.responders.rules.spoken_time import without_at
from app.responders.rules.triggers import Trigger, groups_of
from app.responders.rules.utterance import Utterance

OPENING = "opening"
"""The group of words that ask whether and when somebody is there."""
PLACEHOLDERS = ("name", "opens", "closes", "hours")
PLACEHOLDER = re.compile(r"\{([^{}\s]{0,40})\}")


@dataclass(frozen=True)
class Wording:
    """A text to say, with its placeholders, in a language (None where the file names none)."""

    text: str
    language: str | None
    line: int

    @property
    def placeholders(self) -> Iterator[str]:
        return (match.group(1) for match in PLACEHOLDER.finditer(self.text))

    def filled(self, values: dict[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            said = values[match.group(1)]
            if match.group(1) in ("opens", "closes"):
                return without_at(said, self.text[: match.start()], self.language)
            return said

        return PLACEHOLDER.sub(value, self.text)


@dataclass(frozen=True)
class Reply:
    """What a rule says. `closed` replaces `wordings` outside the opening hours, where given."""

    wordings: tuple[Wording, ...]
    closed: tuple[Wording, ...] = ()
    hand_over_seconds: float = 0.0
    silent: bool = False
    line: int = 0
    written: tuple[Wording, ...] = ()
    """What goes out in writing beside what is said, such as a link."""


@dataclass(frozen=True)
class Rule:
    name: str
    line: int
    triggers: tuple[Trigger, ...]
    reply: Reply
    priority: int = 0
    unless: tuple[Trigger, ...] = ()
    """Where one of these is found, the rule does not match."""
    about: tuple[Wording, ...] = ()
    """What it is about, for `Did you mean … or …?`."""
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Example:
    """A message that the owner wrote beside a rule, and whether the rule has to answer it."""

    text: str
    line: int
    matches: bool = True


@dataclass(frozen=True)
class RuleBook:
    """All of a file. Rules are in the file's order; `languages` has the default first."""

    file: Path
    name: str
    languages: tuple[str, ...]
    hours: OpeningHours | None
    default: Reply
    rules: tuple[Rule, ...]
    still_unknown: tuple[Reply, ...] = ()
    """What is said instead of the default from the second miss in a row on; the last repeats."""

    @cached_property
    def vocabularies(self) -> dict[str | None, Vocabulary]:
        """By language the words that may be meant: those of the file and of the language."""
        languages: tuple[str | None, ...] = (*(self.languages or known_languages()), None)
        return {language: Vocabulary(self._known(language)) for language in languages}

    def candidates(
        self, utterance: Utterance, own: str | None
    ) -> Iterator[tuple[Rule, list[Trigger]]]:
        """The rules that may match, each with its triggers that are worth looking for."""
        for place, triggers in self._index.candidates(utterance, own, self.languages):
            yield self.rules[place], triggers

    def warm(self) -> None:
        """Work out what is worked out at first use otherwise: seconds in the largest file."""
        self._index.warm(self.languages)
        assert self.vocabularies is not None
        assert self._own_words is not None
        assert self._own_groups is not None
        assert self.hours_rules is not None

    @cached_property
    def hours_rules(self) -> frozenset[str]:
        """Names of the rules that answer whether and when it is open: their triggers say so."""
        if self.hours is None:
            return frozenset()
        return frozenset(
            rule.name
            for rule in self.rules
            if not rule.reply.hand_over_seconds
            and not rule.reply.silent
            and any(map(self._asks_for_hours, rule.triggers))
        )

    def _asks_for_hours(self, trigger: Trigger) -> bool:
        codes = (trigger.language,) if trigger.language else self.languages or ("en",)
        texts = tuple(word.text for word in words(trigger.written))
        return trigger.kind != "pattern" and any(
            OPENING in groups_of(texts, primary_subtag(code)) for code in codes
        )

    @cached_property
    def _index(self) -> TriggerIndex:
        return TriggerIndex(
            ((place, number), trigger)
            for place, rule in enumerate(self.rules)
            for number, trigger in enumerate(rule.triggers)
        )

    def uses(self, word: str, lexicon: Lexicon) -> bool:
        """Whether the file has a (folded) word or one related to it, asked for or not."""
        if stem(word, lexicon.language) in self._own_words:
            return True
        return bool(lexicon.groups.of_word(word, lexicon.language) & self._own_groups)

    @cached_property
    def _own_groups(self) -> frozenset[str]:
        """Groups of related words that the triggers belong to."""
        found: set[str] = set()
        for rule in self.rules:
            for trigger in rule.triggers:
                for code in (trigger.language,) if trigger.language else self.languages:
                    if lexicon := lexicon_of(code):
                        for word in words(trigger.written):
                            found |= lexicon.groups.of_word(word.text, lexicon.language)
        return frozenset(found)

    @cached_property
    def _own_words(self) -> frozenset[str]:
        replies = [self.default, *(rule.reply for rule in self.rules)]
        texts = [
            (wording.text, wording.language)
            for reply in replies
            for wording in (*reply.wordings, *reply.closed)
        ]
        texts += [(t.written, t.language) for rule in self.rules for t in rule.triggers]
        return frozenset(
            stem(word.text, code or "") for text, code in texts for word in words(text)
        )

    def _known(self, language: str | None) -> Iterator[str]:
        for rule in self.rules:
            for trigger in rule.triggers:
                if trigger.kind != "pattern" and trigger.language in (language, None):
                    yield from (word.text for word in words(trigger.written))
        lexicon = lexicon_of(language)
        if lexicon:
            yield from lexicon.function
            yield from lexicon.light
            for table in (lexicon.groups, lexicon.courtesy, lexicon.dates):
                yield from table.all_words

    def language_like(self, language: str | None) -> str | None:
        """The language of the file that `language` (BCP 47) is, or is a variety of."""
        return closest(language, self.languages)


def closest(language: str | None, languages: tuple[str, ...]) -> str | None:
    """`language` among `languages`: the same one, else one with the same primary subtag."""
    if not language:
        return None
    wanted = language.replace("_", "-").lower()
    for known in languages:
        if known.lower() == wanted:
            return known
    for known in languages:
        if known.split("-")[0].lower() == wanted.split("-")[0]:
            return known
    return None
