"""What people asked, and what of it is meant for the bot itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers.requests import Request, parse_request
from app.linq.events import InboundMessage, Part
from app.policy.wording import message_text


def message(*parts: Part | str) -> InboundMessage:
    whole = tuple(Part("text", text=one) if isinstance(one, str) else one for one in parts)
    return InboundMessage("event", "message", "chat", "+13125550177", whole)


def test_several_messages_are_one_question_of_a_line_each() -> None:
    assert parse_request([message("Hello"), message("Are you open?")]) == Request(
        "Hello\nAre you open?"
    )


def test_what_was_heard_is_said_where_the_voice_memo_stands() -> None:
    heard = Part("audio", text="And do you repair brakes?")
    assert (
        message_text(message("Hello", heard, "Thanks"))
        == "Hello\nAnd do you repair brakes?\nThanks"
    )


@pytest.mark.parametrize("kind", ["audio", "media", "other"])
def test_the_sign_that_stands_for_a_file_is_no_word(kind: str) -> None:
    file = Part(kind)  # type: ignore[arg-type]
    assert parse_request([message("\ufffc", file)]) == Request("")
    assert parse_request([message("\ufffc Look!", file)]) == Request("Look!")
    assert parse_request([message("\u200b \ufe0f", file)]).command is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["/reset"], Request("", reset=True, command="reset")),
        (["Hi", "/reset", "What is it?"], Request("What is it?", reset=True, command="reset")),
        (["text please", "Hi"], Request("Hi", form="text", command="text")),
        (["Hi", "voice please"], Request("Hi", form="voice", command="voice")),
        (
            ["text please", "no, voice please"],
            Request("no, voice please", form="text", command="text"),
        ),
        (["text please", "voice please"], Request("", form="voice", command="voice")),
        (["text please", "/RESET"], Request("", reset=True, form="text", command="reset")),
        (["please /reset"], Request("please /reset")),
    ],
)
def test_commands_are_taken_out_one_by_one(texts: list[str], expected: Request) -> None:
    assert parse_request([message(text) for text in texts]) == expected


def test_configured_words_are_commands_too() -> None:
    said = [message("klartext"), message("Hallo")]
    assert parse_request(said, text_words=("Klartext!",)) == Request(
        "Hallo", form="text", command="text"
    )
    assert parse_request(said).form is None


def test_a_spoken_command_is_a_command() -> None:
    assert parse_request([message(Part("audio", text="Text please."))]).form == "text"


@given(st.lists(st.lists(st.text(max_size=30), max_size=3), max_size=4))
def test_any_texts_are_taken_in_without_adding_a_word(texts: list[list[str]]) -> None:
    found = parse_request([message(*one) for one in texts])
    given_words = {word for one in texts for text in one for word in text.split()}
    assert set(found.text.replace("\ufffc", " ").split()) <= {
        piece for word in given_words for piece in word.replace("\ufffc", " ").split()
    }
