"""What users of such bots complain about, as far as the whole bot is needed to show it.

Decisions about a single message are in `tests/unit/test_policy.py`, by the same names. Other rows
have files of their own: limits and loops `test_policy_limits`, quick messages
`test_policy_collecting`, voice or text `test_policy_form`, typing `test_typing_indicator`,
voice memos that come in `test_conversation_model` and `test_conversation_support_desk`, answers
without a word to speak `test_conversation_odd_responders`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness, person

BLOCKED = "+13125559999"
BY_NAME = {"members": ["+13125550001", "+13125550002"], "sender": "+13125550001"}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    with BotHarness(
        tmp_path_factory.mktemp("rows"), MEMO_NAME="Bluebird", MEMO_BLOCK=f"+1999*, {BLOCKED}"
    ) as bot:
        yield bot


def test_row_one_message_answered_eleven_times(bot: BotHarness) -> None:
    bot.ask("Only once", "eleven", duplicate=10, new_event_ids=True)
    duplicates = r'voicememo_webhooks_total\{outcome="ignored",reason="duplicate"\}'
    bot.wait(lambda: bot.bot.metric(duplicates) == 10)
    bot.ask("Something else", "after eleven")
    assert len(bot.sent("eleven")) == 1


def test_row_bot_answers_itself(bot: BotHarness) -> None:
    """Neither what it says itself nor what a colleague writes from the same line."""
    bot.ask("Hello", "itself")
    bot.say("I take over", "itself", outbound=True)
    memo = bot.memos("itself")[0]
    reaction = {"event_type": "reaction.added", "target": memo["id"]}
    bot.sandbox.inbound(chat="itself", **reaction)
    bot.ask("Something else", "after itself")
    assert len(bot.sent("itself")) == 1


@pytest.mark.parametrize("sender", [BLOCKED, "+19995550100"])
def test_row_the_block_list_ends_it(bot: BotHarness, sender: str) -> None:
    bot.say("Hello", f"blocked {sender}", sender=sender)
    bot.ask("Something else", f"after {sender}")
    assert bot.sent(f"blocked {sender}") == []


def test_row_in_groups_the_bot_answers_everybody(bot: BotHarness) -> None:
    bot.say("Who comes tomorrow?", "group", **BY_NAME)
    bot.say("I like the bluebird", "group", **BY_NAME)
    bot.ask("Bluebird, are you open?", "group", **BY_NAME)
    bot.ask("And you?", "group", mention=True, **BY_NAME)
    assert len(bot.memos("group")) == 2


def test_row_in_groups_without_mentions_the_name_is_enough(bot: BotHarness) -> None:
    bot.say("Who comes tomorrow?", "SMS group", service="SMS", **BY_NAME)
    bot.ask("Are you open, bluebird?", "SMS group", service="SMS", **BY_NAME)
    assert bot.texts("SMS group") == ["You said: Are you open, bluebird?"]


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, 2024, "opted_out"),
        (403, 2026, "blocked_by_line"),
        (403, 2027, "line_ineligible"),
        (409, 2013, "chat_left"),
    ],
)
def test_row_opt_out_ignored(bot: BotHarness, status: int, code: int, reason: str) -> None:
    """What Linq refuses for good is neither repeated nor written instead."""
    refusing = {"kind": "status", "status": status, "code": code}
    bot.sandbox.faults([{**refusing, "endpoint": "voicememo"}])
    before = bot.calls()
    answer = bot.ask("Hello", reason)
    assert (answer.state, answer.reason) == ("refused", reason)
    after = bot.calls()
    assert after["voicememo"] - before.get("voicememo", 0) == 1
    assert after.get("messages_send", 0) == before.get("messages_send", 0)
    assert bot.sent(reason) == []
    assert bot.bot.metric(rf'voicememo_answers_total\{{reason="{reason}",state="refused"\}}') == 1


def test_row_italian_read_by_an_english_voice(bot: BotHarness) -> None:
    assert bot.ask("Quanto costa la spedizione in Italia?", "Italian").language == "it"
    assert bot.ask("How much is the delivery to Italy?", "English").language == "en"


def test_row_bearer_token_or_message_text_in_the_logs(bot: BotHarness) -> None:
    bot.ask("A very private matter", "private")
    log = bot.bot.log
    assert "answer sent" in log
    for secret in (bot.sandbox.api_key, bot.sandbox.secret, "private", person("private"), BLOCKED):
        assert secret not in log
