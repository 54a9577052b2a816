"""What is wrong with a rules file, and where."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class RulesError(Exception):
    """The rules file cannot be used: at `line` (from 1; 0 is the file as a whole) of `file`,
    `expected` should stand, and `found` does."""

    def __init__(self, file: Path, line: int, expected: str, found: str = "") -> None:
        where = f"{file}, line {line}" if line else f"{file}"
        super().__init__(f"{where}: expected {expected}" + (f"; found {found}" if found else ""))
        self.file = file
        self.line = line
        self.expected = expected
        self.found = found


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'keywords'?)` where a known word is close, else nothing."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean {by_lower[close[0]]!r}?)" if close else ""
