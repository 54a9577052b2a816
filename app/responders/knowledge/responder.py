"""The folder of knowledge as a responder, read again when its files change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog

from app.languages import primary_subtag
from app.responders.guard import bounded
from app.responders.knowledge.chunks import Chunk, files_in, read_folder
from app.responders.knowledge.errors import KnowledgeError
from app.responders.knowledge.search import KnowledgeIndex, SearchResult
from app.responders.lexicon.words import words
from app.responders.protocol import Answer, Question

if TYPE_CHECKING:
    from app.responders.knowledge.embeddings import ChunkVectors, Embedder

CHECK_SECONDS = 0.5
"""The folder is looked at no more often than this."""
MAX_SPOKEN_CHARACTERS = 900
"""About a minute of speech; the rest of a long section goes out in writing."""

_log = structlog.get_logger()

_Version = tuple[tuple[str, int, int], ...]


class KnowledgeResponder:
    """Speaks the section that is clearly meant; asks once where one may be; else is not sure.

    A change of the files holds within a second. A version with a mistake is reported once in the
    log, and the earlier one kept.
    """

    def __init__(
        self,
        folder: Path,
        *,
        embedder: Embedder | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`monotonic` in seconds. Raises: KnowledgeError when the folder cannot be used."""
        self._folder = folder
        self._monotonic = monotonic
        self._version = _version(folder)
        self._index = KnowledgeIndex(read_folder(folder))
        self._checked_at = monotonic()
        self._vectors: ChunkVectors | None = None
        if embedder:
            from app.responders.knowledge.embeddings import ChunkVectors

            self._vectors = ChunkVectors(embedder)

    async def find(self, question: Question) -> Answer | None:
        """The section that answers, or a question back; None where there is neither."""
        result = await self.search(question.text, question.language)
        confirmed = self._confirmed(question)
        if confirmed:
            return spoken(confirmed)
        if result.sure:
            return spoken(result.sure.chunk)
        if result.unsure and not has_asked(question):
            return _asking(result.unsure.chunk, question.language)
        return None

    async def search(self, text: str, language: str | None) -> SearchResult:
        """What the folder has to a text, the best first."""
        await self._refresh()
        index = self._index
        likeness = await self._vectors.likeness(text, index.chunks) if self._vectors else None
        return index.search(text, language, likeness)

    async def aclose(self) -> None:
        self._index.close()
        if self._vectors:
            await self._vectors.aclose()

    def _confirmed(self, question: Question) -> Chunk | None:
        """The section that was asked for last, if the person says yes."""
        said = {word.text for word in words(question.text)}
        if not said & _YES or len(said) > 4 or not has_asked(question):
            return None
        last = _last_said(question)
        return next((c for c in self._index.chunks if c.title and f"“{c.title}”" in last), None)

    async def _refresh(self) -> None:
        if self._monotonic() - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = self._monotonic()
        try:
            version = await asyncio.to_thread(_version, self._folder)
            if version == self._version:
                return
            # Noted before the reading, so that nobody else reads it meanwhile.
            self._version = version
            index = await asyncio.to_thread(self._read_again)
        except (KnowledgeError, OSError) as error:
            _log.warning("knowledge not taken, the earlier version stays", mistake=str(error))
        else:
            self._index = index  # the earlier one may still be searched; it ends with its last user
            _log.info("knowledge read again", sections=len(index.chunks))

    def _read_again(self) -> KnowledgeIndex:
        return KnowledgeIndex(read_folder(self._folder), earlier=self._index)


def spoken(chunk: Chunk) -> Answer:
    """The section as an answer; its id is the reason, so that the ledger names the source."""
    text = bounded(chunk.text, MAX_SPOKEN_CHARACTERS)
    rest = chunk.text[len(text) :].strip()
    return Answer(text=text, reason=f"knowledge:{chunk.id}", written=rest)


def has_asked(question: Question) -> bool:
    """Whether the last answer in the chat was a question back about a section."""
    last = _last_said(question)
    return any(last.startswith(form.partition("{")[0]) for form in _ASK.values())


def _last_said(question: Question) -> str:
    return next((t.text for t in reversed(question.history) if t.role == "assistant"), "")


def _asking(chunk: Chunk, language: str | None) -> Answer:
    primary = primary_subtag(language or "en")
    primary = primary if primary in _ASK else "en"
    return Answer(
        text=_ASK[primary].format(chunk.title), language=primary, reason=f"ask:{chunk.id}"
    )


def _version(folder: Path) -> _Version:
    """What changes when a file of the folder does."""
    found = []
    for file in files_in(folder):
        status = file.stat()
        found.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(found)


_ASK = MappingProxyType(
    {
        "en": "Is your question about “{}”?",
        "de": "Geht es Ihnen um “{}”?",
        "fr": "Votre question porte-t-elle sur “{}” ?",
        "es": "¿Su pregunta es sobre “{}”?",
        "it": "La sua domanda riguarda “{}”?",
        "pt": "A sua pergunta é sobre “{}”?",
        "nl": "Gaat uw vraag over “{}”?",
    }
)
_YES = frozenset(
    {"yes", "yeah", "yep", "yup", "sure", "exactly", "correct", "ja", "genau", "richtig", "stimmt",
     "oui", "ouais", "si", "claro", "exacto", "esatto", "sim", "isso"}
)  # fmt: skip
