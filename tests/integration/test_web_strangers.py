"""What anybody on the internet is told by a bot: no more than that it is one."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests import http_calls
from tests.bot import Bot, free_port
from tests.faults.delivering import post
from tests.harness import BotHarness
from tests.postgres import Postgres
from tests.sandbox_receiver import WebhookReceiver
from tests.sandbox_server import SandboxServer

TOKEN = "an-admin-token"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    with BotHarness(tmp_path_factory.mktemp("strangers"), MEMO_ADMIN_TOKEN=TOKEN) as bot:
        yield bot


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_metrics_are_closed_where_there_is_an_admin_token(
    bot: BotHarness, authorization: str
) -> None:
    refused = http_calls.get(f"{bot.bot.url}/metrics", headers={"Authorization": authorization})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert "voicememo_" not in refused.text


def test_metrics_are_open_to_who_knows_it(bot: BotHarness) -> None:
    shown = http_calls.get(f"{bot.bot.url}/metrics", headers=ADMIN)
    assert "voicememo_oldest_waiting_seconds 0.0" in shown.text


def test_a_text_too_long_is_told_so_in_whatever_script(bot: BotHarness) -> None:
    body = {"chat_id": "one", "text": "\N{PARTY POPPER}" * 10_001}
    refused = http_calls.post(f"{bot.bot.url}/api/memos", json=body, headers=ADMIN)
    assert refused.status_code == 400
    escaped = '{"chat_id": "one", "text": "' + "\\ud83c\\udf89" * 10_001 + '"}'
    refused = http_calls.post(f"{bot.bot.url}/api/memos", content=escaped, headers=ADMIN)
    assert refused.status_code == 400
    assert "10000 characters" in refused.json()["error"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz/", "/memos/x", "/console/../x"])
def test_a_stranger_learns_only_the_product(bot: BotHarness, path: str) -> None:
    response = http_calls.get(f"{bot.bot.url}{path}", headers={"Host": "evil.example"})
    assert response.status_code in (200, 404)
    assert "server" not in response.headers
    assert "evil" not in str(response.headers) + response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text.lower() in (
        "not found",
        "not found\n",
        "voicememo-bot is running. linq's webhooks go to /webhooks/linq.\n",
    )


def test_a_request_that_does_not_end_is_hung_up(bot: BotHarness) -> None:
    """Its header or its body, and also after it was answered already."""
    port = int(bot.bot.url.rpartition(":")[2])
    head = b"POST /webhooks/linq HTTP/1.1\r\nHost: x\r\n"
    beginnings = [
        b"",
        head,
        head + b"Content-Length: 100\r\n\r\n{",
        head.replace(b"webhooks/linq", b"nothing") + b"Content-Length: 100\r\n\r\n{",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + head,
    ]
    open_ones = []
    for beginning in beginnings:
        one = socket.create_connection(("127.0.0.1", port), timeout=20)
        one.sendall(beginning)
        open_ones.append(one)
    silent = open_ones[0]
    deadline = time.monotonic() + 25
    while open_ones and time.monotonic() < deadline:
        for one in list(open_ones):
            # A byte now and then keeps nothing alive.
            if has_ended(one, b"" if one is silent else b"a"):
                one.close()
                open_ones.remove(one)
    assert open_ones == []


def has_ended(connection: socket.socket, data: bytes) -> bool:
    """Whether the server has hung up; sends something first."""
    connection.settimeout(0.1)
    try:
        connection.sendall(data)
        return connection.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.fixture
def weak_bot(
    postgres_server: Postgres, sandbox: SandboxServer
) -> Iterator[tuple[Bot, Callable[[str], None]]]:
    """A bot whose role is not the owner of the database, and how to run SQL as the owner."""
    url = postgres_server.new_database()
    role = f"bot_{free_port()}"

    def run(sql: str) -> None:
        with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as owner:
            owner.execute(sql.replace("BOT", role).encode())

    name = url.rpartition("/")[2]
    run("CREATE ROLE BOT LOGIN")
    run(f"GRANT ALL ON DATABASE {name} TO BOT")
    run("GRANT ALL ON SCHEMA public TO BOT")
    weak_url = url.replace("postgres@", f"{role}@")
    with Bot(sandbox, weak_url, environment={"MEMO_ADMIN_TOKEN": TOKEN}) as bot:
        yield bot, run


def test_a_memo_id_that_no_database_takes_is_not_found(
    weak_bot: tuple[Bot, Callable[[str], None]],
) -> None:
    bot, _ = weak_bot
    for memo_id in ("%00", "a%00b", "%F0%9F%8E%89", "x" * 1000):
        assert http_calls.get(f"{bot.url}/api/memos/{memo_id}", headers=ADMIN).status_code == 404


def test_with_its_rights_revoked_the_bot_asks_linq_to_come_again(
    weak_bot: tuple[Bot, Callable[[str], None]], sandbox: SandboxServer
) -> None:
    bot, run = weak_bot
    with WebhookReceiver() as receiver:
        sandbox.point_at(receiver.url)
        sandbox.inbound("Hello", chat="one", sender="+13125550101")
        body = receiver.wait_for(1)[0].body
    run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM BOT")
    # It is the owner of its tables, and would keep the rights of one.
    run("REASSIGN OWNED BY BOT TO postgres")
    assert [post(bot.webhook_url, sandbox.secret, body) for _ in range(30)] == [503] * 30
    memo = http_calls.get(f"{bot.url}/api/memos/one", headers=ADMIN)
    assert memo.status_code in (500, 503)
    assert wait_for_readiness(bot, 503) == {
        "ready": False,
        "oldest_waiting_seconds": 0.0,
        "problem": "database_unavailable",
        "message": "Messages cannot be stored.",
    }
    said = memo.text + str(memo.headers)
    assert "permission" not in said
    assert "answers" not in said
    refusals = [
        one for one in bot.events() if one["event"] in ("webhook failed", "webhook not stored")
    ]
    assert 1 <= len(refusals) <= 20
    run("GRANT ALL ON ALL TABLES IN SCHEMA public TO BOT")
    assert wait_for_readiness(bot, 200)["ready"]


def wait_for_readiness(bot: Bot, status: int) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        response = http_calls.get(f"{bot.url}/readyz", timeout=10)
        if response.status_code == status:
            found: dict[str, object] = response.json()
            return found
        time.sleep(0.1)
    raise AssertionError(f"/readyz never said {status}:\n{bot.log}")
