"""What tests share stands in modules without tests: else a file could not be changed alone."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_test_file_imports_from_another() -> None:
    imported = re.compile(r"^\s*(?:from|import) tests\.(?:\w+\.)*test_\w+", re.MULTILINE)
    found = {str(file): imported.findall(file.read_text()) for file in TESTS.rglob("*.py")}
    assert {file: names for file, names in found.items() if names} == {}
