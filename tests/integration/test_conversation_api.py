"""Memos sent on the business's own initiative: `POST /api/memos`, and a status to poll."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests import http_calls
from tests.harness import BotHarness, audible

TOKEN = "an-admin-token"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    with BotHarness(tmp_path_factory.mktemp("api"), MEMO_ADMIN_TOKEN=TOKEN) as bot:
        yield bot


class Api:
    """The API, asked by somebody who knows the token."""

    def __init__(self, bot: BotHarness) -> None:
        self.bot = bot
        self._headers = {"Authorization": f"Bearer {TOKEN}"}

    def post(self, body: Any, **headers: str) -> httpx.Response:
        return http_calls.post(
            f"{self.bot.bot.url}/api/memos",
            json=body,
            headers=self._headers | headers,
            timeout=30,
        )

    def get(self, memo_id: str) -> httpx.Response:
        return http_calls.get(f"{self.bot.bot.url}/api/memos/{memo_id}", headers=self._headers)

    def sent(self, **body: Any) -> Json:
        """What becomes of a memo, polled as the answer says."""
        response = self.post(body)
        assert response.status_code == 202
        where = response.headers["location"].removeprefix("/api/memos/")

        def over() -> Json | None:
            found: Json = self.get(where).json()
            return found if found["status"] not in ("waiting", "working") else None

        return self.bot.wait(over)


@pytest.fixture
def api(bot: BotHarness) -> Api:
    return Api(bot)


@pytest.fixture
def chat_id(bot: BotHarness, request: pytest.FixtureRequest) -> str:
    """A chat in which nobody waits for anything; it is named after the test."""
    bot.say("Stop.", request.node.name)
    return str(bot.chat(request.node.name)["id"])


def test_a_memo_is_accepted_at_once_and_its_fate_can_be_polled(
    bot: BotHarness, api: Api, chat_id: str, request: pytest.FixtureRequest
) -> None:
    answer = api.post({"chat_id": chat_id, "text": "Your bike is ready."})
    assert answer.status_code == 202
    assert answer.json()["status"] in ("waiting", "working")
    memo = bot.wait(lambda: bot.memos(request.node.name))
    assert audible(memo)

    def delivered() -> Json | None:
        found: Json = api.get(answer.json()["id"]).json()
        return found if found["delivery"] == "delivered" else None

    told = bot.wait(delivered)
    assert (told["status"], told["message_id"]) == ("sent", memo[0]["id"])
    assert told["seconds"] == pytest.approx(memo[0]["memo"]["probe"]["duration"], abs=0.1)
    assert bot.turns(request.node.name) == [("assistant", "Your bike is ready.")]


def test_the_same_idempotency_key_is_the_same_memo(
    bot: BotHarness, api: Api, chat_id: str, request: pytest.FixtureRequest
) -> None:
    body = {"chat_id": chat_id, "text": "Only once.", "idempotency_key": "order-17"}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(api.post, [body] * 4))
    assert [one.status_code for one in answers] == [202] * 4
    assert {one.json()["id"] for one in answers} == {"order-17"}
    assert api.sent(**body)["status"] == "sent"
    assert api.post(body).json()["status"] == "sent"
    assert len(bot.memos(request.node.name)) == 1
    other = api.post({**body, "text": "Something else."})
    assert other.status_code == 409
    assert "order-17" in other.json()["error"]


def test_ten_at_once_to_one_chat_arrive_in_order(
    bot: BotHarness, api: Api, chat_id: str, request: pytest.FixtureRequest
) -> None:
    bodies = [{"chat_id": chat_id, "text": f"Number {number}."} for number in range(10)]
    with ThreadPoolExecutor(10) as threads:
        asked = [one.json() for one in threads.map(api.post, bodies)]
    memos = bot.wait(lambda: found if len(found := bot.memos(request.node.name)) == 10 else None)
    asked.sort(key=lambda one: str(one["created_at"]))
    sent = [api.get(one["id"]).json()["message_id"] for one in asked]
    assert sent == [memo["id"] for memo in memos]


def test_language_and_voice_are_honoured(api: Api, chat_id: str) -> None:
    words = {"chat_id": chat_id, "text": "777777, 1997, 2468."}
    english = api.sent(**words, language="en")
    german = api.sent(**words, language="de")
    high = api.sent(**words, language="de", voice="de+f3")
    # Numbers alone are in no language of their own; German reads them more slowly.
    assert german["seconds"] > english["seconds"] + 0.1
    assert [one["engine"] for one in (english, german, high)] == ["espeak"] * 3
    unknown = api.sent(**words, voice="nobody")
    assert (unknown["status"], unknown["reason"]) == ("sent", "no_voice")
    assert "nobody" in unknown["detail"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"text": ""}, "text"),
        ({"text": "\x00\x07"}, "text: Value error, says nothing"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": 5}, "text"),
        ({"chat_id": "../../etc"}, "chat_id"),
        ({"chat_id": None}, "chat_id"),
        ({"language": "klingon in the morning"}, "language"),
        ({"language": "en" + "-aaaaaaaa" * 5}, "language"),
        ({"voice": "\x00"}, "voice"),
        ({"idempotency_key": "x" * 129}, "idempotency_key"),
        ({"txet": "typo"}, "txet"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    api: Api, chat_id: str, wrong: Json, told: str
) -> None:
    answer = api.post({"chat_id": chat_id, "text": "Hello", **wrong})
    assert answer.status_code == 400
    assert told in answer.json()["error"]


def test_what_is_no_json_or_too_large_is_refused(api: Api, bot: BotHarness) -> None:
    url = f"{bot.bot.url}/api/memos"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert http_calls.post(url, content=b"{", headers=headers).status_code == 400
    assert http_calls.post(url, content=b'{"text": "\\ud800"}', headers=headers).status_code == 400
    assert http_calls.post(url, content=b" " * 140_000, headers=headers).status_code == 413


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"]
)
def test_who_does_not_know_the_token_stays_outside(api: Api, bot: BotHarness, header: str) -> None:
    refused = api.post({"chat_id": "c", "text": "Hello"}, Authorization=header)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    url = f"{bot.bot.url}/api/memos/anything"
    assert http_calls.get(url, headers={"Authorization": header}).status_code == 401


def test_an_unknown_memo_is_not_found(api: Api) -> None:
    assert api.get("no-such-memo").status_code == 404


def test_who_was_sent_a_memo_can_answer_it(
    bot: BotHarness, api: Api, chat_id: str, request: pytest.FixtureRequest
) -> None:
    api.sent(chat_id=chat_id, text="Shall we call you?")
    bot.ask("Yes", request.node.name)
    assert bot.turns(request.node.name) == [
        ("assistant", "Shall we call you?"),
        ("user", "Yes"),
        ("assistant", "You said: Yes"),
    ]


def test_an_opted_out_person_is_not_sent_to_and_the_reason_is_told(
    bot: BotHarness, api: Api, chat_id: str, request: pytest.FixtureRequest
) -> None:
    bot.say("STOP", request.node.name)
    told = api.sent(chat_id=chat_id, text="Your bike is ready.")
    assert (told["status"], told["reason"]) == ("refused", "opted_out")
    assert bot.sent(request.node.name) == []


def test_without_a_token_set_nobody_gets_in(bot: BotHarness, api: Api) -> None:
    bot.restart(MEMO_ADMIN_TOKEN="")
    refused = api.post({"chat_id": "c", "text": "Hello"})
    bot.restart(MEMO_ADMIN_TOKEN=TOKEN)
    assert refused.status_code == 403
    assert "MEMO_ADMIN_TOKEN" in refused.json()["error"]
