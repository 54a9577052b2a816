"""Any OpenAI-compatible chat server as a responder, through the official client library."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import openai
import structlog

from app.bounded_body import UnreadableBody, bounded_body
from app.responders.apologies import not_known
from app.responders.chat_prompt import (
    MAX_HISTORY_CHARACTERS,
    SPOKEN_PROMPT,
    BusinessFacts,
    Prompt,
    conversation,
)
from app.responders.chat_reply import ModelReply, read_reply, unknown_sources, without_sources
from app.responders.chat_tools import ToolSession
from app.responders.knowledge.chunks import Chunk
from app.responders.knowledge.responder import KnowledgeResponder
from app.responders.protocol import NOT_MINE, Answer, Question, ResponderError
from app.responders.summary import seconds_to_say, summary_prompt
from app.retry import Backoff, retry_after_seconds

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
MAX_ROUNDS = 4
"""How often the model may call tools, or is corrected, before it has to speak."""
SECTIONS = 4

_log = structlog.get_logger()

_PLACEHOLDER_KEY = "none"
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})
_TOO_LONG = re.compile(
    r"context[_ ](length|window|size)|maximum context|too (long|many tokens)|prompt is too|"
    r"reduce the length|exceed\w* .*(context|token)",
    re.IGNORECASE,
)
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
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
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

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError when the server fails, refuses, or says nothing usable."""
        deadline = time.monotonic() + self._server.timeout
        sections = await self._sections(question)
        session = ToolSession(question, self._knowledge, {chunk.id for chunk in sections})
        exchange = _Exchange(self, question, sections, session, deadline)
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
    ) -> ModelReply:
        """One completion.

        Raises: ResponderError; openai.BadRequestError where it is too long; _Relearnt.
        """
        while True:
            request = {"model": self._server.model, "messages": messages, **self._limit}
            if self._has_tools:
                request |= {"tools": tools, "tool_choice": tool_choice}
            try:
                return read_reply(await self._patiently(request, deadline))
            except openai.BadRequestError as error:
                if not self._learnt_from(error):
                    raise
            except openai.APIStatusError as error:
                raise ResponderError(_status_cause(error), reason="refused") from error

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
            raise _Relearnt from error  # the prompt speaks of tools, too
        return False

    async def _patiently(self, request: dict[str, Any], deadline: float) -> Any:
        """Sent again where the server is busy, when it says so, as long as there is time."""
        for attempt in range(1, ATTEMPTS + 1):
            asked: float | None = None
            try:
                return await self._request(request)
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

    async def _request(self, request: dict[str, Any]) -> Any:
        create = self._client.chat.completions.with_streaming_response.create
        async with create(**request) as response:
            try:
                body = await bounded_body(response.http_response, MAX_BODY_BYTES)
            except UnreadableBody as error:
                raise ResponderError(
                    f"the chat server's answer cannot be read: {error}", reason="bad-answer"
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


class _Relearnt(Exception):
    """The server turned out to understand less; the request is to be put together again."""


class _Exchange:
    """One question: requests, tool calls and corrections until there is an answer."""

    def __init__(
        self,
        chat: ChatResponder,
        question: Question,
        sections: list[Chunk],
        session: ToolSession,
        deadline: float,
    ) -> None:
        self._chat = chat
        self._question = question
        self._sections = sections
        self._session = session
        self._deadline = deadline
        self._characters = MAX_HISTORY_CHARACTERS
        self._after: list[dict[str, Any]] = []

    async def answer(self) -> Answer:
        for round_ in range(1, MAX_ROUNDS + 1):
            # In the last round no tool may be called, so that the model has to speak.
            reply = await self._reply("auto" if round_ < MAX_ROUNDS else "none")
            if reply.calls:
                await self._run(reply)
                if self._session.silent and not self._session.hand_over:
                    return Answer(silent=True, reason="openai")
                if not reply.text or any(call.name == "look_up" for call in reply.calls):
                    continue
            if reply.is_cut:
                reply = await self._finished(reply)
            text, named = without_sources(reply.text)
            unknown = unknown_sources(named, self._session.given)
            if not unknown:
                return await self._with_summary(self._said(reply, text, named))
            self._correct(reply, unknown)
        # It named what it was not given, again and again: nothing of that is said.
        return NOT_MINE

    def _said(self, reply: ModelReply, text: str, named: tuple[str, ...]) -> Answer:
        session = self._session
        if not text and session.hand_over:
            text = not_known(self._question.language)[0]
        if not text:
            if reply.refused:
                raise ResponderError("the model refused to answer", reason="refused")
            raise ResponderError("the model said nothing", reason="nothing")
        return Answer(
            text=text,
            reason=f"openai:{named[0]}" if named else "openai",
            written="\n\n".join(session.written),
            hand_over=session.hand_over,
        )

    async def _with_summary(self, answer: Answer) -> Answer:
        """With a summary to be spoken, where the answer is too long for that and one is wanted."""
        longest = self._chat.summarize_past
        if longest is None or seconds_to_say(answer.text) <= longest:
            return answer
        self._after += [
            {"role": "assistant", "content": answer.text},
            {"role": "user", "content": summary_prompt(longest)},
        ]
        try:
            reply = await self._reply("none")
        except ResponderError as error:
            _log.warning("long answer not summarized, its beginning is spoken", cause=str(error))
            return answer
        summary, _ = without_sources(reply.whole_sentences if reply.is_cut else reply.text)
        # One that is no shorter is none.
        return replace(answer, spoken=summary) if len(summary) < len(answer.text) else answer

    async def _reply(self, tool_choice: str) -> ModelReply:
        """Shortened and asked again where the conversation is too long for the server."""
        while True:
            system = await self._chat.system_prompt(self._question, self._sections)
            messages = conversation(
                system, self._question, characters=self._characters, vision=self._chat.sees
            )
            try:
                return await self._chat.complete(
                    [*messages, *self._after], self._session.tools, tool_choice, self._deadline
                )
            except _Relearnt:
                continue
            except openai.BadRequestError as error:
                if not _is_too_long(error) or not self._shorten():
                    raise ResponderError(_status_cause(error), reason="refused") from error

    def _shorten(self) -> bool:
        """Leave half of the history out, then all, then the sections. Whether there was more."""
        had = sum(len(turn.text) for turn in self._question.history)
        if min(self._characters, had) > 500:
            self._characters = min(self._characters, had) // 2
        elif self._characters and had:
            self._characters = 0
        elif len(self._sections) > 1:
            self._sections = self._sections[: len(self._sections) // 2]
        else:
            return False
        return True

    async def _finished(self, reply: ModelReply) -> ModelReply:
        """A cut-off answer up to its last whole sentence; where none ends, it is gone on with."""
        if reply.whole_sentences:
            return ModelReply(reply.whole_sentences)
        if not reply.text:
            return reply
        self._after += [
            {"role": "assistant", "content": reply.text},
            {"role": "user", "content": "Go on right where you stopped, and come to an end."},
        ]
        rest = await self._reply("none")
        text = f"{reply.text} {rest.text}".strip()
        whole = ModelReply(text).whole_sentences if rest.is_cut else text
        return ModelReply(whole or text)

    async def _run(self, reply: ModelReply) -> None:
        self._after.append(
            {
                "role": "assistant",
                "content": reply.text or None,
                "tool_calls": [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": call.name, "arguments": call.raw},
                    }
                    for call in reply.calls
                ],
            }
        )
        for call in reply.calls:
            told = await self._session.run(call)
            self._after.append({"role": "tool", "tool_call_id": call.id, "content": told})

    def _correct(self, reply: ModelReply, unknown: list[str]) -> None:
        self._after += [
            {"role": "assistant", "content": reply.text},
            {
                "role": "user",
                "content": f"You named {', '.join(unknown)[:200]}, which you were not given. "
                "Answer only from the sections you were given, and name their ids; else say that "
                "you do not know.",
            },
        ]


def _is_too_long(error: openai.BadRequestError) -> bool:
    return error.code == "context_length_exceeded" or bool(_TOO_LONG.search(str(error)))


def _status_cause(error: openai.APIStatusError) -> str:
    """Status and error code; not the message, in which some servers quote the request."""
    code = error.code if isinstance(error.code, str) else ""
    named = f" ({code})" if re.fullmatch(r"[a-z0-9_]{1,60}", code) else ""
    return f"the chat server answered {error.status_code}{named}"
