"""Somebody else sends from the line: the bot is silent in that chat, and only in that one."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import pytest

from app.store import desk
from tests.harness import UNHEARD, BotHarness, person
from tests.sandbox_audio import tone

WORDS = "I'll take this one."


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    settings = {"MEMO_COLLEAGUES": "crm-", "MEMO_BLOCK": person("not ours")}
    with BotHarness(tmp_path_factory.mktemp("takeover"), **settings) as bot:
        yield bot


def state(bot: BotHarness, chat: str) -> str | None:
    chat_id = bot.chat(chat)["id"]
    return bot.database.read_sync(lambda c: desk.of_chat(c, chat_id, time.time())).state


def test_a_colleague_is_not_answered_over_and_their_words_are_remembered(bot: BotHarness) -> None:
    assert bot.ask("Hello", "colleague").state == "sent"
    bot.sandbox.outbound("colleague", WORDS)
    bot.wait(lambda: state(bot, "colleague") == "person")
    silent = bot.ask("Great, thanks", "colleague")
    assert (silent.state, silent.reason) == ("silent", "hand_over")
    assert len(bot.sent("colleague")) == 1
    assert bot.turns("colleague")[2:] == [("assistant", WORDS), ("user", "Great, thanks")]
    assert bot.ask("Hello", "somebody else").state == "sent"
    (line,) = bot.bot.events("somebody else writes in this chat, the bot is silent")
    assert WORDS not in bot.bot.log
    assert line["chat"] == bot.chat("colleague")["id"]


def test_a_voice_memo_to_a_person_at_the_desk_stands_in_the_conversation(bot: BotHarness) -> None:
    bot.ask("Hello", "heard by a person")
    bot.sandbox.outbound("heard by a person", WORDS)
    bot.wait(lambda: state(bot, "heard by a person") == "person")
    bot.over(bot.record(b"no sound", "a.m4a", "audio/x-m4a", "heard by a person"))
    assert bot.turns("heard by a person")[-1] == ("user", "(a voice memo)")


def test_what_another_program_sends_is_a_takeover_unless_it_is_named(bot: BotHarness) -> None:
    for chat, key in (("named", "crm-17"), ("not named", "billing-17")):
        bot.ask("Hello", chat)
        part = {"type": "text", "value": "Your order is on its way."}
        body = {"message": {"parts": [part], "idempotency_key": key}}
        path = f"/chats/{bot.chat(chat)['id']}/messages"
        bot.sandbox.api("POST", path, body).raise_for_status()
    bot.wait(lambda: state(bot, "not named") == "person")
    assert bot.ask("Thanks", "named").state == "sent"
    assert bot.ask("Thanks", "not named").reason == "hand_over"


@pytest.mark.parametrize("service", ["iMessage", "SMS"])
def test_what_the_bot_sends_itself_is_no_takeover(bot: BotHarness, service: str) -> None:
    """Memos, texts, and texts beside memos; SMS gets texts alone."""
    chat = f"own {service}"
    for text in ("Hello", "See https://example.org/a/long/one?x=1", "Hello"):
        assert bot.ask(text, chat, service=service).state == "sent"
    assert state(bot, chat) is None


def test_a_receipt_that_overtakes_the_response_is_no_takeover(bot: BotHarness) -> None:
    hold = {"endpoint": "voicememo", "kind": "accept_then_hang"}
    bot.sandbox.faults([hold])
    assert bot.ask("Hello", "overtaken").state == "sent"
    assert state(bot, "overtaken") is None
    hold = {"endpoint": "messages_send", "kind": "accept_then_hang"}
    bot.sandbox.faults([hold])
    assert bot.ask("Hello", "overtaken", service="SMS").state == "sent"
    assert state(bot, "overtaken") is None


def test_a_recording_of_a_colleague_is_a_takeover_too(bot: BotHarness) -> None:
    bot.ask("Hello", "recorded")
    recording = base64.b64encode(tone()).decode()
    bot.sandbox.outbound("recorded", None, audio_base64=recording, filename="a.m4a")
    bot.wait(lambda: state(bot, "recorded") == "person")


def test_where_no_webhook_tells_the_history_does_where_it_is_read(bot: BotHarness) -> None:
    """A memo of unknown outcome is looked up: whoever has written since is found there, too."""
    bot.ask("Hello", "history")
    bot.sandbox.faults([*UNHEARD, {"endpoint": "voicememo", "kind": "hang"}])
    message = bot.say("And today?", "history")
    bot.call_underway("voicememo", bot.calls()["voicememo"] + 1)
    bot.sandbox.outbound("history", WORDS)
    dropped = bot.over(message)
    bot.sandbox.clear_faults()
    assert (dropped.state, dropped.reason) == ("silent", "taken_over")
    assert len(bot.memos("history")) == 1
    assert ("assistant", WORDS) in bot.turns("history")


def test_in_a_chat_without_the_bot_no_word_is_kept(bot: BotHarness) -> None:
    bot.say("Hello", "not ours")
    bot.sandbox.outbound("not ours", "Your appointment is at nine")
    bot.wait(lambda: state(bot, "not ours") == "person")
    assert bot.turns("not ours") == []


def test_the_bot_answers_again_after_the_set_time_or_always(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with BotHarness(tmp_path_factory.mktemp("short"), MEMO_TAKEOVER_SECONDS="2") as bot:
        bot.ask("Hello", "short")
        bot.sandbox.outbound("short", WORDS)
        bot.wait(lambda: state(bot, "short") == "person")
        bot.wait(lambda: state(bot, "short") is None)
        assert bot.ask("Still there?", "short").state == "sent"
        bot.restart(MEMO_TAKEOVER_SECONDS="0")
        bot.sandbox.outbound("short", WORDS)
        assert bot.ask("Still there?", "short").state == "sent"


def test_a_message_that_is_told_of_late_silences_nobody(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with BotHarness(tmp_path_factory.mktemp("late"), MEMO_TAKEOVER_SECONDS="2") as bot:
        bot.ask("Hello", "late")
        # All of them: what is told of the bot's own memo may still be on its way.
        told_late = {"endpoint": "webhook", "kind": "late", "seconds": 2.5, "count": 10}
        events = ("message.sent", "message.delivered")
        bot.sandbox.faults([told_late | {"event_type": event} for event in events])
        bot.sandbox.outbound("late", WORDS)
        bot.wait(lambda: ("assistant", WORDS) in bot.turns("late"))
        assert bot.ask("Still there?", "late").state == "sent"
