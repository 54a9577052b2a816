"""Meanings as vectors, from an OpenAI-compatible server: they bridge what words alone do not."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from typing import Protocol

import openai
import structlog

from app.responders.knowledge.chunks import Chunk
from app.tls import tls_context

BATCH = 64
MAX_CHARACTERS = 2_000
SECONDS = 4.0
"""For the vector of a question; without one, words are searched alone."""
BATCH_SECONDS = 30.0

Vector = tuple[float, ...]

_log = structlog.get_logger()


class Embedder(Protocol):
    async def vectors(self, texts: Sequence[str], seconds: float) -> list[Vector]:
        """One vector of length 1 a text. Raises: EmbeddingError."""
        ...

    async def aclose(self) -> None: ...


class EmbeddingError(Exception):
    """There are no vectors now; the message is the cause, without a word of the texts."""


class ServerEmbedder:
    """Asks `POST {base_url}/embeddings`."""

    def __init__(self, base_url: str, api_key: str, model: str) -> None:
        logging.getLogger("openai").setLevel(logging.WARNING)
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            max_retries=1,
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False, verify=tls_context()
            ),
        )
        self._model = model

    async def vectors(self, texts: Sequence[str], seconds: float) -> list[Vector]:
        try:
            async with asyncio.timeout(seconds):
                reply = await self._client.embeddings.create(
                    model=self._model,
                    input=[text[:MAX_CHARACTERS] or " " for text in texts],
                    encoding_format="float",
                )
            found = [_unit(one.embedding) for one in sorted(reply.data, key=lambda one: one.index)]
        except (openai.OpenAIError, TimeoutError, TypeError, ValueError, AttributeError) as error:
            raise EmbeddingError(type(error).__name__) from error
        if len(found) != len(texts):
            raise EmbeddingError(f"{len(found)} vectors for {len(texts)} texts")
        return found

    async def aclose(self) -> None:
        await self._client.close()


class ChunkVectors:
    """The vectors of chunks, kept by the hash of what they were made of."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[str, Vector] = {}
        self._filling: asyncio.Task[None] | None = None

    async def likeness(self, text: str, chunks: Sequence[Chunk]) -> dict[str, float]:
        """Chunk id → cosine with the text, from -1 to 1.

        Empty where there are no vectors, and until those of new chunks have been fetched, which
        happens beside the answers.
        """
        if any(chunk.digest not in self._kept for chunk in chunks):
            if self._filling is None or self._filling.done():
                self._filling = asyncio.create_task(self._fill(tuple(chunks)))
            return {}
        try:
            (asked,) = await self._embedder.vectors([text], SECONDS)
        except EmbeddingError as error:
            _log.warning("no embedding of a question, words are searched alone", cause=str(error))
            return {}
        return {chunk.id: _dot(asked, self._kept[chunk.digest]) for chunk in chunks}

    async def aclose(self) -> None:
        if self._filling:
            self._filling.cancel()
        await self._embedder.aclose()

    async def _fill(self, chunks: Sequence[Chunk]) -> None:
        current = {chunk.digest: chunk for chunk in chunks}
        self._kept = {one: vector for one, vector in self._kept.items() if one in current}
        new = [(digest, chunk) for digest, chunk in current.items() if digest not in self._kept]
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            texts = [f"{chunk.title}\n{chunk.text}" for _, chunk in batch]
            try:
                found = await self._embedder.vectors(texts, BATCH_SECONDS)
            except EmbeddingError as error:
                _log.warning("no embeddings of sections, tried again later", cause=str(error))
                return
            self._kept.update(zip((digest for digest, _ in batch), found, strict=True))


def _unit(values: Sequence[float]) -> Vector:
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return tuple(value / length for value in values)


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=False))
