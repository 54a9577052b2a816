"""Several responders in a row: the first that is sure answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from app.responders.guard import default_in_own_words, where_raised
from app.responders.knowledge.responder import has_asked
from app.responders.protocol import (
    NOT_MINE,
    Answer,
    Finder,
    HandOver,
    Question,
    Responder,
    ResponderError,
    one_line,
)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Link:
    """`name` stands in the log; `deadline` is in seconds."""

    name: str
    finder: Finder
    deadline: float


class ChainResponder:
    """Asks each link; what none is sure of gets the default.

    A link that fails is passed over. If nothing is known after that, the failure is what the
    person hears, because the one that failed may have known.
    """

    def __init__(
        self,
        links: Sequence[Link],
        default: Callable[[Question], Awaitable[Answer]] | None = None,
    ) -> None:
        self._links = tuple(links)
        self._default = default or default_in_own_words

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when a link failed and no other knew the answer."""
        failure: ResponderError | None = None
        for link in self._links:
            try:
                async with asyncio.timeout(link.deadline):
                    answer = await link.finder.find(question)
            except ResponderError as error:
                failure = error
            except TimeoutError:
                failure = ResponderError(
                    f"{link.name} gave no answer within {link.deadline:g} s", reason="deadline"
                )
            except Exception as error:
                failure = ResponderError(f"{link.name}: {where_raised(error)}")
            else:
                if answer is not None and answer != NOT_MINE:
                    return answer
                continue
            _log.warning("link of the chain failed", link=link.name, cause=str(failure))
        if failure is not None:
            raise failure
        answer = await self._default(question)
        if answer.hand_over is None and has_asked(question):
            # It was asked once which section was meant; now a person shall see to it.
            return replace(answer, hand_over=HandOver("unsure", one_line(question.text)))
        return answer

    async def aclose(self) -> None:
        for link in self._links:
            await link.finder.aclose()


class Answering:
    """A responder as a link of a chain: it answers what it is asked, or says NOT_MINE."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    async def find(self, question: Question) -> Answer | None:
        return await self._responder.answer(question)

    async def aclose(self) -> None:
        await self._responder.aclose()
