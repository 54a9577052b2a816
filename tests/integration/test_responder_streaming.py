"""A chat server that streams: the draft is shown, and the answer is what it adds up to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.responders.protocol import Answer, ResponderError
from tests.integration.responder_server import serving
from tests.integration.test_responder_openai import (
    ChatServer,
    Reply,
    ask,
    completion,
    error,
    question,
    says,
)

STREAM = "text/event-stream"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[ChatServer, str]]:
    server = ChatServer()
    with serving(server.app) as address:
        yield server, address + "/v1"


@pytest.fixture
def server(running: tuple[ChatServer, str]) -> ChatServer:
    running[0].requests.clear()
    return running[0]


@pytest.fixture
def address(running: tuple[ChatServer, str]) -> str:
    return running[1]


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


DONE = "data: [DONE]\n\n"


def ask_streaming(address: str) -> tuple[Answer, list[str]]:
    drafts: list[str] = []
    return ask(address, replace(question("Are you open?"), draft=drafts.append)), drafts


def test_the_draft_grows_and_the_answer_is_all_of_it(server: ChatServer, address: str) -> None:
    server.replies = [
        stream(
            chunk(role="assistant", content=""),
            ": keep-alive\n\n",
            chunk(content="Guten "),
            chunk(content="Morgen. "),
            chunk(content="Bis später, Jürgen."),
            chunk("stop"),
            'data: {"choices": [], "usage": {"total_tokens": 7}}\n\n',
            DONE,
        )
    ]
    answer, drafts = ask_streaming(address)
    assert answer.text == "Guten Morgen. Bis später, Jürgen."
    assert drafts == ["Guten ", "Guten Morgen. ", "Guten Morgen. Bis später, Jürgen."]


def test_nothing_is_streamed_where_nobody_reads_it(server: ChatServer, address: str) -> None:
    server.replies = [says("Hello.")]
    assert ask(address, question("Hi")).text == "Hello."
    assert "stream" not in server.requests[0]


def test_a_tool_call_comes_in_pieces(server: ChatServer, address: str) -> None:
    def call(index: int, name: str, arguments: str, **more: Any) -> dict[str, Any]:
        function = {"name": name, "arguments": arguments}
        return {"index": index, "function": function, **more}

    server.replies = [
        stream(
            chunk(tool_calls=[call(0, "hand_over", "", id="c1")]),
            chunk(tool_calls=[call(0, "", '{"reason": "ask')]),
            chunk(tool_calls=[call(0, "", 'ed", "summary": "Wants Ann"}')]),
            chunk("tool_calls"),
            DONE,
        ),
        stream(chunk(content="Ann will write to you."), chunk("stop"), DONE),
    ]
    answer, _ = ask_streaming(address)
    assert answer.text == "Ann will write to you."
    assert answer.hand_over is not None
    assert answer.hand_over.reason == "asked"


def test_a_server_that_streams_nothing_is_understood(server: ChatServer, address: str) -> None:
    server.replies = [says("Hello.")]
    answer, drafts = ask_streaming(address)
    assert (answer.text, drafts) == ("Hello.", [])
    assert server.requests[0]["stream"] is True


def test_a_server_that_refuses_to_stream_is_asked_without(server: ChatServer, address: str) -> None:
    def strict(request: dict[str, Any]) -> Response:
        if "stream" in request:
            return error(400, "Streaming is not supported by this model.")(request)
        return JSONResponse(completion("Hello."))

    server.replies = [strict]
    assert ask_streaming(address)[0].text == "Hello."
    assert ["stream" in request for request in server.requests] == [True, False]


def test_a_cut_answer_ends_at_a_sentence(server: ChatServer, address: str) -> None:
    server.replies = [stream(chunk(content="Hello. I was go"), chunk("length"), DONE)]
    assert ask_streaming(address)[0].text == "Hello."


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (stream(chunk(content="Hello, we are")), "broke off"),
        (stream(chunk(content="Hello"), 'data: {"error": {"message": "x"}}\n\n'), "failed while"),
        (stream("data: <html>\n\n"), "no chat completion"),
        (stream("data: []\n\n", DONE), "no chat completion"),
        (stream('data: {"choices": 7}\n\n', DONE), "no chat completion"),
        (stream(DONE), "broke off"),
        (stream(f"data: {'x' * 1_000_001}"), "larger"),
    ],
)
def test_a_stream_that_is_none_is_a_failure(
    server: ChatServer, address: str, reply: Reply, cause: str
) -> None:
    server.replies = [reply]
    with pytest.raises(ResponderError, match=cause) as caught:
        ask_streaming(address)
    assert caught.value.apology
