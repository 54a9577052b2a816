"""The sandbox keeps up with a soak: hundreds of messages, and no cost that grows with history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import httpx

from app.sandbox import SandboxConfig
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer


def test_three_hundred_messages_in_forty_chats_are_all_told_once_and_in_order() -> None:
    with SandboxServer(SandboxConfig(rate_limit=None)) as sandbox, WebhookReceiver() as bot:
        sandbox.point_at(bot.url)

        def write(number: int) -> None:
            for text in range(number, 300, 40):
                sandbox.inbound(str(text), chat=f"chat {number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(40)))
        bot.wait_for(300)
        told: dict[str, list[int]] = {}
        for item in bot.of_type("message.received"):
            data = item.event["data"]
            told.setdefault(data["chat"]["id"], []).append(int(data["parts"][0]["value"]))
        assert sorted(chain.from_iterable(told.values())) == list(range(300))
        assert all(texts == sorted(texts) for texts in told.values())
        state = sandbox.wait_for(lambda state: state["deliveries_underway"] == 0 and state)
        assert len(state["chats"]) == 40
        assert all(chat["acknowledged"] == chat["inbound"] for chat in state["chats"])


def test_history_costs_the_same_in_a_long_chat() -> None:
    with SandboxServer(SandboxConfig(rate_limit=None)) as sandbox:
        chat = sandbox.inbound("first", chat="long")["chat_id"]
        url = f"/v3/chats/{chat}/messages?limit=5"
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}

        def page() -> float:
            answers = [sandbox.http.get(url, headers=headers) for _ in range(20)]
            return min(answer.elapsed.total_seconds() for answer in answers)

        short = page()
        for number in range(1500):
            sandbox.inbound(str(number), chat="long")
        assert page() < 4 * short + 0.005
        answer = sandbox.http.get(url, headers=headers)
        assert answer.status_code == httpx.codes.OK
        assert answer.json()["messages"][0]["parts"][0]["value"] == "1499"
