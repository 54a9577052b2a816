"""On a platform a process that cannot start says at `/` what is missing; it does not crash."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import httpx
import pytest

from tests.bot import Bot
from tests.postgres import PostgresServer
from tests.sandbox_server import SandboxServer

KEY = "token-of-somebody"


@pytest.fixture
def deploy(sqlite_url: str) -> Iterator[Callable[..., Bot]]:
    """Starts the real command as a platform does, and waits until it listens."""
    with ExitStack() as stack:

        def start(database_url: str = sqlite_url, **environment: str) -> Bot:
            bot = Bot(None, database_url, quick=False, environment=environment)
            stack.callback(bot.stop)
            bot.start(ready=False)
            wait_until_alive(bot)
            return bot

        yield start


def wait_until_alive(bot: Bot) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert bot.process
        assert bot.process.poll() is None, bot.log
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", bot.port), timeout=2).close()
            assert httpx.get(f"{bot.url}/healthz", timeout=10).status_code == 200
            return
        time.sleep(0.1)
    raise AssertionError(bot.log)


def page(bot: Bot) -> str:
    shown = httpx.get(bot.url, timeout=10)
    assert shown.status_code == 503
    assert shown.headers["content-type"].startswith("text/html")
    return shown.text


def test_without_anything_it_says_what_is_missing_and_linq_comes_again(
    deploy: Callable[..., Bot],
) -> None:
    bot = deploy(MEMO_LOG_FORMAT="json", MEMO_ADMIN_TOKEN="a-token-of-the-admin")
    assert "LINQ_API_V3_API_KEY is not set" in page(bot)
    assert "Linq dashboard" in page(bot)
    webhook = httpx.post(bot.webhook_url, json={}, timeout=10)
    assert (webhook.status_code, webhook.headers["retry-after"]) == (503, "5")
    ready = httpx.get(f"{bot.url}/readyz", timeout=10)
    assert (ready.status_code, ready.json()["problem"]) == (503, "setup")
    assert httpx.get(f"{bot.url}/console", timeout=10).status_code == 503
    [line] = bot.events("setup needed, webhooks get 503 meanwhile")
    assert "LINQ_API_V3_API_KEY is not set" in line["cause"]
    # Who knows the admin token sees all checks.
    checks = f"{bot.url}/doctor"
    assert httpx.get(checks, timeout=10).status_code == 401
    assert httpx.get(checks, auth=("me", "guess"), timeout=10).status_code == 401
    shown = httpx.get(checks, auth=("me", "a-token-of-the-admin"), timeout=60)
    assert "LINQ_API_V3_API_KEY is not set" in shown.text
    assert "can speak" in shown.text or "speaks" in shown.text
    bot.terminate()
    assert bot.wait() == 0


def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    deploy: Callable[..., Bot],
) -> None:
    bot = deploy(LINQ_API_V3_API_KEY=KEY, LINQ_WEBHOOK_SECRET="whsec_hidden")
    assert "LINQ_WEBHOOK_SECRET is not a signing secret" in page(bot)
    assert "hidden" not in page(bot)
    assert KEY not in page(bot) + bot.log


def test_without_an_address_it_runs_and_learns_it_when_it_is_opened_on_heroku(
    sandbox: SandboxServer, deploy: Callable[..., Bot]
) -> None:
    heroku = {
        "DYNO": "web.1",
        "LINQ_API_V3_API_KEY": sandbox.api_key,
        "LINQ_API_V3_BASE_URL": sandbox.api_base,
        "MEMO_VOICES": "espeak",
    }
    bot = deploy(**heroku)
    subscribed = "/webhook-subscriptions"
    assert httpx.get(f"{bot.url}/readyz", timeout=10).json()["problem"] == "not_subscribed"
    assert httpx.post(bot.webhook_url, json={}, timeout=10).status_code == 503
    assert "Open this app once in a browser" in page(bot)  # by an address that is not Heroku's
    assert sandbox.api("GET", subscribed).json()["subscriptions"] == []
    name = "answers-0123456789ab.herokuapp.com"
    httpx.get(bot.url, headers={"Host": name}, timeout=10)
    bot.wait_ready()
    [one] = sandbox.api("GET", subscribed).json()["subscriptions"]
    assert one["target_url"].startswith(f"https://{name}/webhooks/linq?version=2026-02-03")
    # It is known from now on.
    bot.stop()
    bot.start()
    assert "voicememo-bot is running" in httpx.get(bot.url, timeout=10).text


def test_it_starts_by_itself_once_the_database_is_there(
    sandbox: SandboxServer, own_postgres_server: PostgresServer, deploy: Callable[..., Bot]
) -> None:
    url = own_postgres_server.new_database()
    with own_postgres_server.stopped():
        bot = deploy(
            url,
            LINQ_API_V3_API_KEY=sandbox.api_key,
            LINQ_API_V3_BASE_URL=sandbox.api_base,
            LINQ_WEBHOOK_SECRET=sandbox.secret,
            MEMO_VOICES="espeak",
        )
        assert "DATABASE_URL cannot be used" in page(bot)
        assert "127.0.0.1" not in page(bot)
    bot.wait_ready()
    sandbox.point_at(bot.webhook_url)
    sandbox.inbound("Hello")
    sandbox.wait_for(lambda state: state["memos"], timeout=30)
    bot.terminate()
    assert bot.wait() == 0


def test_on_a_laptop_it_refuses(sqlite_url: str) -> None:
    bot = Bot(None, sqlite_url, quick=False)
    del bot.environment["PORT"]
    bot.start(ready=False)
    assert bot.wait() == 1
    assert "Error: LINQ_API_V3_API_KEY is not set" in bot.log
