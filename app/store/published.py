"""Memos that the bot serves itself, for MEMO_DELIVERY=url."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

import sqlalchemy as sa

from app.store.tables import published

LIFETIME_SECONDS = 3600.0


@dataclass(frozen=True)
class PublishedMemo:
    filename: str
    mime_type: str
    data: bytes


def publish(
    connection: sa.Connection, answer_id: str, data: bytes, mime_type: str, extension: str
) -> str:
    """Store a memo to be served until it expires. Returns its file name: an unguessable token."""
    token = secrets.token_urlsafe(24)
    connection.execute(
        published.insert().values(
            token=token,
            answer_id=answer_id,
            filename=f"{token}.{extension}",
            mime_type=mime_type,
            data=data,
            expires_at=time.time() + LIFETIME_SECONDS,
        )
    )
    return f"{token}.{extension}"


def find(connection: sa.Connection, filename: str) -> PublishedMemo | None:
    """The memo of that file name, unless it has expired."""
    row = connection.execute(
        sa.select(published).where(
            published.c.token == filename.partition(".")[0],
            published.c.filename == filename,
            published.c.expires_at > time.time(),
        )
    ).first()
    return PublishedMemo(row.filename, row.mime_type, row.data) if row else None


def find_token(connection: sa.Connection, token: str) -> PublishedMemo | None:
    """The memo with this token, unless it has expired."""
    row = connection.execute(
        sa.select(published).where(published.c.token == token, published.c.expires_at > time.time())
    ).first()
    return PublishedMemo(row.filename, row.mime_type, row.data) if row else None


def withdraw_expired(connection: sa.Connection) -> None:
    connection.execute(published.delete().where(published.c.expires_at <= time.time()))
