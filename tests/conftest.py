"""Fixtures for tests that need servers: the sandbox, a database, PostgreSQL."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import fork_server, forked_workers, prepared_databases, shared_postgres
from tests.bot import Bot
from tests.postgres import Postgres, PostgresServer, find_postgres
from tests.sandbox_server import SandboxServer
from tests.shared_process import share

# No example is judged by the clock: other tests run beside it.
_UNHURRIED = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("work", _UNHURRIED)
# A run of CI judges a change by the same examples each time; new ones are found while working.
hypothesis.settings.register_profile("ci", _UNHURRIED, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("ci" if os.environ.get("TEST_NO_SKIPS") else "work")


def pytest_xdist_auto_num_workers() -> int:
    """Four more than cores (`-n auto`): while some tests wait for a deadline, others work."""
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity else os.cpu_count() or 1) + 4


def pytest_configure(config: pytest.Config) -> None:
    """Servers that all processes of this run use start while the tests are collected."""
    if config.getoption("numprocesses", None):
        share(fork_server.MODULE)
        share(forked_workers.MODULE)
        if find_postgres():
            share(shared_postgres.MODULE)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting the tests leaves behind stays, so no garbage is looked for in it: to go
    through it again and again took a twentieth of the tests' time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed (TEST_NO_SKIPS), a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("TEST_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but must not be: {report.longrepr}"
    return report


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(scope="module")
def sandbox_server() -> Iterator[SandboxServer]:
    """A sandbox for a module whose tests `reset` it."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return prepared_databases.new_sqlite(tmp_path / "test.db")


def postgres_programs() -> Path:
    programs = find_postgres()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    return programs


@pytest.fixture(scope="session")
def postgres_server() -> Postgres:
    """The server of all tests, which runs."""
    postgres_programs()
    return shared_postgres.shared_postgres()


@pytest.fixture
def own_postgres_server(tmp_path: Path) -> Iterator[PostgresServer]:
    """A server for this test alone, which it may stop."""
    with PostgresServer(postgres_programs(), tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> str:
    """A PostgreSQL database in which the bot's tables exist already."""
    return prepared_databases.postgres_template(postgres_server)


@pytest.fixture
def postgres_url(postgres_server: Postgres, postgres_template: str) -> Iterator[str]:
    url = postgres_server.new_database(template=postgres_template)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind, for this test alone."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def start_bot(sandbox: SandboxServer, sqlite_url: str) -> Iterator[Callable[..., Bot]]:
    """Starts bots on the sandbox, whose webhooks go to the first; they end with the test."""
    with ExitStack() as stack:
        first = True

        def start(database_url: str = sqlite_url, **options: Any) -> Bot:
            nonlocal first
            bot = stack.enter_context(Bot(sandbox, database_url, **options))
            if first:
                sandbox.point_at(bot.webhook_url)
                first = False
            return bot

        yield start
