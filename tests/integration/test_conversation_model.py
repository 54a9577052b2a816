"""Conversations with a language model behind an OpenAI-compatible server: memory and patience."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from app.audio import encode
from app.store.conversations import HISTORY_CHARACTERS, HISTORY_TURNS
from tests.harness import BotHarness, audible
from tests.integration.audio_files import iphone_aac_in_caf, iphone_opus_in_caf, tone
from tests.integration.chat_server import ChatServer, Message, answer_in_words

TYPING_SECONDS = 0.4


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BotHarness, ChatServer]]:
    with ChatServer().running() as model:
        folder = tmp_path_factory.mktemp("model")
        with BotHarness(
            folder,
            MEMO_RESPONDER="openai",
            MEMO_CHAT_BASE_URL=model.url,
            MEMO_CHAT_MODEL="local",
            MEMO_CHAT_PROMPT="You speak for Bluebird Bikes.",
            MEMO_CHAT_VISION="true",
            MEMO_TRANSCRIBE_BASE_URL=model.url,
            TEST_TYPING_REFRESH_SECONDS=str(TYPING_SECONDS),
        ) as bot:
            yield bot, model


@pytest.fixture
def bot(servers: tuple[BotHarness, ChatServer]) -> BotHarness:
    return servers[0]


@pytest.fixture
def model(servers: tuple[BotHarness, ChatServer]) -> ChatServer:
    model = servers[1]
    model.say, model.status, model.heard = answer_in_words, 200, "Hello there"
    model.may_answer.set()
    model.conversations.clear()
    model.recordings = 0
    return model


def said(messages: list[Message]) -> list[tuple[str, str]]:
    return [(one["role"], one["content"]) for one in messages]


def test_in_ten_turns_the_model_is_told_all_that_both_sides_said_before(
    bot: BotHarness, model: ChatServer
) -> None:
    expected: list[tuple[str, str]] = []
    for number in range(1, 11):
        question = f"Question number {number}?"
        expected.append(("user", question))
        answer = bot.ask(question, "ten turns")
        system, *turns = said(model.conversations[-1])
        assert system[0] == "system"
        assert "You speak for Bluebird Bikes." in system[1]
        assert turns == expected
        assert answer.text == f"Answer {number} to: {question}"
        expected.append(("assistant", answer.text))
    assert len(bot.memos("ten turns")) == 10
    assert audible(bot.memos("ten turns"))


def test_a_chat_knows_nothing_of_another(bot: BotHarness, model: ChatServer) -> None:
    bot.ask("My secret is the number five.", "one person")
    bot.ask("What is my secret?", "another person")
    assert "secret is the number" not in str(model.conversations[-1])


def test_reset_forgets_what_was_said_and_says_so(bot: BotHarness, model: ChatServer) -> None:
    bot.ask("My name is Anna.", "reset")
    assert bot.ask(" /Reset ", "reset").reason == "reset"
    assert bot.turns("reset") == []
    bot.ask("What is my name?", "reset")
    assert [one["content"] for one in model.conversations[-1][1:]] == ["What is my name?"]
    assert len(model.conversations) == 2
    assert len(bot.memos("reset")) == 3


def test_the_model_is_told_what_a_message_replies_to(bot: BotHarness, model: ChatServer) -> None:
    first = bot.ask("Which colours are there?", "quote")
    bot.ask("And sizes?", "quote")
    bot.ask("Only that?", "quote", reply_to={"message_id": first.memo_message_id})
    system = model.conversations[-1][0]["content"]
    assert f"replies to: {first.text!r}" in system
    assert "replies to" not in model.conversations[-2][0]["content"]


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("text", ["Is this chain worn?", None])
def test_a_model_that_sees_is_shown_pictures(
    bot: BotHarness, model: ChatServer, text: str | None
) -> None:
    chat = f"picture {text}"
    answer = bot.over(bot.record(PNG, "chain.png", "image/png", chat, text=text))
    assert (answer.state, answer.reason) == ("sent", "answer")
    words, picture = cast(list[dict[str, Any]], model.conversations[-1][-1]["content"])
    assert words == {"type": "text", "text": text or "(a picture)"}
    data = base64.b64encode(PNG).decode()
    assert picture["image_url"]["url"] == f"data:image/png;base64,{data}"
    assert "can't look" not in (answer.text or "")


def test_a_file_that_is_no_picture_is_said_not_to_be_seen(
    bot: BotHarness, model: ChatServer
) -> None:
    answer = bot.over(bot.record(b"no picture", "a.heic", "image/heic", "heic", text="Look!"))
    assert model.conversations[-1][-1]["content"] == "Look!"
    assert "can't look at pictures" in (answer.text or "")


def test_a_failure_is_apologised_for_aloud_and_the_next_turn_works(
    bot: BotHarness, model: ChatServer
) -> None:
    model.status = 400
    failed = bot.ask("Are you there?", "failing")
    assert (failed.reason, failed.responder_code) == ("apology", "refused")
    assert "Sorry, I cannot answer that right now." in (failed.text or "")
    assert audible(bot.memos("failing"))
    model.status = 200
    assert (bot.ask("And now?", "failing").text or "").endswith("to: And now?")
    assert said(model.conversations[-1])[1:] == [
        ("user", "Are you there?"),
        ("user", "And now?"),  # the apology is none of the model's answers
    ]


def test_a_slow_model_keeps_typing_alive(bot: BotHarness, model: ChatServer) -> None:
    model.may_answer.clear()
    before = bot.calls().get("typing", 0)
    message = bot.say("Think about it", "slow")
    bot.wait(lambda: bot.calls().get("typing", 0) >= before + 4)
    assert bot.chat("slow")["typing"]
    assert bot.chat("slow")["read_at"]
    assert not bot.sent("slow")
    model.may_answer.set()
    assert bot.over(message).state == "sent"
    bot.wait(lambda: not bot.chat("slow")["typing"])


def test_who_asks_to_stop_while_the_model_thinks_is_left_alone(
    bot: BotHarness, model: ChatServer
) -> None:
    model.may_answer.clear()
    question = bot.say("Tell me a long story", "stopping")
    bot.wait(lambda: model.conversations)
    bot.wait(lambda: bot.chat("stopping")["typing"])
    bot.say("Stop.", "stopping")
    bot.wait(lambda: bot.chat("stopping")["acknowledged"] == 2)
    model.may_answer.set()
    assert bot.ended(question)["reason"] == "asked_to_stop"
    assert bot.sent("stopping") == []
    bot.wait(lambda: not bot.chat("stopping")["typing"])


@pytest.mark.parametrize(
    ("make", "filename", "mime_type"),
    [
        (lambda: encode(tone(), "m4a").data, "Audio Message.m4a", "audio/x-m4a"),
        (iphone_opus_in_caf, "Audio Message.caf", "audio/x-caf"),
        (iphone_aac_in_caf, "Audio Message.caf", "audio/x-caf"),
        (lambda: encode(tone(), "amr").data, "memo.amr", "audio/amr"),
    ],
    ids=["m4a", "caf-opus", "caf-aac", "amr"],
)
def test_a_voice_memo_is_heard_answered_and_remembered(
    bot: BotHarness,
    model: ChatServer,
    make: Callable[[], bytes],
    filename: str,
    mime_type: str,
    request: pytest.FixtureRequest,
) -> None:
    chat = request.node.callspec.id
    model.heard = f"Do you sell {chat}?"
    answer = bot.over(bot.record(make(), filename, mime_type, chat))
    assert answer.text == f"Answer 1 to: Do you sell {chat}?"
    assert model.recordings == 1
    assert audible(bot.memos(chat))
    assert bot.turns(chat) == [("user", f"Do you sell {chat}?"), ("assistant", answer.text)]


def test_a_bot_that_speaks_our_words_back_is_stopped(bot: BotHarness, model: ChatServer) -> None:
    model.heard = "Welcome to Bluebird Bikes"
    answers = []
    for _ in range(3):
        recording = encode(tone(), "m4a").data
        answers.append(bot.over(bot.record(recording, "a.m4a", "audio/x-m4a", "talking bot")))
        model.heard = answers[-1].text or ""
    assert [one.reason for one in answers] == ["answer", "answer", "loop"]
    assert len(bot.sent("talking bot")) == 2
    bot.wait(lambda: not bot.chat("talking bot")["typing"])


def test_words_beside_a_voice_memo_are_answered_with_it(bot: BotHarness, model: ChatServer) -> None:
    model.heard = "And do you repair brakes?"
    recording = encode(tone(), "m4a").data
    sent = bot.record(recording, "Audio.m4a", "audio/x-m4a", "beside", text="Are you open?")
    assert set((bot.over(sent).text or "").removeprefix("Answer 1 to: ").splitlines()) == {
        "Are you open?",
        "And do you repair brakes?",
    }
    assert len(bot.sent("beside")) == 1


def test_silence_in_a_recording_is_told_kindly_and_costs_no_model(
    bot: BotHarness, model: ChatServer
) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 16_000, 0, "NONE", ""))
        writer.writeframes(bytes(2 * 32_000))
    answer = bot.over(bot.record(file.getvalue(), "memo.wav", "audio/x-wav", "silence"))
    assert answer.reason == "heard_nothing"
    assert "couldn't make out any words" in (answer.text or "")
    assert (model.recordings, model.conversations) == (0, [])


def test_what_was_said_survives_a_restart(bot: BotHarness, model: ChatServer) -> None:
    bot.ask("My name is Anna.", "restart")
    bot.restart()
    bot.ask("What is my name?", "restart")
    assert [one["content"] for one in model.conversations[-1][1:]] == [
        "My name is Anna.",
        "Answer 1 to: My name is Anna.",
        "What is my name?",
    ]


def test_the_model_is_sent_a_bounded_history(bot: BotHarness, model: ChatServer) -> None:
    model.say = lambda _: "Yes."
    for number in range(4):
        bot.ask(f"{number} " + "please " * 600, "long")
    sent = [one["content"] for one in model.conversations[-1][1:-1]]
    assert [text[:2] for text in sent if text != "Yes."] == ["1 ", "2 "]
    assert sum(map(len, sent)) <= HISTORY_CHARACTERS
    for number in range(HISTORY_TURNS // 2 + 2):
        bot.ask(f"Short {number}", "many")
    sent = [one["content"] for one in model.conversations[-1][1:-1]]
    assert len(sent) == HISTORY_TURNS
    assert sent[0] == "Short 1"
