"""A full disk, no more open files, a database that takes no writes, rights revoked: at any point
of an answer. Nothing is lost once it ends, and readiness says so meanwhile."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests import http_calls
from tests.bot import Bot, free_port
from tests.faults.delivering import event_of, message_id, post
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps
from tests.postgres import Postgres
from tests.prepared_databases import new_sqlite

POINTS = (
    "answer.begin", "claim.kept", "compose.kept", "synthesize.end", "send.intent", "send.posted",
    "send.kept", "answer.finished",
)  # fmt: skip
"""Points of the story `memo` in tests/faults/points.py between which something is stored."""
Trouble = Callable[[], AbstractContextManager[None]]


def test_the_disk_is_full(tmp_path: Path) -> None:
    """No file can grow: neither the database nor, here, the log."""
    with trouble_at_each_point(new_sqlite(tmp_path / "bot.db"), tmp_path) as (harness, at):
        for point in POINTS:
            at(point, lambda: limited(harness.bot, resource.RLIMIT_FSIZE, 1))


def test_a_database_becomes_read_only(
    postgres_server: Postgres, postgres_url: str, tmp_path: Path
) -> None:
    """As after a failover to a standby: connections end, new ones can only read."""
    name = postgres_url.rpartition("/")[2]

    @contextmanager
    def read_only() -> Iterator[None]:
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        switch = f"ALTER DATABASE {name} SET default_transaction_read_only"
        as_operator(postgres_server, f"{switch} = on", end)
        try:
            yield
        finally:
            as_operator(postgres_server, f"{switch} = off", end)

    with trouble_at_each_point(postgres_url, tmp_path) as (harness, at):
        for point in POINTS:
            at(point, read_only)
        del harness


def test_rights_are_revoked(postgres_server: Postgres, tmp_path: Path) -> None:
    role = f"bot_{free_port()}"
    url = postgres_server.new_database().replace("postgres@", f"{role}@")
    name = url.rpartition("/")[2]
    as_operator(postgres_server, f"CREATE ROLE {role} LOGIN")
    as_operator(postgres_server, f"ALTER DATABASE {name} OWNER TO {role}")
    tables = "INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, dbos"

    @contextmanager
    def revoked() -> Iterator[None]:
        as_operator(postgres_server, f"REVOKE {tables} FROM {role}", database=name)
        try:
            yield
        finally:
            as_operator(postgres_server, f"GRANT {tables} TO {role}", database=name)

    with trouble_at_each_point(url, tmp_path) as (harness, at):
        for point in POINTS:
            at(point, revoked)
        del harness


def test_no_more_files_can_be_opened(tmp_path: Path) -> None:
    """Nobody new is heard meanwhile, so that nothing is acknowledged that is not stored."""
    with FaultHarness(new_sqlite(tmp_path / "bot.db")) as harness:
        stop = tmp_path / "stop"
        bot = harness.start_bot(TEST_STOP_FILE=str(stop))
        for number, point in enumerate(("claim.kept", "compose.kept", "synthesize.end"), 1):
            chat = f"chat {number}"
            stop.write_text(point)
            # Words of its own: those of a kept clip are not synthesized.
            said = [harness.say(f"In {chat}: {beeps(1)}", chat)]
            harness.wait(lambda: bot.is_stopped)
            with limited(bot, resource.RLIMIT_NOFILE, 3):
                resume(bot)
                said.append(harness.say(f"In {chat}: {beeps(2)}", chat))
                with pytest.raises(httpx.HTTPError):
                    http_calls.get(f"{bot.url}/readyz", timeout=3)
            harness.wait_until_over(said)
            assert_answered_once_in_order(harness.memos(chat), 2)
            bot.wait_ready()
        assert len(bot.log) < 100_000


@contextmanager
def trouble_at_each_point(
    database_url: str, folder: Path
) -> Iterator[tuple[FaultHarness, Callable[[str, Trouble], None]]]:
    """A bot, and a function that lets an answer get to a point and brings the trouble there."""
    stop, numbers = folder / "stop", count(1)
    with FaultHarness(database_url) as harness:
        bot = harness.start_bot(TEST_STOP_FILE=str(stop))

        def at(point: str, trouble: Trouble) -> None:
            chat = f"chat {next(numbers)}"
            late = event_of(harness, beeps(3), chat="late")
            stop.write_text(point)
            # Words of its own: those of a kept clip are not synthesized.
            said = [harness.say(f"In {chat}: {beeps(1)}", chat)]
            harness.wait(lambda: bot.is_stopped)
            with trouble():
                resume(bot)
                said.append(harness.say(f"In {chat}: {beeps(2)}", chat))
                harness.wait(lambda: readiness(bot) == 503)
                assert post(bot.webhook_url, harness.sandbox.secret, late) == 503
                assert http_calls.get(f"{bot.url}/healthz", timeout=5).status_code == 200
            harness.wait(lambda: readiness(bot) == 200)
            assert post(bot.webhook_url, harness.sandbox.secret, late) == 200
            answers = harness.wait_until_over([*said, message_id(late)])
            assert {answer.state for answer in answers} == {"sent"}, point
            assert_answered_once_in_order(harness.memos(chat), 2)

        yield harness, at
        assert not harness.texts("late")
        assert len(harness.memos("late")) == next(numbers) - 1


@contextmanager
def limited(bot: Bot, kind: int, most: int) -> Iterator[None]:
    """The running process may have no more than this of a resource."""
    soft, hard = resource.prlimit(bot.pid, kind)
    resource.prlimit(bot.pid, kind, (most, hard))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, kind, (soft, hard))


def as_operator(server: Postgres, *statements: str, database: str = "postgres") -> None:
    address = f"postgresql+psycopg://{server.user}@127.0.0.1:{server.port}/{database}"
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def resume(bot: Bot) -> None:
    os.kill(bot.pid, signal.SIGCONT)


def readiness(bot: Bot) -> int:
    return http_calls.get(f"{bot.url}/readyz", timeout=10).status_code
