"""Drafts a rule and a section of knowledge out of what people asked, as text to copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from app.responders.rules.gaps import Gap

MOST_EXAMPLES = 5
_EXAMPLE_CHARS = 200
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")

_ENDINGS = re.compile(r"[^\W\d_]{3,}", re.ASCII)
"""Words that have endings to be left open; scripts without spaces know no stars."""


@dataclass(frozen=True)
class Topic:
    """What people asked of one topic, and what to fill in so that it is answered."""

    count: int
    examples: tuple[str, ...]
    rule: str
    """For `rules:` of the rules file."""
    section: str
    """For a Markdown file of the knowledge folder."""


def topic(gap: Gap) -> Topic:
    examples = _examples(gap.messages)
    return Topic(gap.count, examples, _rule(gap, examples), _section(examples))


def _examples(messages: Sequence[str]) -> tuple[str, ...]:
    lines = (" ".join(message.split())[:_EXAMPLE_CHARS].strip() for message in messages)
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST_EXAMPLES]


def _rule(gap: Gap, examples: tuple[str, ...]) -> str:
    terms = [term for term in gap.shared if any(map(str.isalnum, term))][:3]
    name = "-".join(filter(None, (_NOT_IN_NAMES.sub("", term) for term in terms)))
    fields: dict[str, object] = {"examples": list(examples)}
    # All of the words have to be said; a star takes every ending.
    words = " ".join(f"{term}*" if _ENDINGS.fullmatch(term) else term for term in terms)
    fields["keywords"] = [words or "…words to be said…"]
    fields["answer"] = "…"
    return _yaml({"rules": {name or "new-rule": fields}})


def _section(examples: tuple[str, ...]) -> str:
    title = examples[0].lstrip("#->*+ ") if examples else "…"
    return f"## {title}\n\n…\n"


def _yaml(value: object) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=90))
