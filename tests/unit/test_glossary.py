"""One word for one thing: names that the design has replaced stay out of code, tests and docs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORED = "# stored name"
"""Marks a line that has to keep a name under which existing databases hold something."""

# Words that were ours alone: nowhere.
WORDS = [
    "Studio",
    "Booth",
    "SideBySide",
    "side_by_side",
    "Ears",
    "Deafness",
    "CannotHear",
    "Recordings",
    "urgently",
    "patiently",
    "run_now",
    "Turnstile",
    "enrol",
    "Janitor",
    "conclude",
    "ENDS",
    "Attention",
    "considered",
    "gathered",
    "write_instead",
    "write_down",
    "news",
    "needle",
    "needles",
    "_alone",
    "Manners",
    "manners",
    "obey",
    "_obey",
    "nursery",
    "Nursery",
    "Scene",
    "Conversing",
    "conversing",
    "mischief",
]
# Words that are English otherwise: not as the name of a class, a function or a module.
NAMES = [
    "Take",
    "Script",
    "Watch",
    "End",
    "Memory",
    "Presence",
    "Piece",
    "around",
    "heard",
    "composed",
    "gathered",
    "gather",
    "note",
    "audience",
    "reads",
    "_give",
    "_say",
]

_WORD = re.compile(rf"(?<![\w-])({'|'.join(WORDS)})(?![\w-])")
_NAME = re.compile(
    r"\bdef (?:problem|takes|speaks)\(self|"  # of voice engines
    rf"(?:\bclass|\bdef)\s+({'|'.join(NAMES)})\b|^from \S+ import .*\b({'|'.join(NAMES)})\b",
    re.M,
)


def test_no_replaced_name_is_left() -> None:
    found = []
    for path in _sources():
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if STORED not in line and (match := _WORD.search(line) or _NAME.search(line)):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found, "\n".join(found)


def test_no_module_has_a_replaced_name() -> None:
    old = {name.lower() for name in (*WORDS, *NAMES)}
    assert not [path for path in _sources() if path.stem in old]


def _sources() -> list[Path]:
    return [
        *ROOT.glob("*.md"),
        ROOT / ".env.example",
        *(
            path
            for folder, pattern in (("app", "*.py"), ("tests", "*.py"), ("docs", "*.md"))
            for path in (ROOT / folder).rglob(pattern)
            if path != Path(__file__)
        ),
    ]
