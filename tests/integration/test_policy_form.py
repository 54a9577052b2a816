"""The form of an answer: voice, text, both or mirrored, as is set or as the person wishes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness, audible
from tests.integration.transcription import M4A


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    words = {"MEMO_TEXT_WORDS": "schreib mal, no audio", "MEMO_VOICE_WORDS": "sprich mit mir"}
    with BotHarness(tmp_path_factory.mktemp("form"), MEMO_REPLY_AS="mirror", **words) as bot:
        yield bot


def kinds(bot: BotHarness, chat: str) -> list[str]:
    """What the bot sent into a chat, in order."""
    return ["memo" if one["memo"] else "text" for one in bot.sent(chat)]


def test_mirrored_a_text_gets_a_text_and_a_voice_memo_a_voice_memo(bot: BotHarness) -> None:
    bot.ask("Hello", "mirror")
    assert bot.texts("mirror") == ["You said: Hello"]
    bot.over(bot.record(M4A, "Audio.m4a", "audio/x-m4a", "mirror"))
    assert kinds(bot, "mirror") == ["text", "memo"]
    assert audible(bot.memos("mirror"))


def test_without_a_pause_each_message_gets_an_answer_of_its_own_in_order(bot: BotHarness) -> None:
    sent = [bot.say(text, "each") for text in ("One", "two", "three")]
    for one in sent:
        bot.over(one)
    assert bot.texts("each") == ["You said: One", "You said: two", "You said: three"]


@pytest.mark.parametrize(
    "words", ["Voice please!", "/voice", "Sprachnachricht bitte", "sprich mit mir", "请发语音"]
)
def test_who_asks_for_voice_gets_voice_from_now_on(bot: BotHarness, words: str) -> None:
    bot.ask("Hello", words)
    assert bot.ask(words, words).reason == "switch_voice"
    bot.ask("Hello again", words)
    assert kinds(bot, words) == ["text", "memo", "memo"]


def test_a_text_message_by_sms_gets_a_text_whatever_was_asked_for(bot: BotHarness) -> None:
    bot.ask("voice please", "sms", service="SMS")
    bot.ask("Hello", "sms", service="SMS")
    assert kinds(bot, "sms") == ["text", "text"]
    bot.ask("Hello", "sms", service="iMessage")
    assert kinds(bot, "sms") == ["text", "text", "memo"]


def test_the_form_is_a_matter_of_the_chat_and_not_of_the_person(bot: BotHarness) -> None:
    anna, group = "+13125550001", {"members": ["+13125550001", "+13125550002"]}
    bot.ask("voice please", "with Anna", sender=anna)
    bot.ask("Memo, hello", "group", sender=anna, mention=True, **group)
    bot.ask("Hello", "with Anna", sender=anna)
    assert kinds(bot, "with Anna") == ["memo", "memo"]
    assert kinds(bot, "group") == ["text"]


def test_the_wish_survives_a_restart_and_other_settings(bot: BotHarness) -> None:
    for wish in ("text please", "Text bitte.", "schreib mal", "NO AUDIO", "テキストでお願いします"):
        bot.ask(wish, f"wishes {wish}")
    bot.ask("voice please", "wishes voice")
    bot.restart(MEMO_REPLY_AS="both")
    for wish in ("text please", "Text bitte.", "schreib mal", "NO AUDIO", "テキストでお願いします"):
        bot.ask("Hello", f"wishes {wish}")
        assert kinds(bot, f"wishes {wish}") == ["text", "text"]
    bot.ask("Hello", "wishes voice")
    assert kinds(bot, "wishes voice") == ["memo", "memo"]
    bot.ask("Hello", "wishes nothing")
    assert kinds(bot, "wishes nothing") == ["memo", "text"]
    assert bot.texts("wishes nothing") == ["You said: Hello"]
    bot.restart(MEMO_REPLY_AS="text")
    bot.over(bot.record(M4A, "Audio.m4a", "audio/x-m4a", "only text"))
    assert kinds(bot, "only text") == ["text"]
    bot.restart(MEMO_REPLY_AS="voice")
    bot.ask("Hello", "only voice")
    assert kinds(bot, "only voice") == ["memo"]


def test_no_answer_quotes_a_message(bot: BotHarness) -> None:
    bot.ask("Hello", "quoting", reply_to="7d3ce1b2-3f5e-4ac1-a5be-1c2f7a0c9b21")
    sent = [one for one in bot.sandbox.state()["messages"] if one["direction"] == "outbound"]
    assert sent
    assert {one["reply_to"] for one in sent} == {None}
