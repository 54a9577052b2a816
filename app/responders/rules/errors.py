"""What is wrong with a rules file, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

MAX_SHOWN = 20
MAX_FOUND = 200
"""After so many mistakes a file is not read further."""

_T = TypeVar("_T")
_Other = TypeVar("_Other")
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Mistake:
    """At `line` (from 1; 0 is the file as a whole) `expected` should stand, and `found` does."""

    file: Path
    line: int
    expected: str
    found: str = ""

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else f"{self.file}"
        return f"{where}: expected {self.expected}" + (
            f"; found {self.found}" if self.found else ""
        )


class RulesError(Exception):
    """The rules file cannot be used. `mistakes` has at least one, in the order of the file.

    The message has a line for each of the first `MAX_SHOWN`.
    """

    def __init__(self, *mistakes: Mistake) -> None:
        shown = [str(mistake) for mistake in mistakes[:MAX_SHOWN]]
        left = len(mistakes) - len(shown)
        if left:
            at_least = "at least " if len(mistakes) >= MAX_FOUND else ""
            shown.append(f"and {at_least}{left} more")
        super().__init__("\n".join(shown))
        self.mistakes = mistakes


class StopReading(Exception):
    """Reading on would cost too much; the mistakes found so far are told."""


class Mistakes:
    """Collects what is wrong while a file is read on."""

    def __init__(self) -> None:
        self._found: dict[Mistake, None] = {}
        self.count = 0
        """How many were added; one that is met again through a YAML alias counts again."""

    def add(self, error: RulesError) -> None:
        """Raises: StopReading after `MAX_FOUND`."""
        self._found.update(dict.fromkeys(error.mistakes))
        self.count += 1
        if self.count >= MAX_FOUND:
            raise StopReading

    def stop(self, error: RulesError) -> StopReading:
        """For a mistake after which reading on would cost too much."""
        self._found.update(dict.fromkeys(error.mistakes))
        return StopReading()

    def attempt(self, read: Callable[[], _T], otherwise: _Other) -> _T | _Other:
        """What `read` returns, or `otherwise` when it raises a RulesError, which is added."""
        try:
            return read()
        except RulesError as error:
            self.add(error)
            return otherwise

    def each(self, read: Callable[[_Item], _T], items: Iterable[_Item]) -> list[_T]:
        """What `read` returns for each item, without those that are wrong."""
        results: list[_T] = []
        for item in items:
            try:
                results.append(read(item))
            except RulesError as error:
                self.add(error)
        return results

    def finish(self, read: Callable[[], _T]) -> _T:
        """What `read` returns. Raises: RulesError with all that was found meanwhile."""
        try:
            result = self.attempt(read, None)
        except StopReading:
            result = None
        if self._found or result is None:
            raise RulesError(*sorted(self._found, key=lambda mistake: mistake.line))
        return result


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'keywords'?)` where a known word is close, else nothing."""
    close = closest(word, known)
    return f" (did you mean {close!r}?)" if close else ""
