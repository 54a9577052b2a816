"""A chat server with scripted replies, and a responder that asks it, without a bot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.responders.factory import build_responder
from app.responders.protocol import Answer, Question, Responder
from app.settings import load_settings
from tests.integration.responder_server import serving

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
STREAM = "text/event-stream"
DONE = "data: [DONE]\n\n"

Reply = Callable[[dict[str, Any]], Response]


class ScriptedChat:
    """Gives its replies in turn, the last one for ever, and keeps what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.replies: list[Reply] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    @contextmanager
    def running(self) -> Iterator[ScriptedChat]:
        route = Route("/v1/chat/completions", self._complete, methods=["POST"])
        with serving(Starlette(routes=[route])) as address:
            self.url = f"{address}/v1"
            yield self

    def forget(self) -> None:
        """Begin anew, for the next test."""
        self.replies, self.requests, self.headers = [], [], []

    async def _complete(self, request: Request) -> Response:
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(self.requests[-1])

    def built(self, **settings: Any) -> Responder:
        """The responder of these settings that asks this server."""
        ours = {"responder": "openai", "chat_base_url": self.url, "chat_model": "local"}
        return build_responder(load_settings(_env_file=None, **{**ours, **settings}))

    def ask(self, asked: Question, **settings: Any) -> Answer:
        """What such a responder answers."""

        async def once() -> Answer:
            responder = self.built(**settings)
            try:
                return await responder.answer(asked)
            finally:
                await responder.aclose()

        return asyncio.run(once())


def question(text: str = "Hi", **changes: Any) -> Question:
    defaults = {"language": "en"}
    return Question(text, "chat-1", "message-1", "+15550100", AT, **{**defaults, **changes})


# Replies ------------------------------------------------------------------------------------


def completion(content: Any, finish: str = "stop", **message: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "local",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
    }


def says(content: Any, finish: str = "stop", **message: Any) -> Reply:
    return lambda _: JSONResponse(completion(content, finish, **message))


def error(status: int, message: str = "no", code: str | None = None) -> Reply:
    body = {"error": {"message": message, "type": "invalid_request_error", "code": code}}
    return lambda _: JSONResponse(body, status)


def chunk(finish: str | None = None, **delta: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"


def stream(*events: str) -> Reply:
    """A reply of these events, cut into pieces at places that have nothing to do with them."""
    data = "".join(events).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 37):
            yield data[start : start + 37]

    def reply(request: dict[str, Any]) -> Response:
        assert request["stream"] is True
        return StreamingResponse(pieces(), media_type=STREAM)

    return reply
