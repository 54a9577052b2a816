"""Whatever a responder does, the person gets an answer and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness, audible

APOLOGY = "Sorry, I cannot answer that right now."


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    function = "python:tests.integration.odd_responders:respond"
    with BotHarness(
        tmp_path_factory.mktemp("odd"), MEMO_RESPONDER=function, MEMO_MAX_SECONDS="10"
    ) as bot:
        yield bot


@pytest.fixture(scope="module")
def hanging(bot: BotHarness) -> str:
    """A message whose responder hangs, asked before all others."""
    return bot.say("hangs for ever", "hangs")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("raises", "raised"),
        ("exits", "raised"),
        ("nothing", "nothing"),
        ("number", "bad-answer"),
    ],
)
def test_a_responder_that_fails_is_apologised_for_aloud(
    bot: BotHarness, hanging: str, word: str, code: str
) -> None:
    answer = bot.ask(f"{word} my secret words", word)
    assert (answer.state, answer.reason, answer.responder_code) == ("sent", "apology", code)
    assert APOLOGY in (answer.text or "")
    assert audible(bot.memos(word))
    assert bot.ask("hello", word).reason == "answer"


def test_a_responder_that_says_nothing_on_purpose_is_let_be(bot: BotHarness, hanging: str) -> None:
    answer = bot.ask("silent please", "silent")
    assert (answer.reason, answer.responder_code) == ("responder_silent", "python")
    assert bot.sent("silent") == []
    bot.wait(lambda: not bot.chat("silent")["typing"])


def test_ten_megabytes_become_a_memo_of_bounded_length_and_a_bounded_text(
    bot: BotHarness, hanging: str
) -> None:
    bot.ask("huge thing", "huge")
    memos, texts = bot.memos("huge"), bot.texts("huge")
    assert audible(memos)
    assert memos[0]["memo"]["probe"]["duration"] <= 10.5
    assert len(texts) == 1
    assert 5_000 < len(texts[0]) < 10_000


def test_the_rest_of_a_long_answer_follows_as_text_each_time(bot: BotHarness, hanging: str) -> None:
    for chat in ("long", "long again"):
        bot.ask("lengthy", chat)
        assert bot.memos(chat)[0]["memo"]["probe"]["duration"] <= 10.5
        assert bot.texts(chat)[0].startswith("This sentence")
        assert len(bot.sent(chat)) == 2


def test_markup_is_neither_read_aloud_nor_lost(bot: BotHarness, hanging: str) -> None:
    answer = bot.ask("markup here", "markup")
    assert (answer.state, answer.reply_as) == ("sent", "voice")
    assert audible(bot.memos("markup"))


@pytest.mark.parametrize("word", ["control", "language"])
def test_what_no_database_or_voice_takes_does_no_harm(
    bot: BotHarness, hanging: str, word: str
) -> None:
    assert bot.ask(f"{word} characters", word).state == "sent"
    assert len(bot.sent(word)) == 1


def test_an_answer_without_anything_to_speak_is_written(bot: BotHarness, hanging: str) -> None:
    assert bot.ask("emoji only", "emoji").reason == "nothing_to_say"
    assert bot.texts("emoji") == ["🎉🎉🎉"]


def test_while_one_responder_hangs_the_others_answer(bot: BotHarness, hanging: str) -> None:
    assert bot.ask("hello", "meanwhile").state == "sent"


def test_a_responder_that_hangs_is_apologised_for_at_its_deadline(
    bot: BotHarness, hanging: str
) -> None:
    answer = bot.over(hanging)
    assert (answer.reason, answer.responder_code) == ("apology", "deadline")
    assert APOLOGY in (answer.text or "")


def test_no_word_of_a_chat_gets_into_the_log(bot: BotHarness, hanging: str) -> None:
    bot.ask("raises my secret words", "words")
    assert "secret" not in bot.bot.log


def test_turns_quicker_than_a_person_s_are_stopped(bot: BotHarness, hanging: str) -> None:
    """Another bot that has something new to say to every answer."""
    for number in range(30):
        answer = bot.ask(f"and also {number}", "quick bot")
        if answer.state == "silent":
            break
    assert (answer.reason, number) == ("loop", 16)
    assert len(bot.sent("quick bot")) == 16


def test_what_belongs_in_writing_goes_out_beside_the_memo_word_for_word(
    bot: BotHarness, hanging: str
) -> None:
    answer = bot.ask("companion please", "companion")
    assert answer.state == "sent"
    assert [bool(one["memo"]) for one in bot.sent("companion")] == [True, False]
    assert bot.texts("companion") == ["Booking: https://example.org/b?id=42"]
    assert bot.turns("companion")[-1] == ("assistant", "I am sending you the link.")


def test_without_a_memo_the_words_and_what_belongs_in_writing_are_one_text(
    bot: BotHarness, hanging: str
) -> None:
    bot.ask("companion please", "companion by text", service="SMS")
    assert bot.texts("companion by text") == [
        "I am sending you the link.\n\nBooking: https://example.org/b?id=42"
    ]
