"""Enough is enough: limits with one polite notice, and bots that answer each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness, audible

LIMIT = 4


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    folder = tmp_path_factory.mktemp("limits")
    with BotHarness(folder, MEMO_SENDER_LIMIT=str(LIMIT), MEMO_GROUPS="always") as bot:
        yield bot


def test_over_the_limit_there_is_one_polite_notice_and_then_silence(bot: BotHarness) -> None:
    ends = [bot.ask(f"Message {number}", "eager") for number in range(LIMIT + 3)]
    assert [one.state for one in ends] == ["sent"] * (LIMIT + 1) + ["silent"] * 2
    assert [one.reason for one in ends[LIMIT:]] == ["limited"] * 3
    assert "Please give me a few minutes." in (ends[LIMIT].text or "")
    assert len(bot.sent("eager")) == LIMIT + 1
    assert audible(bot.memos("eager"))
    assert bot.bot.metric(r'voicememo_answers_total\{reason="limited",state="silent"\}') == 2
    assert bot.ask("Hello", "patient").state == "sent"


def test_a_person_has_one_limit_in_all_chats(bot: BotHarness) -> None:
    anna, ben = "+13125550001", "+13125550002"
    for number in range(LIMIT):
        bot.ask(f"Message {number}", "with Anna", sender=anna)
    group = {"members": [anna, ben]}
    assert bot.ask("Hello", "group", sender=anna, **group).reason == "limited"
    assert bot.ask("Hello", "group", sender=ben, **group).reason == "answer"


def test_a_group_has_a_limit_of_its_own(bot: BotHarness) -> None:
    people = [f"+1312556000{number}" for number in range(LIMIT + 1)]
    group = {"members": people}
    asked = [
        bot.say(f"Message {number}", "party", sender=sender, **group)
        for number in range(LIMIT - 1)
        for sender in people
    ]
    reasons = [bot.over(one).reason for one in asked]
    assert reasons.count("answer") == 3 * LIMIT
    assert len(bot.sent("party")) == 3 * LIMIT + 1


def test_what_is_not_answered_counts_for_no_limit(bot: BotHarness) -> None:
    for _ in range(LIMIT + 1):
        bot.say("stop", "stopping")
        bot.say("Old", "stopping", sent_at="2026-01-01T00:00:00Z")
    assert bot.ask("Hello", "stopping").reason == "answer"


def test_a_bot_that_repeats_every_memo_is_stopped(bot: BotHarness) -> None:
    words = "Welcome to Bluebird Bikes!"
    for number in range(LIMIT + 3):  # noqa: B007
        answer = bot.ask(words, "echo bot")
        if answer.state == "silent":
            break
        words = answer.text or ""
    assert (answer.reason, number) == ("loop", 2)
    assert len(bot.sent("echo bot")) == 2
    assert "two bots seem to answer each other" in bot.bot.log


def test_after_a_loop_a_person_is_answered_again(bot: BotHarness) -> None:
    bot.ask("You said: You said: hello", "person after bot")
    assert bot.ask("Sorry, that was my robot", "person after bot").reason == "answer"
