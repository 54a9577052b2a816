"""Every fault that a deployment may have is planted, found, and told with its cure.

Those of the services, the clock and the account with a secret of the environment are planted in
`test_commands_doctor.py`; here the rest, and the subscription that the bot keeps itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.diagnosis.diagnosis import diagnose, repair
from app.diagnosis.finding import Finding
from app.settings import Settings, load_settings
from tests.bot import Bot
from tests.commands import run
from tests.sandbox_server import SandboxServer

PATH = "/webhook-subscriptions"


@pytest.fixture
def bot(sandbox: SandboxServer, sqlite_url: str) -> Iterator[Bot]:
    """A bot that has subscribed itself."""
    bot = Bot(sandbox, sqlite_url, environment={"LINQ_WEBHOOK_SECRET": ""})
    bot.environment["MEMO_PUBLIC_URL"] = bot.url
    sandbox.point_at(None)
    with bot:
        yield bot


def settings_of(sandbox: SandboxServer, database_url: str, **more: Any) -> Settings:
    known = {
        "linq_api_key": sandbox.api_key,
        "linq_base_url": sandbox.api_base,
        "database_url": database_url,
        "voices": "espeak",
    }
    return load_settings(**(known | more))


def told(findings: list[Finding]) -> str:
    return "\n".join(
        f"{one.level} {one.check}: {one.message} {one.cure}"
        for one in findings
        if one.level != "ok"
    )


def subscriptions(sandbox: SandboxServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.api("GET", PATH).json()["subscriptions"]
    return found


def test_the_subscription_that_it_keeps_is_checked_and_mended(
    sandbox: SandboxServer, bot: Bot, sqlite_url: str
) -> None:
    settings = settings_of(sandbox, sqlite_url, public_url=bot.url)

    def faults() -> str:
        return told(asyncio.run(diagnose(settings)))

    def mend() -> None:
        assert all(one.level == "ok" for one in asyncio.run(repair(settings)))
        assert faults() == ""

    assert faults() == ""

    # Changed at Linq: switched off, wrong events, old payload version.
    [one] = subscriptions(sandbox)
    changed = {
        "is_active": False,
        "subscribed_events": ["message.read"],
        "target_url": one["target_url"].replace("2026-02-03", "2025-01-01"),
    }
    sandbox.api("PUT", f"{PATH}/{one['id']}", changed).raise_for_status()
    found = faults()
    for fault in ("switched off", "not told of message.received", "asks for version 2025-01-01"):
        assert fault in found
    mend()

    # Twice: another one, signed with a secret that nobody knows.
    twice = {"target_url": f"{one['target_url']}&n=2", "subscribed_events": ["message.received"]}
    sandbox.api("POST", PATH, twice).raise_for_status()
    assert "2 active subscriptions deliver to" in faults()
    mend()

    # Deleted at Linq.
    sandbox.api("DELETE", f"{PATH}/{subscriptions(sandbox)[0]['id']}").raise_for_status()
    assert "the bot's subscription is gone from Linq" in faults()
    mend()

    # The API key was changed: what was sealed with the old one cannot be opened.
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE memo_subscriptions SET secret = 'sealed:gAAAAAx'")
        connection.exec_driver_sql("UPDATE memo_subscriptions SET previous_secret = NULL")
    engine.dispose()
    assert "cannot be read: LINQ_API_V3_API_KEY has changed" in faults()
    mend()
    sandbox.inbound("Hello")
    sandbox.wait_for(lambda state: state["memos"], timeout=60)

    # The bot at that address runs with another secret.
    strange = settings_of(
        sandbox, sqlite_url, public_url=bot.url, linq_webhook_secret="whsec_" + "A" * 43 + "="
    )
    assert "round trip: " in told(asyncio.run(diagnose(strange)))


def test_a_subscription_that_the_bot_keeps_is_replaced_while_it_runs(
    sandbox: SandboxServer, bot: Bot
) -> None:
    [before] = subscriptions(sandbox)
    refused = run("subscribe", bot.url, environment=bot.environment)
    assert refused.returncode == 1
    assert "The bot keeps the subscription" in refused.stderr
    done = run("subscribe", "--replace", bot.url, environment=bot.environment)
    assert done.returncode == 0, done.stderr
    assert "whsec_" not in done.stdout
    [after] = subscriptions(sandbox)
    assert after["id"] != before["id"]
    sandbox.inbound("Hello")
    sandbox.wait_for(lambda state: state["memos"], timeout=60)


def test_the_subscription_of_an_earlier_address_is_deleted_unless_a_bot_lives_there(
    sandbox: SandboxServer, bot: Bot, sqlite_url: str
) -> None:
    gone = "https://127.0.0.1:9"
    asyncio.run(repair(settings_of(sandbox, sqlite_url, public_url=gone)))
    assert len(subscriptions(sandbox)) == 2  # the bot that runs keeps its own

    here = settings_of(sandbox, sqlite_url, public_url=bot.url)
    found = told(asyncio.run(diagnose(here)))
    assert f"an earlier subscription of this bot still delivers to {gone}/webhooks/linq" in found
    assert all(one.level == "ok" for one in asyncio.run(repair(here)))
    [one] = subscriptions(sandbox)
    assert one["target_url"].startswith(f"{bot.url}/webhooks/linq?")
    assert told(asyncio.run(diagnose(here))) == ""

    moved = settings_of(sandbox, sqlite_url, public_url=f"http://localhost:{bot.port}")
    assert "the bot has not subscribed itself yet" in told(asyncio.run(diagnose(moved)))
    done = asyncio.run(repair(moved))
    assert [one.level for one in done] == ["ok", "warning"]
    assert "a bot still answers at" in done[1].message
    assert len(subscriptions(sandbox)) == 2


def test_an_address_that_leads_nowhere_is_a_problem(
    sandbox: SandboxServer, sqlite_url: str
) -> None:
    settings = settings_of(sandbox, sqlite_url, public_url="https://127.0.0.1:9")
    asyncio.run(repair(settings))
    found = told(asyncio.run(diagnose(settings)))
    assert "problem round trip: no bot answers at https://127.0.0.1:9/webhooks/linq" in found


def _no_address(_folder: Path) -> dict[str, Any]:
    return {}


def _broken_rules(folder: Path) -> dict[str, Any]:
    (folder / "rules.yaml").write_text("answers: [")
    return {"responder": "rules", "rules_file": folder / "rules.yaml"}


def _no_knowledge(folder: Path) -> dict[str, Any]:
    return {"responder": "knowledge", "knowledge": folder / "nothing"}


def _model_away_behind_rules(_folder: Path) -> dict[str, Any]:
    chat = {"chat_base_url": "http://127.0.0.1:9/v1", "chat_model": "small"}
    return {"responder": "rules,openai", "rules_file": "docs/support.rules.yaml", **chat}


def _read_only_disk(_folder: Path) -> dict[str, Any]:
    return {"database_url": "sqlite:////proc/voicememo/bot.db"}


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_no_address, "problem settings: MEMO_PUBLIC_URL is not set, and neither is LINQ_WEBHOOK"),
        (_broken_rules, "problem responder: "),
        (_no_knowledge, "problem responder: "),
        (_model_away_behind_rules, "problem responder: MEMO_CHAT_BASE_URL=http://127.0.0.1:9"),
        (_read_only_disk, "problem database: DATABASE_URL: the folder or file of /proc/voice"),
    ],
)
def test_a_fault_of_what_is_set_is_found(
    sandbox: SandboxServer, sqlite_url: str, tmp_path: Path, plant: Any, fault: str
) -> None:
    planted = {"database_url": sqlite_url, **plant(tmp_path)}
    settings = settings_of(sandbox, **planted)
    assert fault in told(asyncio.run(diagnose(settings)))


def test_google_that_refuses_is_told(
    sandbox: SandboxServer, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _refusing_proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        settings = settings_of(sandbox, sqlite_url, voices="gtts,espeak")
        found = told(asyncio.run(diagnose(settings)))
    assert "warning voices: gtts does not speak: " in found
    assert "espeak speaks instead" in found


@contextmanager
def _refusing_proxy() -> Iterator[str]:
    """Nobody gets through to Google: the answer to everything is 429."""

    class Refusing(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_error(429)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
