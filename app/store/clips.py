"""Clips: memos uploaded before, so that the same words are not synthesized again."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from app.store.ledger import insert_once
from app.store.tables import clips

MAX_AGE_SECONDS = 7 * 24 * 3600.0
"""Attachments of the persistent tier stay until they are deleted; older ones are not trusted."""


@dataclass(frozen=True)
class Clip:
    """A synthesized and uploaded memo of words that fitted into it. It holds none of them."""

    clip_key: str
    attachment_id: str
    engine: str
    language: str
    seconds: float
    bytes: int


def find(connection: sa.Connection, clip_key: str) -> Clip | None:
    row = connection.execute(
        sa.select(clips).where(
            clips.c.clip_key == clip_key, clips.c.created_at > time.time() - MAX_AGE_SECONDS
        )
    ).first()
    if row is None:
        return None
    return Clip(row.clip_key, row.attachment_id, row.engine, row.language, row.seconds, row.bytes)


def keep(connection: sa.Connection, clip: Clip) -> None:
    forget(connection, clip.clip_key)
    insert_once(connection, clips, {**vars(clip), "created_at": time.time()})


def forget(connection: sa.Connection, clip_key: str) -> None:
    connection.execute(clips.delete().where(clips.c.clip_key == clip_key))
