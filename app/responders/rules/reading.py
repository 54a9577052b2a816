"""From a YAML file to a `RuleBook`; every mistake is reported with its line."""

from __future__ import annotations

import re
from pathlib import Path

from app.responders.rules.book import (
    PLACEHOLDERS,
    Reply,
    Rule,
    RuleBook,
    Wording,
)
from app.responders.rules.document import Entry, read_document
from app.responders.rules.errors import Mistakes, did_you_mean
from app.responders.rules.hours_reading import read_hours
from app.responders.rules.plain_values import (
    read_duration,
    read_examples,
    read_languages,
    read_priority,
)
from app.responders.rules.triggers_reading import TriggersReader
from app.responders.rules.word_lists import WordLists, read_word_lists

MAX_RULES = 2_000
MAX_ANSWER_CHARACTERS = 4_000

_TOP = (
    "name", "languages", "time_zone", "hours", "holidays", "words", "default", "still_unknown",
    "rules",
)  # fmt: skip
_REPLY = ("answer", "write", "hand_over", "silent")
_RULE = (
    "keywords", "phrases", "patterns", "unless", *_REPLY, "priority", "about", "examples",
    "counterexamples",
)  # fmt: skip
_ARTICLE = {"answer": "an answer", "write": "write"}
_NAME = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")

_NO_REPLY = Reply(())
"""Stands in for one with a mistake."""


def read_rules(file: Path) -> RuleBook:
    """Read and check a rules file.

    Raises: RulesError with all mistakes that can be told from one another; a mistake in the YAML
    hides those that follow it.
    """
    top = read_document(file)
    book = top.mistakes.finish(lambda: _book(top))
    book.warm()
    return book


def _book(top: Entry) -> RuleBook:
    mistakes = top.mistakes
    fields = top.fields(_TOP, "a mapping with default and rules")
    if not mistakes.count:
        for needed in ("default", "rules"):
            if needed not in fields:
                top.wrong(f"{needed}:", f"only {', '.join(fields) or 'nothing'}")
    languages = mistakes.attempt(lambda: read_languages(fields.get("languages")), None)
    hours = read_hours(fields.get("time_zone"), fields.get("hours"), fields.get("holidays"))
    name = ""
    if "name" in fields:
        name = mistakes.attempt(lambda: fields["name"].text("the name of the business"), "")
    reader = _Reader(
        mistakes,
        languages,
        mistakes.attempt(lambda: read_word_lists(fields.get("words")), None),
        has_hours=not fields.keys().isdisjoint(("time_zone", "hours", "holidays")),
        has_name="name" in fields,
    )
    default = _NO_REPLY
    if "default" in fields:
        default = mistakes.attempt(lambda: reader.default(fields["default"]), _NO_REPLY)
    still_unknown: tuple[Reply, ...] = ()
    if "still_unknown" in fields:
        still_unknown = mistakes.attempt(lambda: reader.replies(fields["still_unknown"]), ())
    rules: tuple[Rule, ...] = ()
    if "rules" in fields:
        rules = mistakes.attempt(lambda: reader.rules(fields["rules"]), ())
    return RuleBook(
        file=top.file,
        name=name,
        languages=languages or (),
        hours=hours,
        default=default,
        rules=rules,
        still_unknown=still_unknown,
    )


class _Reader:
    """Reads rules and replies, knowing what stands at the top of the file.

    `languages` and `lists` are None where they have a mistake: then any will do. What is missing
    at the top is told once, not wherever it is needed.
    """

    def __init__(
        self,
        mistakes: Mistakes,
        languages: tuple[str, ...] | None,
        lists: WordLists | None,
        *,
        has_hours: bool,
        has_name: bool,
    ) -> None:
        self._mistakes = mistakes
        self._languages = languages
        self._has_hours = has_hours
        self._has_name = has_name
        self._triggers = TriggersReader(mistakes, lists, self._checked_language)

    def rules(self, entry: Entry) -> tuple[Rule, ...]:
        pairs = entry.pairs("rules by name")
        if len(pairs) > MAX_RULES:
            raise entry.error(f"at most {MAX_RULES} rules", str(len(pairs)))
        return tuple(self._mistakes.each(lambda pair: self._rule(*pair), pairs.values()))

    def _rule(self, key: Entry, entry: Entry) -> Rule:
        attempt = self._mistakes.attempt
        name = key.text("the name of a rule")
        if len(name) > 60 or not _NAME.fullmatch(name):
            key.wrong("a name of lower-case letters, digits and dashes, as in opening-hours")
        if name == "default":
            key.wrong("another name; default: at the top of the file is what is said else")
        before = self._mistakes.count
        fields = entry.fields(_RULE, f"a mapping with {', '.join(_RULE)}")
        triggers = self._triggers.triggers(fields)
        if not triggers and self._mistakes.count == before:
            key.wrong("keywords, phrases or patterns in this rule", "none")
        return Rule(
            name=name,
            line=key.line,
            triggers=triggers,
            reply=attempt(lambda: self._reply(key, fields), _NO_REPLY),
            priority=attempt(lambda: read_priority(fields.get("priority")), 0),
            unless=self._triggers.unless(fields),
            about=attempt(lambda: self._wordings(fields.get("about")), ()),
            examples=(
                *attempt(lambda: read_examples(fields.get("examples"), matches=True), ()),
                *attempt(lambda: read_examples(fields.get("counterexamples"), matches=False), ()),
            ),
        )

    def replies(self, entry: Entry) -> tuple[Reply, ...]:
        """One reply, or a list of them."""
        if not entry.is_list:
            return (self.default(entry),)
        return tuple(self._mistakes.each(self.default, entry.items("answers")))

    def default(self, entry: Entry) -> Reply:
        """An answer, or the same fields as in a rule without its triggers."""
        if entry.is_mapping:
            keys = entry.pairs("an answer").keys()
            if keys & set(_REPLY):
                return self._reply(entry, entry.fields(_REPLY, "an answer"))
        return self._reply(entry, {"answer": entry})

    def _reply(self, owner: Entry, fields: dict[str, Entry]) -> Reply:
        attempt = self._mistakes.attempt
        hand_over = attempt(lambda: read_duration(fields.get("hand_over")), 0.0)
        written = attempt(lambda: self._wordings(fields.get("write")), ())
        if "silent" in fields:
            if fields["silent"].text("true").lower() != "true":
                raise fields["silent"].error("true (or leave it out)")
            for other in ("answer", "write"):
                if other in fields:
                    raise fields["silent"].error(f"either silent or {_ARTICLE[other]}", "both")
            return Reply((), hand_over_seconds=hand_over, silent=True, line=owner.line)
        if "answer" not in fields:
            raise owner.error("an answer (or silent: true)", "none")
        wordings, closed = self._answer(fields["answer"])
        return Reply(
            wordings, closed, hand_over_seconds=hand_over, line=owner.line, written=written
        )

    def _answer(self, entry: Entry) -> tuple[tuple[Wording, ...], tuple[Wording, ...]]:
        keys = entry.pairs("an answer") if entry.is_mapping else {}
        if not keys.keys() & {"open", "closed"}:
            return self._wordings(entry), ()
        before = self._mistakes.count
        fields = entry.fields(("open", "closed"), "open and closed")
        for needed in ("open", "closed"):
            if needed not in fields and self._mistakes.count == before:
                entry.wrong("an answer for open and one for closed", f"no {needed}")
        if not self._has_hours:
            self._has_hours = True
            entry.wrong("hours: in this file, as the answer depends on them", "none")
        attempt = self._mistakes.attempt
        return (
            attempt(lambda: self._wordings(fields.get("open")), ()),
            attempt(lambda: self._wordings(fields.get("closed")), ()),
        )

    def _wordings(self, entry: Entry | None) -> tuple[Wording, ...]:
        if entry is None:
            return ()
        if not entry.is_mapping:
            default = self._languages[0] if self._languages else None
            return (self._wording(entry, default),)
        pairs = entry.pairs("an answer")
        if not pairs:
            raise entry.error("an answer", "none")
        return tuple(
            self._mistakes.each(
                lambda pair: self._wording(pair[1], self._checked_language(pair[0])),
                pairs.values(),
            )
        )

    def _wording(self, entry: Entry, language: str | None) -> Wording:
        text = entry.text("the text of an answer")
        if len(text) > MAX_ANSWER_CHARACTERS:
            raise entry.error(f"at most {MAX_ANSWER_CHARACTERS} characters", f"{len(text)}")
        wording = Wording(text, language, entry.line)
        for placeholder in wording.placeholders:
            if placeholder not in PLACEHOLDERS:
                known = ", ".join("{" + name + "}" for name in PLACEHOLDERS)
                guess = did_you_mean(placeholder, PLACEHOLDERS)
                entry.wrong(f"one of {known}", f"{{{placeholder}}}{guess}")
            elif placeholder == "name" and not self._has_name:
                self._has_name = True
                entry.wrong("name: at the top of the file for {name}", "none")
            elif placeholder != "name" and not self._has_hours:
                self._has_hours = True
                entry.wrong(f"hours: in this file for {{{placeholder}}}", "none")
        return wording

    def _language(self, key: Entry) -> str:
        code = key.text("a language code")
        if self._languages is None or code in self._languages:
            return code
        if not self._languages:
            self._languages = None
            raise key.error("languages: at the top of the file, such as languages: [en, de]")
        guess = did_you_mean(code, self._languages)
        raise key.error(f"one of the languages {', '.join(self._languages)}", f"{code!r}{guess}")

    def _checked_language(self, key: Entry) -> str | None:
        return self._mistakes.attempt(lambda: self._language(key), None)
