"""Knowledge found by its meaning, through a server that makes embeddings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.responders.factory import build_responder
from app.responders.protocol import Question
from app.settings import load_settings
from tests.integration.responder_server import serving

MEANINGS = (("cot", "infant", "crib"), ("towel", "sauna"), ("boat", "rowing"))


class EmbeddingServer:
    """A vector has one number a meaning: how many of its words are in the text."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[list[str]] = []

    async def embed(self, request: Request) -> Response:
        texts: list[str] = (await request.json())["input"]
        self.asked.append(texts)
        if self.status != 200:
            return JSONResponse({"error": {"message": "no"}}, self.status)
        data = [
            {"object": "embedding", "index": index, "embedding": self._vector(text)}
            for index, text in enumerate(texts)
        ]
        return JSONResponse({"object": "list", "model": "m", "data": data, "usage": {}})

    @staticmethod
    def _vector(text: str) -> list[float]:
        said = text.lower()
        return [float(sum(word in said for word in words)) for words in MEANINGS] + [0.1]


@pytest.fixture
def server() -> Iterator[tuple[EmbeddingServer, str]]:
    server = EmbeddingServer()
    app = Starlette(routes=[Route("/v1/embeddings", server.embed, methods=["POST"])])
    with serving(app) as address:
        yield server, f"{address}/v1"


def reasons(folder: Path, address: str, text: str, times: int) -> list[str]:
    """What a text is answered, asked again and again."""

    async def ask() -> list[str]:
        responder = build_responder(
            load_settings(
                responder="knowledge",
                knowledge=folder,
                embed_model="m",
                chat_base_url=address,
                _env_file=None,
            )
        )
        question = Question(text, "c", "m", "s", datetime(2026, 11, 19, tzinfo=UTC), language="en")
        found = []
        for _ in range(times):
            found.append((await responder.answer(question)).reason)
            if found[-1] != "default":
                break
            await asyncio.sleep(0.05)
        await responder.aclose()
        return found

    return asyncio.run(ask())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stay.md").write_text(
        "# Stay\n## Cots\nA cot is free.\n## Towels\nTowels are at the desk.\n"
        "## Boats\nBoats are at the pier.\n",
        encoding="utf-8",
    )
    return tmp_path


def test_other_words_for_the_same_are_found(
    folder: Path, server: tuple[EmbeddingServer, str]
) -> None:
    text = "do you lend a crib for our infant"
    assert reasons(folder, server[1], text, 200)[-1] == "knowledge:stay.md#cots"
    sections, *questions = server[0].asked
    assert len(sections) == 3  # once, and not again
    assert all(asked == [text] for asked in questions)


def test_a_server_in_trouble_leaves_the_words(
    folder: Path, server: tuple[EmbeddingServer, str]
) -> None:
    server[0].status = 400
    assert reasons(folder, server[1], "where are the boats", 1) == ["knowledge:stay.md#boats"]
    assert reasons(folder, server[1], "do you lend a crib", 3) == ["default"] * 3
