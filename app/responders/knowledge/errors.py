"""What is wrong with a folder of knowledge, and where."""

from __future__ import annotations

from pathlib import Path


class KnowledgeError(Exception):
    """The folder cannot be used: in `path`, `expected` should be, and `found` is."""

    def __init__(self, path: Path, expected: str, found: str) -> None:
        super().__init__(f"{path}: expected {expected}; found {found}")
        self.path = path
        self.expected = expected
        self.found = found
