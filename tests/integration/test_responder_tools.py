"""The model as a colleague: tools, sources, patience with a busy server, a context too long."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from app.responders.apologies import apology
from app.responders.protocol import HandOver, Image, ResponderError, Turn
from tests.integration.scripted_chat import (
    AT,
    ScriptedChat,
    completion,
    error,
    question,
    says,
)

WARRANTY = "How long is the warranty?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "faq.md").write_text(
        "# Questions\n\n## Warranty\nFrames have a warranty of ten years.\n\n"
        "## Test rides\nTest rides are free, bring a passport.\n",
        encoding="utf-8",
    )
    return tmp_path


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


def test_the_model_hands_over_and_says_so(chat: ScriptedChat) -> None:
    chat.replies = [
        calls(("hand_over", {"reason": "complaint", "summary": "Wants the\nmoney back"})),
        says("A colleague will help you."),
    ]
    answer = chat.ask(question(WARRANTY))
    assert answer.text == "A colleague will help you."
    assert answer.hand_over == HandOver("complaint", "Wants the money back")
    told = chat.requests[1]["messages"]
    assert [message["role"] for message in told[-2:]] == ["assistant", "tool"]


def test_a_reason_that_is_none_of_ours_and_arguments_that_are_no_json_do_no_harm(
    chat: ScriptedChat,
) -> None:
    chat.replies = [calls(("hand_over", {"reason": "DROP TABLE"})), says("Fine.")]
    assert chat.ask(question(WARRANTY)).hand_over == HandOver("other", WARRANTY)
    broken = {"id": "1", "type": "function", "function": {"name": "hand_over", "arguments": "{"}}
    chat.replies = [
        lambda _: JSONResponse(completion(None, tool_calls=[broken, "odd", 5])),
        says("Fine."),
    ]
    assert chat.ask(question(WARRANTY)).hand_over is not None


def test_what_must_be_read_goes_out_in_writing_and_the_rest_is_spoken(chat: ScriptedChat) -> None:
    link = "https://example.com/track?a=1&b=2"
    chat.replies = [calls(("send_text", {"text": link}), content="I sent you the link.")]
    answer = chat.ask(question(WARRANTY))
    assert (answer.text, answer.written) == ("I sent you the link.", link)
    assert len(chat.requests) == 1  # it spoke already, so it is not asked again


def test_the_model_may_say_nothing(chat: ScriptedChat) -> None:
    chat.replies = [calls(("stay_silent", {}))]
    assert chat.ask(question("Thanks, bye")).silent


def test_a_model_that_calls_tools_for_ever_is_stopped(chat: ScriptedChat) -> None:
    chat.replies = [calls(("no_such_tool", {}))]
    answer = chat.ask(question(WARRANTY))
    assert answer.reason == "default"
    assert len(chat.requests) == 4
    assert chat.requests[-1]["tool_choice"] == "none"


def test_a_server_without_tools_is_asked_in_plain_text_from_then_on(chat: ScriptedChat) -> None:
    def strict(request: dict[str, Any]) -> Response:
        if "tools" in request:
            return error(400, "This model does not support tools")(request)
        return JSONResponse(completion("Hello."))

    chat.replies = [strict]
    assert chat.ask(question(WARRANTY)).text == "Hello."
    assert [bool(tools_of(request)) for request in chat.requests] == [True, False]
    assert "hand_over" not in chat.requests[1]["messages"][0]["content"]


def test_the_best_sections_go_along_and_the_answer_names_its_source(
    chat: ScriptedChat, folder: Path
) -> None:
    chat.replies = [says("Ten years.\n\nSources: faq.md#warranty")]
    answer = chat.ask(question(WARRANTY), knowledge=folder)
    assert answer.text == "Ten years."
    assert answer.reason == "openai:faq.md#warranty"
    system = chat.requests[0]["messages"][0]["content"]
    assert "Section faq.md#warranty\nWarranty\nFrames have a warranty of ten years." in system
    assert "look_up" in tools_of(chat.requests[0])


def test_a_source_that_was_not_given_is_refused(chat: ScriptedChat, folder: Path) -> None:
    chat.replies = [
        says("Twenty years.\nSources: prices.md#frames"),
        says("Ten years.\nSources: faq.md#warranty"),
    ]
    assert chat.ask(question(WARRANTY), knowledge=folder).text == "Ten years."
    chat.replies = [says("Twenty years.\nSources: prices.md#frames")]
    answer = chat.ask(question(WARRANTY), knowledge=folder)
    assert "Twenty" not in answer.text
    assert answer.reason == "default"


def test_the_model_looks_things_up_and_may_name_what_it_found(
    chat: ScriptedChat, folder: Path
) -> None:
    chat.replies = [
        calls(("look_up", {"query": "test rides"}), content="Let me see."),
        says("They are free.\nSources: faq.md#test-rides"),
    ]
    answer = chat.ask(question("Can I try one?"), knowledge=folder)
    assert (answer.text, answer.reason) == ("They are free.", "openai:faq.md#test-rides")
    assert "bring a passport" in chat.requests[1]["messages"][-1]["content"]


def test_a_busy_server_is_waited_for_as_long_as_it_asks(chat: ScriptedChat) -> None:
    def busy(_: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": "slow down"}}, 429, {"retry-after": "1"})

    chat.replies = [busy, says("Hello.")]
    began = time.monotonic()
    assert chat.ask(question(WARRANTY)).text == "Hello."
    assert time.monotonic() - began >= 1.0


def test_a_server_that_asks_for_more_time_than_there_is_is_given_up_at_once(
    chat: ScriptedChat,
) -> None:
    def busy(_: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": "slow down"}}, 429, {"retry-after": "3600"})

    chat.replies = [busy]
    with pytest.raises(ResponderError, match="the chat server answered 429"):
        asyncio.run(_asked_for_a_second(chat))
    assert len(chat.requests) == 1


async def _asked_for_a_second(chat: ScriptedChat) -> None:
    from app.responders.guard import GuardedResponder
    from app.responders.openai_chat import ChatResponder
    from app.responders.openai_chat import ChatServer as ChatAddress

    asking = ChatResponder(ChatAddress(chat.url, "", "local", 1.0))
    guarded = GuardedResponder(asking, name="openai", deadline=5.0)
    try:
        await guarded.answer(question(WARRANTY))
    finally:
        await guarded.aclose()


def test_a_conversation_that_is_too_long_is_shortened_and_sent_again(chat: ScriptedChat) -> None:
    def small(request: dict[str, Any]) -> Response:
        size = sum(len(message["content"]) for message in request["messages"][1:])
        if size > 3_000:
            return error(400, "maximum context length is 512 tokens", "context_length_exceeded")(
                request
            )
        return JSONResponse(completion("Hello."))

    chat.replies = [small]
    history = tuple(Turn("user", f"{number} " + "x" * 500, AT) for number in range(20))
    assert chat.ask(question(WARRANTY, history=history)).text == "Hello."
    assert len(chat.requests) > 1
    assert chat.requests[-1]["messages"][-2]["content"].startswith("19 ")


def test_a_context_that_is_too_long_however_short_is_an_apology(chat: ScriptedChat) -> None:
    chat.replies = [error(400, "too many tokens", "context_length_exceeded")]
    with pytest.raises(ResponderError, match="context_length_exceeded"):
        chat.ask(question(WARRANTY, history=(Turn("user", "x" * 4_000, AT),)))
    assert len(chat.requests) < 10


def test_an_answer_cut_within_its_first_sentence_is_finished(chat: ScriptedChat) -> None:
    chat.replies = [says("The warranty of a frame", "length"), says("is ten years.")]
    assert chat.ask(question(WARRANTY)).text == "The warranty of a frame is ten years."


def test_an_apology_is_not_remembered_as_an_answer(chat: ScriptedChat) -> None:
    chat.replies = [says("Hello.")]
    history = (Turn("user", "Hi", AT), Turn("assistant", apology("de")[0], AT))
    chat.ask(question(WARRANTY, history=history))
    assert [message["content"] for message in chat.requests[0]["messages"][1:]] == [
        "Hi",
        WARRANTY,
    ]


def test_the_model_knows_the_business_the_time_and_who_writes(
    chat: ScriptedChat, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "name: Bluebird Bikes\ntime_zone: Europe/Berlin\nhours: {mon-fri: 9-18}\n"
        "default: Hm?\nrules: {}\n",
        encoding="utf-8",
    )
    chat.replies = [says("Hello.")]
    asked = question(
        WARRANTY, spoken=True, is_group=True, sender_name="Ada", reply_to="We open at nine."
    )
    chat.ask(asked, rules_file=rules)
    system = chat.requests[0]["messages"][0]["content"]
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


def test_pictures_go_along_only_where_the_model_sees(chat: ScriptedChat) -> None:
    chat.replies = [says("A bicycle.")]
    asked = question("What is this?", images=(Image("image/png", b"png"),))
    chat.ask(asked)
    chat.ask(asked, chat_vision=True)
    blind, seeing = (request["messages"][-1]["content"] for request in chat.requests)
    assert blind == "What is this?"
    assert seeing[1]["image_url"]["url"] == "data:image/png;base64,cG5n"
