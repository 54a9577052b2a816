"""PostgreSQL: an engine that waits where the server is full, instead of failing."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
import structlog

from app.retry import Backoff

log = structlog.get_logger()

FULL_SECONDS = 30.0
"""How long a connection is waited for where the server has none left. During a deploy old and new
processes overlap for about so long."""
_POOL_SECONDS = 8.0
STALLED_SECONDS = 15.0
"""How long a transaction may stand still before the server ends it. A process that hangs, or whose
machine is frozen, would keep its row locks from all others for as long as its host holds the
connection. Ours are over in milliseconds; none waits for anything but the database."""
_FULL = Backoff(first=0.2, longest=2.0)
# libpq reports a refused connection without its code (53300), so the words have to tell.
_FULL_MESSAGES = ("too many connections", "too many clients", "remaining connection slots")


def create_postgres_engine(url: sa.URL, connections: int) -> sa.Engine:
    """connections: how many this process opens at most; more work at once waits for one."""
    engine = sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": "voicememo",
            # A server that is cut off is noticed, instead of being waited for for ever.
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
        # Without it SQLAlchemy does not say whether an INSERT met a row that was there.
        execution_options={"preserve_rowcount": True},
        hide_parameters=True,
    )
    sa.event.listen(engine, "do_connect", _connect_when_there_is_room)
    sa.event.listen(engine, "connect", _end_stalled_transactions)
    return engine


def _end_stalled_transactions(connection: Any, _record: Any) -> None:
    # A statement, because connection poolers refuse it as a parameter of the connection.
    connection.execute(f"SET idle_in_transaction_session_timeout = {STALLED_SECONDS * 1000:.0f}")
    connection.commit()


def _connect_when_there_is_room(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
    """Connect; where the server has no connection left, wait for one, `FULL_SECONDS` at most."""
    deadline = time.monotonic() + FULL_SECONDS
    attempt = 0
    while True:
        attempt += 1
        try:
            return dialect.connect(*arguments, **options)
        except dialect.loaded_dbapi.OperationalError as error:
            full = any(words in str(error) for words in _FULL_MESSAGES)
            pause = _FULL.pause(attempt)
            if not full or time.monotonic() + pause > deadline:
                raise
            if attempt == 1:
                log.warning("database has no connection left, waiting for one")
        time.sleep(pause)
