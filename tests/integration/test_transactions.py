"""What an answer costs the database, and what a start that fails leaves open."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvicorn
from dbos import _dbos

from app.answers import dbos_internals
from app.sandbox import SandboxConfig
from app.service import Service, create_app
from app.settings import Settings, load_settings
from tests.sandbox_server import SandboxServer

MOST_TRANSACTIONS = 9

BACKGROUND_THREADS = ("dbos-background-jobs", "(queue_thread)", "(dynamic_scheduler_loop)")
"""Threads in which DBOS looks after its queues and schedules, whether or not there is work."""


@dataclass
class Transactions:
    """Every transaction of an engine that ran a statement: its thread and its statements."""

    engine: sa.Engine
    seen: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        sa.event.listen(self.engine, "before_cursor_execute", self._before)
        sa.event.listen(self.engine, "commit", self._end)
        sa.event.listen(self.engine, "rollback", self._end)

    def of_answers(self) -> list[tuple[str, ...]]:
        """Those that an answer is the cause of."""
        return [
            statements for thread, statements in self.seen if not _is_background(thread, statements)
        ]

    def _before(self, connection: sa.Connection, _cursor: object, sql: str, *_: object) -> None:
        if not sql.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            connection.info.setdefault("statements", []).append(" ".join(sql.split()))

    def _end(self, connection: sa.Connection) -> None:
        if statements := connection.info.pop("statements", ()):
            self.seen.append((threading.current_thread().name, tuple(statements)))


def _is_background(thread: str, statements: tuple[str, ...]) -> bool:
    if any(name in thread for name in BACKGROUND_THREADS):
        return True
    if thread.startswith("queue-worker-"):
        # A look at the queue that claims nothing, unlike the read of what was claimed.
        claims = any(one.startswith("UPDATE") for one in statements)
        return not claims and "workflow_uuid IN" not in statements[0]
    first = statements[0]
    receipt = first.startswith("SELECT memo_sends.message_id")
    heartbeat = "memo_executors" in first
    recovery = first.startswith("SELECT workflow_status.executor_id")
    return receipt or heartbeat or recovery


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(rate_limit=None)) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """DBOS knows one bot to a process: it forgets ours."""
    yield
    _dbos._get_or_create_dbos_registry().instance_info_map.clear()


@pytest.fixture
def settings(sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MEMO_VOICES", "espeak")
    return load_settings(
        linq_api_key=sandbox.api_key,
        linq_base_url=sandbox.api_base,
        linq_webhook_secret=sandbox.secret,
        database_url=f"sqlite:///{tmp_path / 'test.db'}",
    )


@contextmanager
def serving(settings: Settings, service: Service) -> Iterator[str]:
    """The bot in a thread of this process. Its webhook address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings, service), log_config=None, ws="none")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/linq"
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


def test_a_text_answered_by_a_memo_takes_at_most_nine_transactions(
    sandbox: SandboxServer, settings: Settings
) -> None:
    service = Service(settings)
    service.prepare()
    transactions = Transactions(service.database.engine)
    with serving(settings, service) as url:
        sandbox.point_at(url)
        sandbox.inbound("The first one warms everything up", chat="one")
        settled(sandbox, transactions, memos=1)
        transactions.seen.clear()
        sandbox.inbound("Hello there, my friend", chat="one")
        settled(sandbox, transactions, memos=2)
    found = transactions.of_answers()
    shown = "\n".join(f"{number}: {' | '.join(one)}" for number, one in enumerate(found, 1))
    assert len(found) <= MOST_TRANSACTIONS, shown
    # It saw the answer at all: accepted, begun, composed, intended, finished.
    for part in ("INTO memo_messages", "SET state=?", "INTO memo_sends", "UPDATE memo_sends"):
        assert any(part in statement for one in found for statement in one), shown


def settled(sandbox: SandboxServer, transactions: Transactions, memos: int) -> None:
    """Wait until so many memos went out and DBOS has stored that the last answer is over."""

    def over(state: dict[str, object]) -> bool:
        messages = state["messages"]
        assert isinstance(messages, list)
        ended = [one for _, one in transactions.seen if any(_is_outcome(s) for s in one)]
        sent = [one for one in messages if one["accepted_number"]]
        return len(sent) == memos and len(ended) == 1 and not state["deliveries_underway"]

    sandbox.wait_for(over, timeout=60)


def _is_outcome(statement: str) -> bool:
    return statement.startswith("INSERT INTO main.workflow_output")


# A start that fails ----------------------------------------------------------------------------


def test_a_start_that_fails_half_way_closes_what_it_opened(
    settings: Settings, tmp_path: Path
) -> None:
    """Its tables cannot be made, so the launch of the durable queue fails."""
    service = Service(settings)
    service.prepare()
    with sqlite3.connect(tmp_path / "test.db") as connection:
        connection.execute("CREATE VIEW workflow_status AS SELECT 1 AS workflow_uuid")
    connection.close()
    before = {thread.name for thread in threading.enumerate()}

    async def start() -> None:
        with pytest.raises(Exception, match="workflow_status"):
            await service.start()
        assert len(asyncio.all_tasks()) == 1, "something still runs"

    asyncio.run(start())
    assert not dbos_internals.is_open()
    with pytest.raises(RuntimeError, match="shutdown"):
        service.database._threads.submit(int)
    deadline = time.monotonic() + 20
    while left := {thread.name for thread in threading.enumerate()} - before:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)
    with sqlite3.connect(tmp_path / "test.db") as connection:
        [(stopped_at,)] = connection.execute("SELECT stopped_at FROM memo_executors").fetchall()
    connection.close()
    assert stopped_at, "others would wait for it"
