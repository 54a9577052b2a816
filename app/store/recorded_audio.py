"""What colleagues recorded, until it is sent: the bytes of a browser, of anybody's making."""

from __future__ import annotations

import time

import sqlalchemy as sa

from app.store.sealing import Sealer
from app.store.tables import recordings


def keep(connection: sa.Connection, sealer: Sealer | None, answer_id: str, data: bytes) -> None:
    """Store the recording of an answer. sealer: seals it, where Linq keeps nothing of the chat."""
    stored = sealer.seal_bytes(data) if sealer else data
    connection.execute(
        recordings.insert().values(answer_id=answer_id, data=stored, created_at=time.time())
    )


def data_of(connection: sa.Connection, sealer: Sealer, answer_id: str) -> bytes | None:
    """The recording of an answer; None if there is none (any more), or it cannot be read."""
    query = sa.select(recordings.c.data).where(recordings.c.answer_id == answer_id)
    stored = connection.execute(query).scalar()
    return sealer.open_bytes_or_none(bytes(stored)) if stored else None


def delete(connection: sa.Connection, answer_id: str) -> None:
    connection.execute(recordings.delete().where(recordings.c.answer_id == answer_id))
