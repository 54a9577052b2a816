"""An answer past the longest memo is not cut mid-thought: parted at a sentence, or summarized."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness, audible, durations
from tests.integration.chat_server import ChatServer, Message

LONG = "\n\n".join(f"Thought number {n} is a thought. It ends here, **boldly**." for n in range(12))
SUMMARY = "There are a dozen thoughts. The whole answer follows in writing."


@pytest.fixture(scope="module")
def model() -> Iterator[ChatServer]:
    with ChatServer().running() as model:
        model.say = say
        yield model


def say(messages: list[Message]) -> str:
    asked = messages[-1]["content"]
    return SUMMARY if "summary" in asked else LONG if "long" in asked else "Short."


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, model: ChatServer) -> Iterator[BotHarness]:
    with BotHarness(
        tmp_path_factory.mktemp("long"),
        MEMO_RESPONDER="openai",
        MEMO_CHAT_BASE_URL=model.url,
        MEMO_CHAT_MODEL="local",
        MEMO_MAX_SECONDS="15",
        MEMO_LONG="summary",
    ) as bot:
        yield bot


def test_a_long_answer_is_spoken_as_a_summary_and_written_whole(
    bot: BotHarness, model: ChatServer
) -> None:
    answer = bot.ask("A long one, please", "summary")
    assert (answer.state, answer.text, answer.spoken) == ("sent", LONG, SUMMARY)
    assert [bool(one["memo"]) for one in bot.sent("summary")] == [True, False]
    assert audible(bot.memos("summary"))
    assert durations(bot.memos("summary"))[0] < 10.0
    assert bot.texts("summary") == [LONG]
    assert bot.turns("summary")[-1] == ("assistant", LONG)
    assert "at most 20 words" in model.conversations[-1][-1]["content"]


def test_a_short_answer_is_spoken_as_it_is(bot: BotHarness) -> None:
    assert bot.ask("Hello", "short").spoken is None
    assert len(bot.sent("short")) == 1


def test_by_default_the_memo_ends_with_a_thought_and_the_rest_follows_as_written(
    bot: BotHarness,
) -> None:
    """Last, for the bot begins anew."""
    bot.restart(MEMO_LONG="cut")
    answer = bot.ask("A long one, please", "cut")
    assert (answer.state, answer.text) == ("sent", LONG)
    head, notice, _ = (answer.spoken or "").rpartition("\n\nThe rest follows in writing.")
    assert notice
    assert head.endswith("It ends here, **boldly**.")
    [rest] = bot.texts("cut")
    assert f"{head}\n\n{rest}" == LONG
    assert durations(bot.memos("cut"))[0] <= 15.5
