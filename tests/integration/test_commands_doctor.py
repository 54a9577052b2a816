"""`doctor` and `subscribe` against the sandbox: faults planted, found, and mended."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.bot import Bot
from tests.commands import run
from tests.sandbox_server import SandboxServer

Findings = list[dict[str, str]]


def diagnosed(bot: Bot, *options: str, **environment: str) -> tuple[int, Findings]:
    done = run("doctor", "--json", *options, environment=bot.environment | environment)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def faults(findings: Findings) -> str:
    return "\n".join(
        f"{one['check']}: {one['message']} {one['cure']}"
        for one in findings
        if one["level"] != "ok"
    )


def change(sandbox: SandboxServer, **values: Any) -> None:
    """Changes the one subscription there is, over Linq's API."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    path = "/v3/webhook-subscriptions"
    listed = sandbox.http.get(path, headers=headers).json()["subscriptions"]
    changed = sandbox.http.put(f"{path}/{listed[0]['id']}", headers=headers, json=values)
    changed.raise_for_status()


@pytest.fixture
def bot(sandbox: SandboxServer, start_bot: Callable[..., Bot]) -> Bot:
    """A bot that is subscribed as it must be."""
    bot = start_bot()
    sandbox.point_at(f"{bot.webhook_url}?version=2026-02-03")
    return bot


def test_all_is_well(bot: Bot) -> None:
    code, findings = diagnosed(bot)
    assert (code, faults(findings)) == (0, "")
    checks = [one["check"] for one in findings]
    for check in ("settings", "voices", "database", "disk", "Linq", "clock", "round trip"):
        assert check in checks
    assert "All is well." in run("doctor", environment=bot.environment).stdout
    assert "doctor" not in bot.log.replace("voicememo.doctor", "")


def test_a_faulty_subscription_is_found_and_mended(sandbox: SandboxServer, bot: Bot) -> None:
    change(
        sandbox,
        is_active=False,
        subscribed_events=["message.sent"],
        phone_numbers=["+13125550199"],
        target_url=bot.webhook_url,
    )
    code, findings = diagnosed(bot)
    told = faults(findings)
    assert code == 1
    for fault in ("switched off", "not told of message.received", "no version", "other lines"):
        assert fault in told
    code, findings = diagnosed(bot, "--fix")
    assert (code, faults(findings)) == (0, "")
    assert findings[0]["check"] == "repair"
    # It was mended in truth: the next message is answered.
    sandbox.inbound("Hello")
    sandbox.wait_for(lambda state: state["memos"])


def test_faults_of_the_services_are_found_all_at_once(bot: Bot) -> None:
    code, findings = diagnosed(
        bot,
        MEMO_VOICES="openai,espeak",
        MEMO_SPEECH_BASE_URL="http://127.0.0.1:9/v1",
        MEMO_SPEECH_MODEL="tts",
        MEMO_SPEECH_VOICE="ada",
        MEMO_RESPONDER="openai",
        MEMO_CHAT_BASE_URL="http://127.0.0.1:9/v1",
        MEMO_CHAT_MODEL="small",
        MEMO_TRANSCRIBE_BASE_URL="http://127.0.0.1:9/v1",
        MEMO_PUBLIC_URL="https://127.0.0.1:9",
        MEMO_ADMIN_TOKEN="1234",
        MEMO_RESPONDR="rules",
        DYNO="web.1",
    )
    told = faults(findings)
    assert code == 1
    for fault in (
        "voices: openai does not speak",
        "MEMO_CHAT_BASE_URL=http://127.0.0.1:9/v1 does not answer (no connection)",
        "transcription: MEMO_TRANSCRIBE_BASE_URL",
        "no bot answers at https://127.0.0.1:9/webhooks/linq",
        "no subscription delivers to https://127.0.0.1:9",
        "MEMO_ADMIN_TOKEN has only 4 characters",
        "Did you mean MEMO_RESPONDER?",
        "database: SQLite on a dyno",
    ):
        assert fault in told
    assert "Errno" not in told


def test_faults_of_what_is_set_are_found_all_at_once(bot: Bot) -> None:
    _, findings = diagnosed(
        bot,
        LINQ_API_V3_API_KEY="wrong",
        LINQ_WEBHOOK_SECRET="whsec_AAAA",
        MEMO_VOICES="piper",
        MEMO_RESPONDER="http",
        MEMO_RESPONDER_URL="http://127.0.0.1:9/ask",
        MEMO_RESPONDER_SECRET="whsec_" + "A" * 43 + "=",
        DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing",
    )
    told = faults(findings)
    for fault in (
        "Linq: status 401",
        "LINQ_WEBHOOK_SECRET is not a signing secret",
        "voices: no engine speaks (piper: MEMO_PIPER_VOICE is not set)",
        "MEMO_RESPONDER_URL=http://127.0.0.1:9/ask does not answer",
        "database: DATABASE_URL=postgresql+psycopg://nobody@127.0.0.1:9/nothing",
    ):
        assert fault in told


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LINQ_API_V3_API_KEY": ""}, "settings: LINQ_API_V3_API_KEY is not set"),
        (
            {"LINQ_WEBHOOK_SECRET": "whsec_" + "A" * 43 + "="},
            "refuses secret number 1 of those known here",
        ),
        ({"LINQ_API_V3_BASE_URL": "http://127.0.0.1:9/api/partner"}, "Linq: "),
        ({"MEMO_RESPONDER": "rules"}, "responder: MEMO_RESPONDER=rules needs MEMO_RULES_FILE"),
    ],
)
def test_a_fault_alone_is_found(bot: Bot, environment: dict[str, str], told: str) -> None:
    code, findings = diagnosed(bot, **environment)
    assert code == 1
    assert told in faults(findings)


@pytest.fixture
def late_linq() -> Iterator[str]:
    """A Linq whose clock is ten minutes ahead. The address of its API."""

    class Late(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(time.time() + 600)

        def do_GET(self) -> None:
            told: dict[str, list[str]] = {"phone_numbers": [], "subscriptions": []}
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Late) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/partner"
        server.shutdown()
        thread.join()


def test_a_clock_ten_minutes_off_is_found(bot: Bot, late_linq: str) -> None:
    _, findings = diagnosed(bot, LINQ_API_V3_BASE_URL=late_linq)
    assert re.search(r"clock: (599|600) s behind Linq's", faults(findings))


def test_a_lost_secret_is_replaced(sandbox: SandboxServer, bot: Bot) -> None:
    address = "https://bot.example.org"

    def subscribe(*arguments: str) -> tuple[int, str]:
        done = run("subscribe", *arguments, environment=bot.environment)
        return done.returncode, done.stdout + done.stderr

    code, first = subscribe(address)
    assert code == 0
    code, refused = subscribe(address)
    assert code == 1
    assert f"subscribe --replace {address}`" in refused
    code, second = subscribe("--replace", address)
    assert code == 0, second
    secrets = [
        re.findall(r"^LINQ_WEBHOOK_SECRET=(whsec_\S+)$", told, re.M) for told in (first, second)
    ]
    assert secrets[0] != secrets[1]

    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    listed = sandbox.http.get("/v3/webhook-subscriptions", headers=headers).json()
    targets = [one["target_url"] for one in listed["subscriptions"]]
    assert len([target for target in targets if address in target]) == 1
