"""Memos that Linq fetches from us: who knows the name gets the memo, for an hour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.store import published
from app.store.database import Database
from app.store.tables import published as table
from app.web.published_media import serve_memo

AUDIO = bytes(range(256)) * 4


@dataclass
class Shelf:
    """A memo that was published, and a client that asks for it."""

    database: Database
    client: TestClient
    filename: str


@pytest.fixture
def shelf(sqlite_url: str) -> Iterator[Shelf]:
    database = Database(sqlite_url)
    database.migrate()
    filename = database.write_sync(
        lambda c: published.publish(c, "answer:1", AUDIO, "audio/x-m4a", "m4a")
    )

    async def memo(request: Request) -> Response:
        return await serve_memo(request, database)

    with TestClient(Starlette(routes=[Route("/memos/{filename}", memo)])) as client:
        yield Shelf(database, client, filename)
    database.close()


def test_the_memo_is_given_out_whole_and_kept_by_nobody_on_the_way(shelf: Shelf) -> None:
    response = shelf.client.get(f"/memos/{shelf.filename}")
    assert (response.status_code, response.content) == (200, AUDIO)
    assert response.headers["content-type"] == "audio/x-m4a"
    assert response.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, AUDIO[:10]),
        ("bytes=1000-", 206, AUDIO[1000:]),
        ("bytes=-24", 206, AUDIO[-24:]),
        ("bytes=2000-", 416, b""),
        ("bytes=9-1", 200, AUDIO),
        ("lines=1-2", 200, AUDIO),
    ],
)
def test_a_player_may_ask_for_a_part(shelf: Shelf, asked: str, status: int, part: bytes) -> None:
    response = shelf.client.get(f"/memos/{shelf.filename}", headers={"Range": asked})
    assert (response.status_code, response.content) == (status, part)


def test_another_name_finds_nothing(shelf: Shelf) -> None:
    token, _, extension = shelf.filename.partition(".")
    assert len(token) >= 32
    for name in (f"{token}.mp3", f"{token[::-1]}.{extension}", token, f"{'a' * 32}.m4a", "%00.m4a"):
        assert shelf.client.get(f"/memos/{name}").status_code == 404


def test_after_its_time_it_is_gone(shelf: Shelf) -> None:
    def expire(connection: sa.Connection) -> None:
        connection.execute(table.update().values(expires_at=time.time() - 1))

    shelf.database.write_sync(expire)
    assert shelf.client.get(f"/memos/{shelf.filename}").status_code == 404
