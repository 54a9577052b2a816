"""What an answer costs the database: transactions that change something, counted at the engine."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import uvicorn

from app.sandbox import SandboxConfig
from app.server import make_server
from app.service import Service
from app.settings import load_settings
from tests.sandbox_server import SandboxServer

CHANGES = ("INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Counter:
    """The changes of each transaction: what it changed, without what belongs to no answer."""

    transactions: list[list[str]] = field(default_factory=list)
    _open: dict[Any, list[str]] = field(default_factory=dict)

    def watch(self, engine: sa.Engine) -> None:
        sa.event.listen(engine, "after_cursor_execute", self._executed)
        sa.event.listen(engine, "commit", self._committed)
        sa.event.listen(engine, "rollback", lambda connection: self._open.pop(connection, None))

    def _executed(
        self, connection: Any, cursor: Any, statement: str, _values: Any, _context: Any, _many: Any
    ) -> None:
        if threading.current_thread().name.startswith("dbos-background"):
            return  # housekeeping by the clock
        # SQLite does not count the rows of RETURNING before they are fetched.
        if statement.startswith(CHANGES) and (cursor.rowcount != 0 or "RETURNING" in statement):
            self._open.setdefault(connection, []).append(" ".join(statement.split()))

    def _committed(self, connection: Any) -> None:
        changed = [one for one in self._open.pop(connection, []) if "memo_executors" not in one]
        # Delivery receipts come later, each in a transaction of its own.
        is_receipt = all("memo_status=" in one and "memo_message_id" not in one for one in changed)
        if any(not one.startswith("WITH") for one in changed) and not is_receipt:
            self.transactions.append(changed)


@asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncIterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                assert not task.done()
                await asyncio.sleep(0.02)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/linq"
        finally:
            server.should_exit = True
            await task


def test_an_answer_takes_seven_transactions(sqlite_url: str) -> None:
    counter = Counter()

    async def answer_one(sandbox: SandboxServer) -> None:
        settings = load_settings(
            _env_file=None,
            linq_api_key=sandbox.api_key,
            linq_base_url=sandbox.api_base,
            linq_webhook_secret=sandbox.secret,
            database_url=sqlite_url,
            voices="espeak",
        )
        service = Service(settings)
        async with running(make_server(settings, service)) as url:
            await asyncio.to_thread(sandbox.point_at, url)
            counter.watch(service.database.engine)
            await asyncio.to_thread(sandbox.inbound, "Are you open today?", chat="one")
            deadline = time.monotonic() + 60
            while not any(
                "workflow_output" in one for all_ in counter.transactions for one in all_
            ):
                assert time.monotonic() < deadline, counter.transactions
                await asyncio.sleep(0.05)

    with SandboxServer(SandboxConfig(rate_limit=None)) as sandbox:
        asyncio.run(answer_one(sandbox))
    told = "\n".join(" + ".join(one[:60] for one in all_) for all_ in counter.transactions)
    assert len(counter.transactions) == 7, told
