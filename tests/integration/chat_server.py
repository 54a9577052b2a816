"""A chat and transcription server such as OpenAI's, scripted by the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.responder_server import serving

Message = dict[str, str]


def answer_in_words(messages: list[Message]) -> str:
    """Says which question it was, and repeats it, so that every answer is one of its kind."""
    count = sum(one["role"] == "user" for one in messages)
    return f"Answer {count} to: {messages[-1]['content']}"


class ChatServer:
    """Keeps every conversation it is asked to go on with, and every recording it is sent.

    `say` makes the answer of the messages; `status` other than 200 fails; no answer is given
    while `may_answer` is not set. `heard` is what is said in every recording.
    """

    def __init__(self) -> None:
        self.url = ""
        self.say: Callable[[list[Message]], str] = answer_in_words
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.heard = "Are you open today?"
        self.conversations: list[list[Message]] = []
        self.recordings = 0

    @contextmanager
    def running(self) -> Iterator[ChatServer]:
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"]),
            ]
        )
        with serving(app) as address:
            self.url = f"{address}/v1"
            yield self

    async def _complete(self, request: Request) -> Response:
        asked: dict[str, Any] = await request.json()
        messages: list[Message] = asked["messages"]
        self.conversations.append(messages)
        await asyncio.to_thread(self.may_answer.wait, 15)
        if self.status != 200:
            return JSONResponse({"error": {"message": "no"}}, self.status)
        message = {"role": "assistant", "content": self.say(messages)}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        head = {"id": "1", "object": "chat.completion", "created": 1, "model": "local"}
        return JSONResponse({**head, "choices": [choice]})

    async def _transcribe(self, request: Request) -> Response:
        await request.body()
        self.recordings += 1
        return JSONResponse({"text": self.heard})
