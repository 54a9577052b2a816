"""What the ear cannot keep arrives as a text behind the memo, once; plain answers bring none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness, audible, durations

MENU = "\n".join(f"- {dish}" for dish in ("Soup", "Salad", "Pasta", "Fish", "Cake", "Coffee"))
LINK = "https://example.org/book?id=42"
ANSWER = f"Book your table for tonight: {LINK} and be welcome."
WRITTEN = f"Book your table for tonight: {LINK}"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    function = "python:tests.integration.repeating_responder:answer"
    with BotHarness(tmp_path_factory.mktemp("companion"), MEMO_RESPONDER=function) as bot:
        yield bot


@pytest.mark.parametrize(
    ("chat", "answer", "written"),
    [
        ("link", f"Book at {LINK} today, if you like.", f"Link: {LINK}"),
        ("phone", "Call us at +1 (555) 010-9999 tonight.", "Phone: +1 (555) 010-9999"),
        ("order", "Your order number is 48213-AB.", "Your order number: 48213-AB"),
        ("bank", "Pay to DE89 3704 0044 0532 0130 00 soon.",
         "Bank account: DE89 3704 0044 0532 0130 00"),
        ("list", f"Today we have:\n{MENU}", f"Today we have:\n{MENU}"),
        ("table", "Our prices:\n\n| Size | Price |\n|---|---|\n| Small | €4.50 |",
         "Our prices:\nSize | Price\nSmall | €4.50"),
    ],
)  # fmt: skip
def test_it_arrives_behind_the_memo_exactly(
    bot: BotHarness, chat: str, answer: str, written: str
) -> None:
    record = bot.ask(answer, chat)
    assert (record.state, record.reply_as) == ("sent", "voice")
    assert [bool(one["memo"]) for one in bot.sent(chat)] == [True, False]
    assert audible(bot.memos(chat))
    assert bot.texts(chat) == [written]
    assert bot.turns(chat)[-1] == ("assistant", answer)


@pytest.mark.parametrize(
    "answer",
    ["It costs €18.50.", "We open at 9:00.", "It was founded in 1998.", "Come on 21.11.2026."],
)
def test_a_plain_answer_brings_no_text(bot: BotHarness, answer: str) -> None:
    bot.ask(answer, answer)
    assert [bool(one["memo"]) for one in bot.sent(answer)] == [True]


def test_where_nothing_is_left_to_speak_the_text_alone_is_the_answer(bot: BotHarness) -> None:
    record = bot.ask(LINK, "only")
    assert (record.state, record.reason, record.reply_as) == ("sent", "answer", "text")
    assert [bool(one["memo"]) for one in bot.sent("only")] == [False]
    assert bot.texts("only") == [LINK]


def test_without_a_memo_the_answer_goes_out_once_as_it_was(bot: BotHarness) -> None:
    bot.ask(ANSWER, "sms", service="SMS")
    assert bot.texts("sms") == [ANSWER]
    fault = {"kind": "status", "status": 400, "code": 1005, "endpoint": "voicememo"}
    bot.sandbox.faults([fault])
    bot.ask(ANSWER, "refused")
    assert [bool(one["memo"]) for one in bot.sent("refused")] == [False]
    assert bot.texts("refused") == [ANSWER]


def test_a_memo_that_cannot_be_delivered_is_followed_by_its_whole_words(bot: BotHarness) -> None:
    bot.sandbox.faults([{"endpoint": "voicememo", "kind": "fail", "code": 4005}])
    bot.ask(ANSWER, "undeliverable")
    bot.wait(lambda: sorted(bot.texts("undeliverable")) == sorted([WRITTEN, ANSWER]))


def test_of_a_zero_retention_chat_neither_is_kept(bot: BotHarness) -> None:
    record = bot.ask(ANSWER, "zero", zero_retention=True)
    assert bot.texts("zero") == [WRITTEN]
    assert (record.text, record.written, record.spoken) == (None, None, None)


def test_it_can_be_turned_off_and_always_on(bot: BotHarness) -> None:
    """Last, for the bot begins anew."""
    bot.restart(MEMO_COMPANION="never")
    bot.ask(ANSWER, "never")
    assert [bool(one["memo"]) for one in bot.sent("never")] == [True]
    bot.restart(MEMO_COMPANION="always")
    for chat, answer in (("always", "We open at nine."), ("always with", f"It is {LINK} now.")):
        bot.ask(answer, chat)
        assert [bool(one["memo"]) for one in bot.sent(chat)] == [True, False]
        assert bot.texts(chat) == [answer]
    bot.restart(MEMO_COMPANION="auto", MEMO_REPLY_AS="both")
    bot.ask(ANSWER, "both")
    assert [bool(one["memo"]) for one in bot.sent("both")] == [True, False]
    assert bot.texts("both") == [ANSWER]
    # The memo says no more than that of the answer by voice alone: the link is not read out.
    assert durations(bot.memos("both")) < durations(bot.memos("never"))
