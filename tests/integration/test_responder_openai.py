"""A conversation with an OpenAI-compatible server, through the official client."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from structlog.testing import capture_logs

from app.responders.factory import build_responder
from app.responders.guard import GuardedResponder
from app.responders.openai_chat import SPOKEN_PROMPT, ChatResponder
from app.responders.openai_chat import ChatServer as ChatAddress
from app.responders.protocol import Answer, ResponderError, Turn
from app.settings import ConfigurationError, load_settings
from tests.integration.scripted_chat import (
    AT,
    Reply,
    ScriptedChat,
    completion,
    error,
    question,
    says,
)


def test_a_conversation_of_ten_turns(chat: ScriptedChat) -> None:
    chat.replies = [
        lambda request: JSONResponse(completion(f"Reply to: {request['messages'][-1]['content']}"))
    ]

    async def conversation() -> None:
        responder = chat.built()
        history: tuple[Turn, ...] = ()
        for number in range(10):
            said = f"Question {number}"
            answer = await responder.answer(question(said, history=history))
            assert answer == Answer(f"Reply to: {said}", reason="openai")
            at = AT + timedelta(minutes=number)
            history = (*history, Turn("user", said, at), Turn("assistant", answer.text, at))
        await responder.aclose()

    asyncio.run(conversation())
    assert len(chat.requests) == 10
    last = chat.requests[-1]
    assert last["model"] == "local"
    assert last["messages"][0]["role"] == "system"
    assert last["messages"][0]["content"].startswith(SPOKEN_PROMPT.strip())
    assert [m["role"] for m in last["messages"][1:]] == ["user", "assistant"] * 9 + ["user"]
    assert [m["content"] for m in last["messages"][1::2]] == [f"Question {n}" for n in range(10)]
    assert last["messages"][2]["content"] == "Reply to: Question 0"


def test_facts_are_added_to_the_prompt_for_speech_and_a_system_prompt_replaces_it(
    chat: ScriptedChat,
) -> None:
    chat.replies = [says("Hello.")]
    chat.ask(question("Hi"), chat_prompt="We sell bicycles.")
    chat.ask(question("Hi"), chat_prompt="We sell bicycles.", chat_system="You are a pirate.")
    added, replaced = (request["messages"][0]["content"] for request in chat.requests)
    assert added.startswith(SPOKEN_PROMPT.strip() + "\n\nWe sell bicycles.")
    assert replaced.startswith("You are a pirate.\n\nWe sell bicycles.")
    assert [message["role"] for message in chat.requests[0]["messages"]] == ["system", "user"]
    assert chat.requests[0]["messages"][1]["content"] == "Hi"


def test_a_long_history_is_cut_at_its_beginning_and_a_long_question_at_its_end(
    chat: ScriptedChat,
) -> None:
    chat.replies = [says("Hello.")]
    history = tuple(Turn("user", f"{number} " + "x" * 1_000, AT) for number in range(100))
    chat.ask(question("Why? " * 100_000, history=history))
    messages = chat.requests[0]["messages"]
    assert sum(len(message["content"]) for message in messages) < 20_000
    assert messages[-2]["content"].startswith("99 ")
    assert messages[-1]["content"].startswith("Why? ")


def test_the_key_is_sent_and_nobody_elses(
    chat: ScriptedChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    chat.replies = [says("Hello.")]
    chat.ask(question("Hi"), chat_api_key="sk-ours")
    chat.ask(question("Hi"))
    assert [headers["authorization"] for headers in chat.headers] == [
        "Bearer sk-ours",
        "Bearer none",
    ]


def test_the_answer_is_bounded_for_servers_that_know_one_name_or_the_other(
    chat: ScriptedChat,
) -> None:
    def strict(request: dict[str, Any]) -> Response:
        if "max_tokens" in request:
            return error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "unsupported_parameter",
            )(request)
        return JSONResponse(completion("Hello."))

    chat.replies = [strict]

    async def twice() -> None:
        responder = chat.built()
        for _ in range(2):
            assert (await responder.answer(question("Hi"))).text == "Hello."
        await responder.aclose()

    asyncio.run(twice())
    limits = [{key for key in request if key.startswith("max_")} for request in chat.requests]
    # Asked wrongly once, and never again.
    assert limits == [{"max_tokens"}, {"max_completion_tokens"}, {"max_completion_tokens"}]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (says("  Hello.\n"), "Hello."),
        (says([{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo."}]), "Hello."),
        (says("<think>\nThey greet me. So\n</think>\n\nHello."), "Hello."),
        (says("They greet me.</think>Hello."), "Hello."),
        (says("Hello. How are you? I was going to s", "length"), "Hello. How are you?"),
        (says("你好。我本来想", "length"), "你好。"),
        (says("**Hello** [you](https://example.com)"), "**Hello** [you](https://example.com)"),
    ],
)
def test_only_what_is_meant_for_the_person_is_said(
    chat: ScriptedChat, reply: Reply, text: str
) -> None:
    chat.replies = [reply]
    assert chat.ask(question("Hi")).text == text


def test_a_server_in_trouble_is_asked_once_more(chat: ScriptedChat) -> None:
    chat.replies = [error(503), says("Hello.")]
    assert chat.ask(question("Hi")).text == "Hello."
    assert len(chat.requests) == 2


async def _endless() -> Any:
    while True:
        yield b" " * 65_536
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("reply", "reason", "cause", "asked"),
    [
        (error(401, "Bad key sk-ours for: secret words", "invalid_api_key"), "refused",
         "answered 401 (invalid_api_key)", 1),
        (error(400, "Cannot read: secret words"), "refused", "answered 400", 1),
        (error(404, code="secret words"), "refused", "answered 404", 1),
        (error(500), "refused", "answered 500", 3),
        (error(429), "refused", "answered 429", 3),
        (lambda _: RedirectResponse("/elsewhere"), "refused", "answered 307", 1),
        (says(""), "nothing", "the model said nothing", 1),
        (says(None), "nothing", "the model said nothing", 1),
        (says("<think>Where was I"), "nothing", "the model said nothing", 1),
        (says(None, refusal="I will not."), "refused", "refused to answer", 1),
        (says("", "content_filter"), "refused", "refused to answer", 1),
        (says(42), "nothing", "the model said nothing", 1),
        (lambda _: JSONResponse({"choices": []}), "bad-answer", "no chat completion", 1),
        (lambda _: JSONResponse({"error": "no"}), "bad-answer", "no chat completion", 1),
        (lambda _: JSONResponse(None), "bad-answer", "no chat completion", 1),
        (lambda _: Response("<html>"), "bad-answer", "sent no JSON", 1),
        (lambda _: Response("[" * 90_000), "bad-answer", "sent no JSON", 1),
        (lambda _: JSONResponse(completion("x" * 1_000_000)), "bad-answer", "larger", 1),
        (lambda _: StreamingResponse(_endless()), "bad-answer", "larger", 1),
    ],
)  # fmt: skip
def test_a_failure_is_an_apology_in_the_language_of_the_question(
    chat: ScriptedChat, reply: Reply, reason: str, cause: str, asked: int
) -> None:
    chat.replies = [reply]
    with capture_logs() as logs, pytest.raises(ResponderError) as caught:
        chat.ask(question("secret words", language="de-AT"), chat_api_key="sk-ours")
    assert cause in str(caught.value)
    assert caught.value.reason == reason
    assert caught.value.apology.startswith("Tut mir leid")
    assert caught.value.language == "de"
    assert len(chat.requests) == asked
    assert [log["event"] for log in logs] == ["responder failed"]
    assert "secret" not in json.dumps(logs)
    assert "sk-ours" not in json.dumps(logs)


def test_a_slow_model_is_given_up_at_the_deadline(chat: ScriptedChat) -> None:
    async def slow() -> Any:
        await asyncio.sleep(30)
        yield b""

    chat.replies = [lambda _: StreamingResponse(slow())]
    asking = ChatResponder(ChatAddress(chat.url, "", "local", 20))

    async def once() -> None:
        responder = GuardedResponder(asking, name="openai", deadline=0.5)
        with pytest.raises(ResponderError, match=r"no answer within 0\.5 s") as caught:
            await responder.answer(question("Hi", language="ja"))
        await responder.aclose()
        assert caught.value.apology.startswith("申し訳")

    asyncio.run(once())


def test_a_server_that_is_not_there_is_an_apology() -> None:
    with ScriptedChat().running() as gone:
        pass
    with pytest.raises(ResponderError, match="no connection to the chat server") as caught:
        gone.ask(question("Hi"))
    assert caught.value.reason == "unreachable"
    assert caught.value.apology


# Long answers -------------------------------------------------------------------------------

LONG = "This is one of very many sentences. " * 20


def test_a_long_answer_comes_with_a_summary_to_speak(chat: ScriptedChat) -> None:
    chat.replies = [says(LONG), says("In short: many.")]
    answer = chat.ask(question("Tell me all"), long_answers="summary", max_seconds=20.0)
    assert (answer.text, answer.spoken) == (LONG.strip(), "In short: many.")
    told = chat.requests[-1]["messages"][-2:]
    assert told[0] == {"role": "assistant", "content": LONG.strip()}
    assert "at most 22 words" in told[1]["content"]


@pytest.mark.parametrize("second", [error(400), says(""), says(LONG + LONG)])
def test_without_a_summary_the_answer_stands(chat: ScriptedChat, second: Reply) -> None:
    chat.replies = [says(LONG), second]
    answer = chat.ask(question("Tell me all"), long_answers="summary", max_seconds=20.0)
    assert (answer.text, answer.spoken) == (LONG.strip(), "")


def test_a_summary_needs_a_model() -> None:
    with pytest.raises(ConfigurationError, match="MEMO_LONG=summary needs openai"):
        build_responder(load_settings(responder="echo", long_answers="summary", _env_file=None))
