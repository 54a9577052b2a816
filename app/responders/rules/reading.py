"""From a YAML file to a `RuleBook`; every mistake is reported with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from app.responders.rules.book import (
    PLACEHOLDERS,
    Example,
    Reply,
    Rule,
    RuleBook,
    Wording,
)
from app.responders.rules.document import Entry, read_document
from app.responders.rules.errors import did_you_mean
from app.responders.rules.hours import OpeningHours
from app.responders.rules.hours_reading import read_hours
from app.responders.rules.triggers import (
    BadTrigger,
    Kind,
    Sought,
    Trigger,
    keyword,
    pattern,
    phrase,
)
from app.responders.rules.word_lists import WordLists, read_word_lists

MAX_RULES = 2_000
MAX_TRIGGERS = 20_000
MAX_ANSWER_CHARACTERS = 4_000
MAX_HAND_OVER_SECONDS = 30 * 86_400
MAX_EXAMPLES = 1_000

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
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NAME = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")
_DURATION = re.compile(r"(\d{1,6}) *(second|sec|s|minute|min|m|hour|h|day|d)s?")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

_KINDS: dict[str, tuple[Kind, Callable[[str], Sought]]] = {
    "keywords": ("keyword", keyword),
    "phrases": ("phrase", phrase),
    "patterns": ("pattern", pattern),
}


def read_rules(file: Path) -> RuleBook:
    """Read and check a rules file. Raises: RulesError with file, line and what was expected."""
    top = read_document(file)
    fields = top.fields(_TOP, "a mapping with default and rules")
    for needed in ("default", "rules"):
        if needed not in fields:
            raise top.error(f"{needed}:", f"only {', '.join(fields) or 'nothing'}")
    languages = _languages(fields.get("languages"))
    hours = read_hours(fields.get("time_zone"), fields.get("hours"), fields.get("holidays"))
    name = fields["name"].text("the name of the business") if "name" in fields else ""
    reader = _Reader(languages, hours, name, read_word_lists(fields.get("words")))
    default = reader.default(fields["default"])
    still_unknown = reader.replies(fields["still_unknown"]) if "still_unknown" in fields else ()
    pairs = fields["rules"].pairs("rules by name")
    if len(pairs) > MAX_RULES:
        raise fields["rules"].error(f"at most {MAX_RULES} rules", str(len(pairs)))
    rules = tuple(reader.rule(key, value) for key, value in pairs.values())
    book = RuleBook(
        file=file,
        name=name,
        languages=languages,
        hours=hours,
        default=default,
        rules=rules,
        still_unknown=still_unknown,
    )
    book.warm()
    return book


def _languages(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    expected = "language codes such as [en, de]"
    items = entry.items(expected) if entry.is_list else [entry]
    found: list[str] = []
    for item in items:
        code = item.text(expected)
        if not _LANGUAGE.fullmatch(code):
            raise item.error("a language code such as en or pt-BR")
        if code in found:
            raise item.error("each language once")
        found.append(code)
    if not found:
        raise entry.error(expected, "an empty list")
    return tuple(found)


class _Reader:
    """Reads rules and replies, knowing the languages and hours of the file."""

    def __init__(
        self,
        languages: tuple[str, ...],
        hours: OpeningHours | None,
        name: str,
        lists: WordLists,
    ) -> None:
        self._languages = languages
        self._hours = hours
        self._name = name
        self._lists = lists
        self._triggers_left = MAX_TRIGGERS

    def rule(self, key: Entry, entry: Entry) -> Rule:
        name = key.text("the name of a rule")
        if len(name) > 60 or not _NAME.fullmatch(name):
            raise key.error("a name of lower-case letters, digits and dashes, as in opening-hours")
        if name == "default":
            raise key.error("another name; default: at the top of the file is what is said else")
        fields = entry.fields(_RULE, f"a mapping with {', '.join(_RULE)}")
        triggers = tuple(
            trigger
            for field, (kind, make) in _KINDS.items()
            if field in fields
            for trigger in self._read_triggers(fields[field], kind, make)
        )
        if not triggers:
            raise key.error("keywords, phrases or patterns in this rule", "none")
        return Rule(
            name=name,
            line=key.line,
            triggers=triggers,
            reply=self._reply(key, fields),
            priority=_priority(fields.get("priority")),
            unless=self._unless(fields["unless"]) if "unless" in fields else (),
            about=self._wordings(fields["about"]) if "about" in fields else (),
            examples=(
                *_examples(fields.get("examples"), matches=True),
                *_examples(fields.get("counterexamples"), matches=False),
            ),
        )

    def replies(self, entry: Entry) -> tuple[Reply, ...]:
        """One reply, or a list of them."""
        if not entry.is_list:
            return (self.default(entry),)
        return tuple(self.default(item) for item in entry.items("answers"))

    def default(self, entry: Entry) -> Reply:
        """An answer, or the same fields as in a rule without its triggers."""
        if entry.is_mapping:
            keys = entry.pairs("an answer").keys()
            if keys & set(_REPLY):
                return self._reply(entry, entry.fields(_REPLY, "an answer"))
        return self._reply(entry, {"answer": entry})

    def _reply(self, owner: Entry, fields: dict[str, Entry]) -> Reply:
        hand_over = _duration(fields["hand_over"]) if "hand_over" in fields else 0.0
        written = self._wordings(fields["write"]) if "write" in fields else ()
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
        fields = entry.fields(("open", "closed"), "open and closed")
        for needed in ("open", "closed"):
            if needed not in fields:
                raise entry.error("an answer for open and one for closed", f"no {needed}")
        if self._hours is None:
            raise entry.error("hours: in this file, as the answer depends on them", "none")
        return self._wordings(fields["open"]), self._wordings(fields["closed"])

    def _wordings(self, entry: Entry) -> tuple[Wording, ...]:
        if not entry.is_mapping:
            default = self._languages[0] if self._languages else None
            return (self._wording(entry, default),)
        pairs = entry.pairs("an answer")
        if not pairs:
            raise entry.error("an answer", "none")
        return tuple(self._wording(value, self._language(key)) for key, value in pairs.values())

    def _wording(self, entry: Entry, language: str | None) -> Wording:
        text = entry.text("the text of an answer")
        if len(text) > MAX_ANSWER_CHARACTERS:
            raise entry.error(f"at most {MAX_ANSWER_CHARACTERS} characters", f"{len(text)}")
        wording = Wording(text, language, entry.line)
        for placeholder in wording.placeholders:
            if placeholder not in PLACEHOLDERS:
                known = ", ".join("{" + name + "}" for name in PLACEHOLDERS)
                guess = did_you_mean(placeholder, PLACEHOLDERS)
                raise entry.error(f"one of {known}", f"{{{placeholder}}}{guess}")
            if placeholder == "name" and not self._name:
                raise entry.error("name: at the top of the file for {name}", "none")
            if placeholder != "name" and self._hours is None:
                raise entry.error(f"hours: in this file for {{{placeholder}}}", "none")
        return wording

    def _language(self, key: Entry) -> str:
        code = key.text("a language code")
        if code in self._languages:
            return code
        if not self._languages:
            raise key.error("languages: at the top of the file, such as languages: [en, de]")
        guess = did_you_mean(code, self._languages)
        raise key.error(f"one of the languages {', '.join(self._languages)}", f"{code!r}{guess}")

    def _unless(self, entry: Entry) -> tuple[Trigger, ...]:
        """Keywords; of several words in one they have to be said one after the other."""
        return tuple(self._read_triggers(entry, "phrase", phrase))

    def _read_triggers(
        self, entry: Entry, kind: Kind, make: Callable[[str], Sought]
    ) -> list[Trigger]:
        if not entry.is_mapping:
            return self._trigger_list(entry, kind, make, None)
        return [
            trigger
            for key, value in entry.pairs(f"{kind}s").values()
            for trigger in self._trigger_list(value, kind, make, self._language(key))
        ]

    def _trigger_list(
        self, entry: Entry, kind: Kind, make: Callable[[str], Sought], language: str | None
    ) -> list[Trigger]:
        expected = f"a {kind} or a list of them"
        texts: list[tuple[Entry, str]]
        if entry.is_list:
            texts = [(item, item.text(f"a {kind}")) for item in entry.items(expected)]
        else:
            written = entry.text(expected)
            parts = written.split(",") if kind == "keyword" else [written]
            texts = [(entry, part.strip()) for part in parts if part.strip()]
        if kind != "pattern":
            texts = [
                (item, text)
                for item, written in texts
                for text in self._lists.expanded(item, written, language)
            ]
        if not texts:
            raise entry.error(expected)
        self._triggers_left -= len(texts)
        if self._triggers_left < 0:
            raise entry.error(f"at most {MAX_TRIGGERS} keywords, phrases and patterns", "more")
        triggers = []
        for item, text in texts:
            try:
                triggers.append(Trigger(kind, text, item.line, language, make(text)))
            except BadTrigger as error:
                raise item.error(error.expected, str(error)) from error
        return triggers


def _examples(entry: Entry | None, *, matches: bool) -> tuple[Example, ...]:
    if entry is None:
        return ()
    expected = "a message or a list of them"
    items = entry.items(expected) if entry.is_list else [entry]
    if len(items) > MAX_EXAMPLES:
        raise entry.error(f"at most {MAX_EXAMPLES} messages", str(len(items)))
    return tuple(Example(item.text("a message"), item.line, matches) for item in items)


def _priority(entry: Entry | None) -> int:
    if entry is None:
        return 0
    expected = "a whole number from -100 to 100"
    written = entry.text(expected)
    if not re.fullmatch(r"[+-]?\d{1,3}", written) or abs(int(written)) > 100:
        raise entry.error(expected)
    return int(written)


def _duration(entry: Entry) -> float:
    expected = "a time such as 30 minutes, 2 hours or 1 day"
    match = _DURATION.fullmatch(entry.text(expected).lower())
    if not match:
        raise entry.error(expected)
    seconds = int(match.group(1)) * _SECONDS[match.group(2)[0]]
    if not 0 < seconds <= MAX_HAND_OVER_SECONDS:
        raise entry.error("between 1 second and 30 days")
    return float(seconds)
