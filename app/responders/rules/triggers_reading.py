"""Reads `keywords`, `phrases`, `patterns` and `unless` of a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from app.responders.rules.document import Entry
from app.responders.rules.errors import Mistakes
from app.responders.rules.triggers import (
    BadTrigger,
    Kind,
    Sought,
    Trigger,
    keyword,
    pattern,
    phrase,
)
from app.responders.rules.word_lists import WordLists

MAX_TRIGGERS = 20_000

_KINDS: dict[str, tuple[Kind, Callable[[str], Sought]]] = {
    "keywords": ("keyword", keyword),
    "phrases": ("phrase", phrase),
    "patterns": ("pattern", pattern),
}


class TriggersReader:
    """Reads the triggers of all rules; mistakes are added to the others.

    `lists` is None where they have a mistake: then `$name` stands for itself. `language` reads
    the language in front of triggers, None where it has a mistake.
    """

    def __init__(
        self, mistakes: Mistakes, lists: WordLists | None, language: Callable[[Entry], str | None]
    ) -> None:
        self._mistakes = mistakes
        self._lists = lists
        self._language = language
        self._left = MAX_TRIGGERS

    def triggers(self, fields: Mapping[str, Entry]) -> tuple[Trigger, ...]:
        """Those of a rule."""
        return tuple(
            trigger
            for field, (kind, make) in _KINDS.items()
            if field in fields
            for trigger in self._mistakes.attempt(
                partial(self._read_triggers, fields[field], kind, make), ()
            )
        )

    def unless(self, fields: Mapping[str, Entry]) -> tuple[Trigger, ...]:
        """Keywords; of several words in one they have to be said one after the other."""
        if "unless" not in fields:
            return ()
        read = partial(self._read_triggers, fields["unless"], "phrase", phrase)
        return tuple(self._mistakes.attempt(read, ()))

    def _read_triggers(
        self, entry: Entry, kind: Kind, make: Callable[[str], Sought]
    ) -> list[Trigger]:
        if not entry.is_mapping:
            return self._trigger_list(entry, kind, make, None)
        return [
            trigger
            for key, value in entry.pairs(f"{kind}s").values()
            for trigger in self._mistakes.attempt(
                partial(
                    self._trigger_list,
                    value,
                    kind,
                    make,
                    self._language(key),
                ),
                (),
            )
        ]

    def _trigger_list(
        self, entry: Entry, kind: Kind, make: Callable[[str], Sought], language: str | None
    ) -> list[Trigger]:
        expected = f"a {kind} or a list of them"
        texts: list[tuple[Entry, str]]
        before = self._mistakes.count
        if entry.is_list:
            texts = self._mistakes.each(
                lambda item: (item, item.text(f"a {kind}")), entry.items(expected)
            )
        else:
            written = entry.text(expected)
            parts = written.split(",") if kind == "keyword" else [written]
            texts = [(entry, part.strip()) for part in parts if part.strip()]
        lists = self._lists
        if kind != "pattern" and lists:
            texts = [
                (item, text)
                for item, written in texts
                for text in self._mistakes.attempt(
                    partial(lists.expanded, item, written, language), ()
                )
            ]
        if not texts and self._mistakes.count == before:
            raise entry.error(expected)
        self._left -= len(texts)
        if self._left < 0:
            limit = f"at most {MAX_TRIGGERS} keywords, phrases and patterns"
            raise self._mistakes.stop(entry.error(limit, "more"))
        triggers = []
        for item, text in texts:
            try:
                triggers.append(Trigger(kind, text, item.line, language, make(text)))
            except BadTrigger as error:
                item.wrong(error.expected, str(error))
        return triggers
