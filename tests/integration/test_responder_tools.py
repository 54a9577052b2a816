"""The model as a colleague: tools, sources, patience with a busy server, a context too long."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from app.responders.apologies import apology
from app.responders.factory import build_responder
from app.responders.protocol import Answer, HandOver, Image, Question, ResponderError, Turn
from app.settings import load_settings
from tests.integration.responder_server import serving
from tests.integration.test_responder_openai import ChatServer, completion, error, says

AT = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "faq.md").write_text(
        "# Questions\n\n## Warranty\nFrames have a warranty of ten years.\n\n"
        "## Test rides\nTest rides are free, bring a passport.\n",
        encoding="utf-8",
    )
    return tmp_path


def question(text: str = "How long is the warranty?", **changes: Any) -> Question:
    return Question(text, "chat", "message", "+15550100", AT, language="en", **changes)


def ask(address: str, asked: Question, **settings: Any) -> Answer:
    async def once() -> Answer:
        responder = build_responder(
            load_settings(
                **{"responder": "openai", "chat_base_url": address, "chat_model": "local"}
                | settings,
                _env_file=None,
            )
        )
        try:
            return await responder.answer(asked)
        finally:
            await responder.aclose()

    return asyncio.run(once())


def calls(*named: tuple[str, dict[str, str]], content: str | None = None) -> Any:
    made = [
        {
            "id": f"call-{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(named)
    ]
    return lambda _: JSONResponse(completion(content, "tool_calls", tool_calls=made))


def tools_of(request: dict[str, Any]) -> set[str]:
    return {tool["function"]["name"] for tool in request.get("tools", [])}


def test_the_model_hands_over_and_says_so(server: ChatServer, address: str) -> None:
    server.replies = [
        calls(("hand_over", {"reason": "complaint", "summary": "Wants the\nmoney back"})),
        says("A colleague will help you."),
    ]
    answer = ask(address, question())
    assert answer.text == "A colleague will help you."
    assert answer.hand_over == HandOver("complaint", "Wants the money back")
    told = server.requests[1]["messages"]
    assert [message["role"] for message in told[-2:]] == ["assistant", "tool"]


def test_a_reason_that_is_none_of_ours_and_arguments_that_are_no_json_do_no_harm(
    server: ChatServer, address: str
) -> None:
    server.replies = [calls(("hand_over", {"reason": "DROP TABLE"})), says("Fine.")]
    assert ask(address, question()).hand_over == HandOver("other", "How long is the warranty?")
    broken = {"id": "1", "type": "function", "function": {"name": "hand_over", "arguments": "{"}}
    server.replies = [
        lambda _: JSONResponse(completion(None, tool_calls=[broken, "odd", 5])),
        says("Fine."),
    ]
    assert ask(address, question()).hand_over is not None


def test_what_must_be_read_goes_out_in_writing_and_the_rest_is_spoken(
    server: ChatServer, address: str
) -> None:
    link = "https://example.com/track?a=1&b=2"
    server.replies = [calls(("send_text", {"text": link}), content="I sent you the link.")]
    answer = ask(address, question())
    assert (answer.text, answer.written) == ("I sent you the link.", link)
    assert len(server.requests) == 1  # it spoke already, so it is not asked again


def test_the_model_may_say_nothing(server: ChatServer, address: str) -> None:
    server.replies = [calls(("stay_silent", {}))]
    assert ask(address, question("Thanks, bye")).silent


def test_a_model_that_calls_tools_for_ever_is_stopped(server: ChatServer, address: str) -> None:
    server.replies = [calls(("no_such_tool", {}))]
    answer = ask(address, question())
    assert answer.reason == "default"
    assert len(server.requests) == 4
    assert server.requests[-1]["tool_choice"] == "none"


def test_a_server_without_tools_is_asked_in_plain_text_from_then_on(
    server: ChatServer, address: str
) -> None:
    def strict(request: dict[str, Any]) -> Response:
        if "tools" in request:
            return error(400, "This model does not support tools")(request)
        return JSONResponse(completion("Hello."))

    server.replies = [strict]
    assert ask(address, question()).text == "Hello."
    assert [bool(tools_of(request)) for request in server.requests] == [True, False]
    assert "hand_over" not in server.requests[1]["messages"][0]["content"]


def test_the_best_sections_go_along_and_the_answer_names_its_source(
    server: ChatServer, address: str, folder: Path
) -> None:
    server.replies = [says("Ten years.\n\nSources: faq.md#warranty")]
    answer = ask(address, question(), knowledge=folder)
    assert answer.text == "Ten years."
    assert answer.reason == "openai:faq.md#warranty"
    system = server.requests[0]["messages"][0]["content"]
    assert "Section faq.md#warranty\nWarranty\nFrames have a warranty of ten years." in system
    assert "look_up" in tools_of(server.requests[0])


def test_a_source_that_was_not_given_is_refused(
    server: ChatServer, address: str, folder: Path
) -> None:
    server.replies = [
        says("Twenty years.\nSources: prices.md#frames"),
        says("Ten years.\nSources: faq.md#warranty"),
    ]
    assert ask(address, question(), knowledge=folder).text == "Ten years."
    server.replies = [says("Twenty years.\nSources: prices.md#frames")]
    answer = ask(address, question(), knowledge=folder)
    assert "Twenty" not in answer.text
    assert answer.reason == "default"


def test_the_model_looks_things_up_and_may_name_what_it_found(
    server: ChatServer, address: str, folder: Path
) -> None:
    server.replies = [
        calls(("look_up", {"query": "test rides"}), content="Let me see."),
        says("They are free.\nSources: faq.md#test-rides"),
    ]
    answer = ask(address, question("Can I try one?"), knowledge=folder)
    assert (answer.text, answer.reason) == ("They are free.", "openai:faq.md#test-rides")
    assert "bring a passport" in server.requests[1]["messages"][-1]["content"]


def test_a_busy_server_is_waited_for_as_long_as_it_asks(server: ChatServer, address: str) -> None:
    def busy(_: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": "slow down"}}, 429, {"retry-after": "1"})

    server.replies = [busy, says("Hello.")]
    began = time.monotonic()
    assert ask(address, question()).text == "Hello."
    assert time.monotonic() - began >= 1.0


def test_a_server_that_asks_for_more_time_than_there_is_is_given_up_at_once(
    server: ChatServer, address: str
) -> None:
    def busy(_: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": "slow down"}}, 429, {"retry-after": "3600"})

    server.replies = [busy]
    with pytest.raises(ResponderError, match="the chat server answered 429"):
        asyncio.run(_asked_for_a_second(address))
    assert len(server.requests) == 1


async def _asked_for_a_second(address: str) -> None:
    from app.responders.guard import GuardedResponder
    from app.responders.openai_chat import ChatResponder
    from app.responders.openai_chat import ChatServer as ChatAddress

    chat = ChatResponder(ChatAddress(address, "", "local", 1.0))
    guarded = GuardedResponder(chat, name="openai", deadline=5.0)
    try:
        await guarded.answer(question())
    finally:
        await guarded.aclose()


def test_a_conversation_that_is_too_long_is_shortened_and_sent_again(
    server: ChatServer, address: str
) -> None:
    def small(request: dict[str, Any]) -> Response:
        size = sum(len(message["content"]) for message in request["messages"][1:])
        if size > 3_000:
            return error(400, "maximum context length is 512 tokens", "context_length_exceeded")(
                request
            )
        return JSONResponse(completion("Hello."))

    server.replies = [small]
    history = tuple(Turn("user", f"{number} " + "x" * 500, AT) for number in range(20))
    assert ask(address, question(history=history)).text == "Hello."
    assert len(server.requests) > 1
    assert server.requests[-1]["messages"][-2]["content"].startswith("19 ")


def test_a_context_that_is_too_long_however_short_is_an_apology(
    server: ChatServer, address: str
) -> None:
    server.replies = [error(400, "too many tokens", "context_length_exceeded")]
    with pytest.raises(ResponderError, match="context_length_exceeded"):
        ask(address, question(history=(Turn("user", "x" * 4_000, AT),)))
    assert len(server.requests) < 10


def test_an_answer_cut_within_its_first_sentence_is_finished(
    server: ChatServer, address: str
) -> None:
    server.replies = [says("The warranty of a frame", "length"), says("is ten years.")]
    assert ask(address, question()).text == "The warranty of a frame is ten years."


def test_an_apology_is_not_remembered_as_an_answer(server: ChatServer, address: str) -> None:
    server.replies = [says("Hello.")]
    history = (Turn("user", "Hi", AT), Turn("assistant", apology("de")[0], AT))
    ask(address, question(history=history))
    assert [message["content"] for message in server.requests[0]["messages"][1:]] == [
        "Hi",
        "How long is the warranty?",
    ]


def test_the_model_knows_the_business_the_time_and_who_writes(
    server: ChatServer, address: str, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "name: Bluebird Bikes\ntime_zone: Europe/Berlin\nhours: {mon-fri: 9-18}\n"
        "default: Hm?\nrules: {}\n",
        encoding="utf-8",
    )
    server.replies = [says("Hello.")]
    asked = question(spoken=True, is_group=True, sender_name="Ada", reply_to="We open at nine.")
    ask(address, asked, rules_file=rules)
    system = server.requests[0]["messages"][0]["content"]
    for fact in (
        "You speak for Bluebird Bikes.",
        "(Europe/Berlin)",
        "2026",
        "Opening hours: Monday to Friday from 9 am to 6 pm",
        "language: en",
        "misheard",
        "Ada writes",
        "'We open at nine.'",
    ):
        assert fact in system
    assert "+15550100" not in system


def test_pictures_go_along_only_where_the_model_sees(server: ChatServer, address: str) -> None:
    server.replies = [says("A bicycle.")]
    asked = question("What is this?", images=(Image("image/png", b"png"),))
    ask(address, asked)
    ask(address, asked, chat_vision=True)
    blind, seeing = (request["messages"][-1]["content"] for request in server.requests)
    assert blind == "What is this?"
    assert seeing[1]["image_url"]["url"] == "data:image/png;base64,cG5n"
