"""Bots for the tests of a file that leave them whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import FaultHarness
from tests.prepared_databases import new_sqlite


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultHarness]:
    with FaultHarness(new_sqlite(tmp_path_factory.mktemp("shared") / "test.db")) as harness:
        harness.start_bot()
        yield harness


@pytest.fixture
def shared(running: FaultHarness) -> FaultHarness:
    """A bot without trouble so far, for tests that each write in a chat of their own."""
    running.sandbox.clear_faults()
    return running


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultHarness]:
    """A bot that soon gives up asking what became of a post."""
    with FaultHarness(new_sqlite(tmp_path_factory.mktemp("impatient") / "test.db")) as harness:
        harness.start_bot(TEST_LOOK_UP_SECONDS="2")
        yield harness


@pytest.fixture
def hurried(impatient: FaultHarness) -> FaultHarness:
    """That bot without trouble so far, for tests that each write in a chat of their own."""
    impatient.sandbox.clear_faults()
    return impatient
