"""Any OpenAI-compatible chat server as a responder, through the official client library."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import openai

from app.bounded_body import UnreadableBody, bounded_body
from app.responders.chat_exchange import Exchange, Relearnt, status_cause
from app.responders.chat_prompt import SPOKEN_PROMPT, BusinessFacts, Prompt
from app.responders.chat_reply import ModelReply, read_reply
from app.responders.chat_stream import MEDIA_TYPE, read_stream
from app.responders.chat_tools import ToolSession
from app.responders.knowledge.chunks import Chunk
from app.responders.knowledge.responder import KnowledgeResponder
from app.responders.protocol import Answer, Draft, Question, ResponderError
from app.retry import Backoff, retry_after_seconds
from app.tls import tls_context

__all__ = ["SPOKEN_PROMPT", "ChatResponder"]

MAX_ANSWER_TOKENS = 600
"""About two minutes of speech, with room for scripts that need more tokens a word."""
MAX_LONG_ANSWER_TOKENS = 2_500
"""Where a memo says a summary, and the whole goes out in writing."""
MAX_REASONING_TOKENS = 4_000
"""For models that know only `max_completion_tokens`: these count their thinking, too."""
MAX_BODY_BYTES = 1_000_000
ATTEMPTS = 3
"""How often one request is sent where the server is busy or in trouble."""
SECTIONS = 4

_PLACEHOLDER_KEY = "none"
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})
_NO_STREAM = re.compile(r"\bstream", re.IGNORECASE)
_NO_TOOLS = re.compile(r"\btools?\b|tool_choice|function call", re.IGNORECASE)
_BACKOFF = Backoff(first=0.4, longest=4.0, longest_asked=15.0)


@dataclass(frozen=True)
class ChatServer:
    """Where the model is. `base_url` ends in the version, such as `/v1`."""

    base_url: str
    api_key: str
    model: str
    timeout: float
    """Seconds for all attempts of an answer together."""


class ChatResponder:
    """Sends the conversation to `POST {base_url}/chat/completions`, with tools where it has them.

    What the server understands – tools, which name of the limit, how long a conversation – is
    learnt from its refusals.
    """

    def __init__(
        self,
        server: ChatServer,
        prompt: Prompt | None = None,
        *,
        knowledge: KnowledgeResponder | None = None,
        facts: Callable[[], Awaitable[BusinessFacts]] | None = None,
        vision: bool = False,
        summarize_past: float | None = None,
    ) -> None:
        """summarize_past: seconds of speech past which a memo says a summary; None for never."""
        # At debug level the library writes whole requests, and so what people said, to the log.
        logging.getLogger("openai").setLevel(logging.WARNING)
        self._client = openai.AsyncOpenAI(
            base_url=server.base_url,
            # Left empty, the library would send OPENAI_API_KEY to whatever server this is.
            api_key=server.api_key or _PLACEHOLDER_KEY,
            timeout=server.timeout,
            max_retries=0,  # ours know how much time is left
            default_headers={"accept-encoding": "identity"},
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False, verify=tls_context()
            ),
        )
        self._server = server
        self._prompt = prompt or Prompt()
        self._knowledge = knowledge
        self._facts = facts
        self._vision = vision
        self.summarize_past = summarize_past
        tokens = MAX_LONG_ANSWER_TOKENS if summarize_past else MAX_ANSWER_TOKENS
        self._limit: dict[str, int] = {"max_tokens": tokens}
        self._has_tools = True
        self._streams = True

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when the server fails, refuses, or says nothing usable."""
        deadline = time.monotonic() + self._server.timeout
        sections = await self._sections(question)
        session = ToolSession(question, self._knowledge, {chunk.id for chunk in sections})
        exchange = Exchange(self, question, sections, session, deadline)
        return await exchange.answer()

    async def aclose(self) -> None:
        await self._client.close()

    async def system_prompt(self, question: Question, sections: Sequence[Chunk]) -> str:
        facts = await self._facts() if self._facts else BusinessFacts()
        return self._prompt.text(question, facts, sections, tools=self._has_tools)

    async def complete(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]],
        tool_choice: str,
        deadline: float,
        draft: Draft | None,
    ) -> ModelReply:
        """One completion, streamed where somebody wants to see the draft.

        Raises: ResponderError; openai.BadRequestError where it is too long; Relearnt.
        """
        while True:
            request = {"model": self._server.model, "messages": messages, **self._limit}
            if self._has_tools:
                request |= {"tools": tools, "tool_choice": tool_choice}
            try:
                return read_reply(await self._patiently(request, deadline, draft))
            except openai.BadRequestError as error:
                if not self._learnt_from(error):
                    raise
            except openai.APIStatusError as error:
                raise ResponderError(status_cause(error), reason="refused") from error

    def _learnt_from(self, error: openai.BadRequestError) -> bool:
        """Whether another request may be understood.

        Local servers know `max_tokens` only; OpenAI's newer models refuse it and name the other.
        """
        text = str(error)
        if "max_tokens" in self._limit and "max_completion_tokens" in text:
            self._limit = {"max_completion_tokens": MAX_REASONING_TOKENS}
            return True
        if self._has_tools and _NO_TOOLS.search(text):
            self._has_tools = False
            raise Relearnt from error  # the prompt speaks of tools, too
        if self._streams and _NO_STREAM.search(text):
            self._streams = False
            return True
        return False

    async def _patiently(
        self, request: dict[str, Any], deadline: float, draft: Draft | None
    ) -> Any:
        """Sent again where the server is busy, when it says so, as long as there is time."""
        for attempt in range(1, ATTEMPTS + 1):
            asked: float | None = None
            try:
                return await self._request(request, draft)
            except openai.APITimeoutError as error:
                raise ResponderError("the chat server did not answer", reason="deadline") from error
            except openai.APIConnectionError as error:
                failure: ResponderError | openai.APIStatusError = ResponderError(
                    "no connection to the chat server", reason="unreachable"
                )
                failure.__cause__ = error
            except openai.APIStatusError as error:
                if error.status_code not in _RETRIED:
                    raise
                failure = error
                asked = retry_after_seconds(error.response.headers.get("retry-after"))
            pause = _BACKOFF.pause(attempt, asked)
            if attempt == ATTEMPTS or time.monotonic() + pause >= deadline:
                raise failure
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _request(self, request: dict[str, Any], draft: Draft | None) -> Any:
        create = self._client.chat.completions.with_streaming_response.create
        if draft and self._streams:
            request = {**request, "stream": True}
        async with create(**request) as response:
            try:
                if draft and response.headers.get("content-type", "").startswith(MEDIA_TYPE):
                    return await read_stream(response.http_response, MAX_BODY_BYTES, draft)
                body = await bounded_body(response.http_response, MAX_BODY_BYTES)
            except UnreadableBody as error:
                raise ResponderError(
                    f"the chat server's answer cannot be read: {error}", reason="bad-answer"
                ) from error
            except httpx.TimeoutException as error:
                raise ResponderError(
                    "the chat server stopped in its answer", reason="deadline"
                ) from error
            except httpx.HTTPError as error:
                raise ResponderError(
                    "the connection to the chat server broke off", reason="unreachable"
                ) from error
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ResponderError("the chat server sent no JSON", reason="bad-answer") from error

    async def _sections(self, question: Question) -> list[Chunk]:
        if self._knowledge is None:
            return []
        result = await self._knowledge.search(question.text, question.language)
        return [found.chunk for found in result.found[:SECTIONS]]

    @property
    def sees(self) -> bool:
        return self._vision
