"""A rules file as values: what was read and checked, ready to be matched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.responders.rules.hours import OpeningHours
from app.responders.rules.triggers import Trigger

PLACEHOLDERS = ("name", "opens", "closes")
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
        return PLACEHOLDER.sub(lambda match: values[match.group(1)], self.text)


@dataclass(frozen=True)
class Reply:
    """What a rule says. `closed` replaces `wordings` outside the opening hours, where given."""

    wordings: tuple[Wording, ...]
    closed: tuple[Wording, ...] = ()
    hand_over_seconds: float = 0.0
    silent: bool = False
    line: int = 0


@dataclass(frozen=True)
class Rule:
    name: str
    line: int
    triggers: tuple[Trigger, ...]
    reply: Reply
    priority: int = 0


@dataclass(frozen=True)
class RuleBook:
    """All of a file. Rules are in the file's order; `languages` has the default first."""

    file: Path
    name: str
    languages: tuple[str, ...]
    hours: OpeningHours | None
    default: Reply
    rules: tuple[Rule, ...]

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
