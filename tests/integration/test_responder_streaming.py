"""A chat server that streams: the draft is shown, and the answer is what it adds up to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from app.responders.protocol import Answer, ResponderError
from tests.integration.scripted_chat import (
    DONE,
    Reply,
    ScriptedChat,
    chunk,
    completion,
    error,
    question,
    says,
    stream,
)


def ask_streaming(chat: ScriptedChat) -> tuple[Answer, list[str]]:
    drafts: list[str] = []
    return chat.ask(replace(question("Are you open?"), draft=drafts.append)), drafts


def test_the_draft_grows_and_the_answer_is_all_of_it(chat: ScriptedChat) -> None:
    chat.replies = [
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
    answer, drafts = ask_streaming(chat)
    assert answer.text == "Guten Morgen. Bis später, Jürgen."
    assert drafts == ["Guten ", "Guten Morgen. ", "Guten Morgen. Bis später, Jürgen."]


def test_nothing_is_streamed_where_nobody_reads_it(chat: ScriptedChat) -> None:
    chat.replies = [says("Hello.")]
    assert chat.ask(question("Hi")).text == "Hello."
    assert "stream" not in chat.requests[0]


def test_a_tool_call_comes_in_pieces(chat: ScriptedChat) -> None:
    def call(index: int, name: str, arguments: str, **more: Any) -> dict[str, Any]:
        function = {"name": name, "arguments": arguments}
        return {"index": index, "function": function, **more}

    chat.replies = [
        stream(
            chunk(tool_calls=[call(0, "hand_over", "", id="c1")]),
            chunk(tool_calls=[call(0, "", '{"reason": "ask')]),
            chunk(tool_calls=[call(0, "", 'ed", "summary": "Wants Ann"}')]),
            chunk("tool_calls"),
            DONE,
        ),
        stream(chunk(content="Ann will write to you."), chunk("stop"), DONE),
    ]
    answer, _ = ask_streaming(chat)
    assert answer.text == "Ann will write to you."
    assert answer.hand_over is not None
    assert answer.hand_over.reason == "asked"


def test_a_server_that_streams_nothing_is_understood(chat: ScriptedChat) -> None:
    chat.replies = [says("Hello.")]
    answer, drafts = ask_streaming(chat)
    assert (answer.text, drafts) == ("Hello.", [])
    assert chat.requests[0]["stream"] is True


def test_a_server_that_refuses_to_stream_is_asked_without(chat: ScriptedChat) -> None:
    def strict(request: dict[str, Any]) -> Response:
        if "stream" in request:
            return error(400, "Streaming is not supported by this model.")(request)
        return JSONResponse(completion("Hello."))

    chat.replies = [strict]
    assert ask_streaming(chat)[0].text == "Hello."
    assert ["stream" in request for request in chat.requests] == [True, False]


def test_a_cut_answer_ends_at_a_sentence(chat: ScriptedChat) -> None:
    chat.replies = [stream(chunk(content="Hello. I was go"), chunk("length"), DONE)]
    assert ask_streaming(chat)[0].text == "Hello."


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
def test_a_stream_that_is_none_is_a_failure(chat: ScriptedChat, reply: Reply, cause: str) -> None:
    chat.replies = [reply]
    with pytest.raises(ResponderError, match=cause) as caught:
        ask_streaming(chat)
    assert caught.value.apology
