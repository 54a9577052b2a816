"""Read receipt and typing: shown when an answer is on its way, and never in its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from app.answers.typing_indicator import CALLS_AT_ONCE, TypingIndicators
from app.linq.client import LinqClient
from tests.harness import BotHarness
from tests.sandbox_server import SandboxServer

REFRESH_SECONDS = 0.2

Scenario = Callable[[TypingIndicators, LinqClient, str], Awaitable[None]]


@pytest.fixture
def chat_id(sandbox: SandboxServer) -> str:
    return str(sandbox.inbound("Hello")["chat_id"])


def play(sandbox: SandboxServer, chat_id: str, scenario: Scenario) -> float:
    """Runs a scenario on the real API. Returns the seconds it took, without the clearing up."""

    async def main() -> float:
        linq = LinqClient(sandbox.api_key, sandbox.api_base)
        indicators = TypingIndicators(linq, REFRESH_SECONDS)
        started = time.monotonic()
        await scenario(indicators, linq, chat_id)
        taken = time.monotonic() - started
        await indicators.aclose()
        await linq.aclose()
        return taken

    return asyncio.run(main())


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def typing(sandbox: SandboxServer) -> bool:
    return any(chat["typing"] for chat in sandbox.state()["chats"])


def calls(sandbox: SandboxServer, name: str) -> int:
    return int(sandbox.state()["calls"].get(name, 0))


def test_nothing_is_shown_before_it_is_decided_to_answer(
    sandbox: SandboxServer, chat_id: str
) -> None:
    async def scenario(indicators: TypingIndicators, linq: LinqClient, chat_id: str) -> None:
        async with indicators.during(chat_id):
            await asyncio.sleep(0)

    play(sandbox, chat_id, scenario)
    assert [calls(sandbox, name) for name in ("typing", "read", "typing_stop")] == [0, 0, 0]


def test_typing_is_shown_anew_while_work_goes_on(sandbox: SandboxServer, chat_id: str) -> None:
    async def scenario(indicators: TypingIndicators, linq: LinqClient, chat_id: str) -> None:
        async with indicators.during(chat_id) as indicator:
            indicator.begin()
            indicator.begin()
            await until(lambda: calls(sandbox, "typing") >= 4)
            assert typing(sandbox)

    play(sandbox, chat_id, scenario)
    assert calls(sandbox, "read") == 1
    assert sandbox.state()["chats"][0]["read_at"]


def test_after_silence_or_a_failure_no_typing_is_left(sandbox: SandboxServer, chat_id: str) -> None:
    async def scenario(indicators: TypingIndicators, linq: LinqClient, chat_id: str) -> None:
        async with indicators.during(chat_id) as indicator:
            indicator.begin()
            await until(lambda: typing(sandbox))
        await until(lambda: not typing(sandbox))

    play(sandbox, chat_id, scenario)
    assert calls(sandbox, "typing_stop") == 1


def test_after_a_message_nothing_more_needs_to_be_said(
    sandbox: SandboxServer, chat_id: str
) -> None:
    async def scenario(indicators: TypingIndicators, linq: LinqClient, chat_id: str) -> None:
        async with indicators.during(chat_id) as indicator:
            indicator.begin()
            await until(lambda: typing(sandbox))
            await linq.send_text(chat_id, "Hello", idempotency_key="one")
            indicator.message_sent()

    play(sandbox, chat_id, scenario)
    assert not typing(sandbox)
    assert calls(sandbox, "typing_stop") == 0


def test_typing_that_comes_after_the_message_is_taken_back(
    sandbox: SandboxServer, chat_id: str
) -> None:
    sandbox.faults([{"endpoint": "typing", "kind": "delay", "seconds": 0.5}])

    async def scenario(indicators: TypingIndicators, linq: LinqClient, chat_id: str) -> None:
        async with indicators.during(chat_id) as indicator:
            indicator.begin()
            await until(lambda: calls(sandbox, "typing") == 1)
            await linq.send_text(chat_id, "Hello", idempotency_key="one")
            indicator.message_sent()
        await until(lambda: calls(sandbox, "typing_stop") == 1)
        assert not typing(sandbox)

    play(sandbox, chat_id, scenario)


@pytest.mark.parametrize("kind", ["hang", "drop_before", "status"])
def test_neither_a_hanging_nor_a_failing_call_holds_anything_up(
    sandbox: SandboxServer, chat_id: str, kind: str
) -> None:
    sandbox.faults([{"endpoint": name, "kind": kind, "count": 1000} for name in ("typing", "read")])

    async def scenario(indicators: TypingIndicators, linq: LinqClient, chat_id: str) -> None:
        for _ in range(8 * CALLS_AT_ONCE):  # more than a client has connections
            async with indicators.during(chat_id) as indicator:
                indicator.begin()
                await asyncio.sleep(0.005)
                indicator.message_sent()
        await linq.send_text(chat_id, "Hello", idempotency_key="one")

    # Waited for, the calls that hang would take 5 s each, `CALLS_AT_ONCE` at a time.
    assert play(sandbox, chat_id, scenario) < 30.0


# The whole bot ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    with BotHarness(tmp_path_factory.mktemp("typing"), TEST_TYPING_REFRESH_SECONDS="0.3") as bot:
        yield bot


@pytest.mark.parametrize(
    "ignored",
    [
        {"text": "Hi all", "members": ["+13125550001", "+13125550002"]},
        {"text": "STOP"},
        {"text": "Old", "sent_at": "2026-01-01T00:00:00Z"},
        {"text": "Ours", "outbound": True},
    ],
    ids=["not addressed in a group", "opt-out", "stale", "our own"],
)
def test_who_is_not_answered_sees_no_receipt_and_no_typing(
    bot: BotHarness, ignored: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    chat = request.node.callspec.id
    before = bot.calls()
    bot.sandbox.inbound(chat=chat, **ignored)
    bot.ask("Hello", f"after {chat}")
    after = bot.calls()
    assert not bot.chat(chat)["read_at"]
    assert not bot.chat(chat)["typing"]
    assert after["typing"] - before.get("typing", 0) >= 1
    assert after["read"] - before.get("read", 0) == 1
    assert bot.chat(f"after {chat}")["read_at"]


def test_who_is_addressed_in_a_group_sees_typing_and_an_answer(bot: BotHarness) -> None:
    people = ["+13125550001", "+13125550002"]
    bot.ask("Memo, hi", "addressed", members=people, sender=people[0], mention=True)
    assert len(bot.memos("addressed")) == 1
    bot.wait(lambda: not bot.chat("addressed")["typing"])


def test_no_typing_is_left_after_an_answer_that_failed(bot: BotHarness) -> None:
    refusing = {"kind": "status", "status": 400, "code": 1005, "count": 1}
    bot.sandbox.faults([{**refusing, "endpoint": name} for name in ("voicememo", "messages_send")])
    assert bot.ask("Hello", "failing").state == "failed"
    assert bot.sent("failing") == []
    bot.wait(lambda: not bot.chat("failing")["typing"])
    assert bot.chat("failing")["read_at"]


def test_a_hanging_typing_endpoint_costs_an_answer_nothing(bot: BotHarness) -> None:
    def seconds(chat: str) -> float:
        started = time.monotonic()
        messages = [bot.say(f"Hello {number}", f"{chat} {number}") for number in range(8)]
        for message in messages:
            bot.over(message)
        return time.monotonic() - started

    seconds("warm")
    usual = seconds("usual")
    names = ("typing", "read", "typing_stop")
    bot.sandbox.faults([{"endpoint": name, "kind": "hang", "count": 1000} for name in names])
    hanging = seconds("hanging")
    bot.sandbox.clear_faults()
    assert hanging < 2 * usual + 1.0
