"""Several quick messages get one answer; who asks to stop meanwhile gets none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness import BotHarness

PAUSE_SECONDS = 1


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    folder = tmp_path_factory.mktemp("collecting")
    with BotHarness(folder, MEMO_DEBOUNCE_SECONDS=str(PAUSE_SECONDS)) as bot:
        yield bot


def first_of(bot: BotHarness, chat: str) -> list[str]:
    """The texts of a chat's messages in the order in which the bot took them in."""
    inbound = [
        one
        for one in bot.sandbox.state()["messages"]
        if one["chat"] == chat and one["direction"] == "inbound"
    ]
    return [one["text"] for one in sorted(inbound, key=lambda one: one["acknowledged_number"])]


def test_three_quick_messages_get_one_answer_that_takes_all_into_account(bot: BotHarness) -> None:
    sent = [bot.say(text, "three") for text in ("Hello", "I have a question", "Are you open?")]
    answers = [bot.over(one) for one in sent]
    assert {one.answer_id for one in answers} == {answers[0].answer_id}
    assert answers[0].text == "You said: Hello\nI have a question\nAre you open?"
    assert len(bot.sent("three")) == 1

    def collected() -> bool:
        ends = [one for one in bot.bot.events("answer collected") if one["chat"] == chat_id]
        return [one["reason"] for one in ends] == ["collected", "collected"]

    chat_id = bot.chat("three")["id"]
    bot.wait(collected)
    assert len(bot.sent("three")) == 1


def typing(bot: BotHarness, chat: str, what: str) -> None:
    bot.say(None, chat, event_type=f"chat.typing_indicator.{what}")


def test_who_goes_on_typing_is_waited_for(bot: BotHarness) -> None:
    first = bot.say("Hello", "typist")
    typing(bot, "typist", "started")
    time.sleep(1.8 * PAUSE_SECONDS)
    second = bot.say("Are you open?", "typist")
    assert bot.over(second).text == "You said: Hello\nAre you open?"
    assert bot.over(first).answer_id == bot.over(second).answer_id


def test_they_are_taken_in_the_order_of_sending_however_they_arrive(bot: BotHarness) -> None:
    late = {"endpoint": "webhook", "kind": "reorder", "event_type": "message.received"}
    bot.sandbox.faults([late])
    sent = [bot.say(text, "reordered") for text in ("One", "two", "three")]
    assert bot.over(sent[2]).text == "You said: One\ntwo\nthree"
    assert first_of(bot, "reordered") != ["One", "two", "three"]
    assert len(bot.sent("reordered")) == 1


def test_after_a_pause_the_next_message_is_a_question_of_its_own(bot: BotHarness) -> None:
    assert bot.ask("First", "pausing").text == "You said: First"
    assert bot.ask("Second", "pausing").text == "You said: Second"


@pytest.mark.parametrize(("stop", "reason"), [("STOP", "opt_out"), ("Stop.", "asked_to_stop")])
def test_a_stop_among_them_cancels_the_answer(bot: BotHarness, stop: str, reason: str) -> None:
    sent = [bot.say(text, stop) for text in ("Hello", "Are you open?", stop)]
    ends = [bot.ended(one) for one in sent[:2]]
    assert [(end["event"], end["reason"]) for end in ends] == [("answer silent", reason)] * 2
    assert bot.sent(stop) == []
    bot.wait(lambda: "typing" not in bot.calls() or not bot.chat(stop)["typing"])
    assert bot.ask("I am back", stop).text == "You said: I am back"
    assert len(bot.sent(stop)) == 1


def test_a_stop_that_overtakes_the_question_cancels_it_too(bot: BotHarness) -> None:
    late = {"endpoint": "webhook", "kind": "reorder", "event_type": "message.received"}
    bot.sandbox.faults([late])
    question = bot.say("Are you open?", "overtaken")
    bot.say("stop", "overtaken")
    assert bot.ended(question)["reason"] == "asked_to_stop"
    assert first_of(bot, "overtaken")[0] == "stop"
    assert bot.sent("overtaken") == []


def test_in_a_group_a_stop_cancels_only_what_its_sender_asked(bot: BotHarness) -> None:
    anna, ben = "+13125550001", "+13125550002"
    group: dict[str, Any] = {"chat": "family", "members": [anna, ben]}
    bot.say("Memo one", **group, sender=anna, mention=True)
    asked = bot.say("Memo two", **group, sender=ben, mention=True)
    bot.say("STOP", **group, sender=anna)
    assert bot.over(asked).text == "You said: Memo two"
    assert len(bot.sent("family")) == 1


def test_commands_among_quick_messages_are_obeyed_and_the_rest_is_answered(
    bot: BotHarness,
) -> None:
    sent = [bot.say(text, "commands") for text in ("Forget this", "/reset", "text please", "Hi")]
    answer = bot.over(sent[0])
    assert (answer.text, answer.reply_as) == ("You said: Hi", "text")
    assert bot.turns("commands") == [("user", "Hi"), ("assistant", "You said: Hi")]


def test_an_edited_message_is_not_answered_twice(bot: BotHarness) -> None:
    message = bot.say("Are you opne?", "edited")
    edit = {"event_type": "message.edited", "target": message, "text": "Are you open?"}
    bot.sandbox.inbound(chat="edited", **edit)
    bot.over(message)
    bot.sandbox.inbound(chat="edited", **edit)
    edits = r'voicememo_webhooks_total\{outcome="ignored",reason="edited"\}'
    bot.wait(lambda: bot.bot.metric(edits) == 2)
    bot.ask("Something else", "after the edit")
    assert len(bot.sent("edited")) == 1
