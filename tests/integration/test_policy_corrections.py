"""Nobody is answered past each other: a correction that comes before the answer is taken in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness import BotHarness

SECONDS = "1.5"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    with BotHarness(
        tmp_path_factory.mktemp("corrections"),
        MEMO_RESPONDER="python:tests.faults.slow_responder:answer",
        TEST_SLOW_SECONDS=SECONDS,
    ) as bot:
        yield bot


def composing(bot: BotHarness, text: str, chat: str, **options: Any) -> str:
    """Somebody writes, and the bot is at work on it."""
    before = bot.calls().get("typing", 0)
    message = bot.say(text, chat, **options)
    bot.call_underway("typing", before + 1)
    return message


def test_cake_for_saturday_sorry_for_sunday_gets_one_memo_for_sunday(bot: BotHarness) -> None:
    first = composing(bot, "slow cake for Saturday", "cake")
    second = bot.say("Sorry, for Sunday", "cake")
    answer = bot.over(first)
    assert (answer.state, answer.text) == (
        "sent",
        "You said: slow cake for Saturday\nSorry, for Sunday",
    )
    assert bot.over(second).answer_id == answer.answer_id
    bot.wait_until_over([first])
    assert [bool(one["memo"]) for one in bot.sent("cake")] == [True]
    assert bot.turns("cake")[0] == ("user", "slow cake for Saturday\nSorry, for Sunday")


def test_a_correction_right_before_the_memo_is_sent_is_taken_in_too(bot: BotHarness) -> None:
    bot.sandbox.faults([{"endpoint": "upload", "kind": "delay", "seconds": 1.5}])
    before = bot.calls().get("upload", 0)
    first = bot.say("Cake for Saturday, please", "late")
    bot.call_underway("upload", before + 1)
    bot.say("No wait, for Sunday", "late")
    assert bot.over(first).text == "You said: Cake for Saturday, please\nNo wait, for Sunday"
    bot.wait_until_over([first])
    assert len(bot.sent("late")) == 1


def test_a_correction_of_what_is_answered_in_writing_is_taken_in(bot: BotHarness) -> None:
    first = composing(bot, "slow cake for Saturday", "sms", service="SMS")
    bot.say("*Sunday", "sms", service="SMS")
    bot.wait_until_over([first])
    assert bot.texts("sms") == ["You said: slow cake for Saturday\n*Sunday"]


def test_a_second_question_gets_an_answer_of_its_own(bot: BotHarness) -> None:
    first = composing(bot, "slow cake for Saturday", "two")
    second = bot.say("And do you have candles?", "two")
    answers = bot.wait_until_over([first, second])
    assert [one.text for one in answers] == [
        "You said: slow cake for Saturday",
        "You said: And do you have candles?",
    ]
    assert len(bot.memos("two")) == 2


def test_a_correction_after_the_memo_gets_an_answer_of_its_own(bot: BotHarness) -> None:
    bot.ask("Cake for Saturday", "after")
    assert bot.ask("Sorry, for Sunday", "after").text == "You said: Sorry, for Sunday"
    assert len(bot.memos("after")) == 2


def test_where_messages_are_collected_every_newer_one_is_taken_in_and_typing_shows_at_once(
    bot: BotHarness,
) -> None:
    """Last, for the bot begins anew."""
    bot.restart(MEMO_DEBOUNCE_SECONDS="2")
    before = bot.calls().get("typing", 0)
    first = bot.say("slow cake for Saturday", "collected")
    bot.call_underway("typing", before + 1)
    answer = bot.ledger.find(first)
    assert answer is None or answer.state == "waiting", "it shows before the pause is over"
    composed = bot.wait(lambda: (found := bot.ledger.find(first)) and found.state == "working")
    assert composed
    bot.say("And do you have candles?", "collected")
    assert bot.over(first).text == "You said: slow cake for Saturday\nAnd do you have candles?"
    bot.wait_until_over([first])
    assert len(bot.sent("collected")) == 1
