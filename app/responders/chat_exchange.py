"""One question to a chat server: requests, tool calls and corrections until there is an answer."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openai
import structlog

from app.responders.apologies import passed_on
from app.responders.chat_prompt import MAX_HISTORY_CHARACTERS, conversation
from app.responders.chat_reply import ModelReply, unknown_sources, without_sources
from app.responders.chat_tools import ToolSession
from app.responders.knowledge.chunks import Chunk
from app.responders.protocol import NOT_MINE, Answer, Question, ResponderError
from app.responders.summary import seconds_to_say, summary_prompt

if TYPE_CHECKING:
    from app.responders.openai_chat import ChatResponder

log = structlog.get_logger()

MAX_ROUNDS = 4
"""How often the model may call tools, or is corrected, before it has to speak."""
_SUMMARY_MARGIN = 1.0
"""Seconds before the deadline at which a summary is given up."""

_TOO_LONG = re.compile(
    r"context[_ ](length|window|size)|maximum context|too (long|many tokens)|prompt is too|"
    r"reduce the length|exceed\w* .*(context|token)",
    re.IGNORECASE,
)


class Relearnt(Exception):
    """The server turned out to understand less; the request is to be put together again."""


class Exchange:
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
            text = passed_on(self._question.language)[0]
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
            # The answer is there: it must not be lost for want of a summary.
            async with asyncio.timeout(self._deadline - time.monotonic() - _SUMMARY_MARGIN):
                reply = await self._reply("none")
        except (ResponderError, TimeoutError) as error:
            cause = str(error) or "no time left"
            log.warning("long answer not summarized, its beginning is spoken", cause=cause)
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
                    [*messages, *self._after],
                    self._session.tools,
                    tool_choice,
                    self._deadline,
                    self._question.draft,
                )
            except Relearnt:
                continue
            except openai.BadRequestError as error:
                if not _is_too_long(error) or not self._shorten():
                    raise ResponderError(status_cause(error), reason="refused") from error

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


def status_cause(error: openai.APIStatusError) -> str:
    """Status and error code; not the message, in which some servers quote the request."""
    code = error.code if isinstance(error.code, str) else ""
    named = f" ({code})" if re.fullmatch(r"[a-z0-9_]{1,60}", code) else ""
    return f"the chat server answered {error.status_code}{named}"
