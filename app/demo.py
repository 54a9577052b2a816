"""Sandbox and bot side by side: the one place that knows both."""

from __future__ import annotations

import base64
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx
import uvicorn

from app.responders.sample_desk import sample_desk
from app.sandbox import SandboxConfig, SandboxUvicorn
from app.server import BotServer, bind, make_server, run
from app.settings import ConfigurationError, Settings, load_settings
from app.store import ledger
from app.store.database import Database
from app.store.ledger import AnswerRecord

HOST = "127.0.0.1"
ONCE_SECONDS = 60.0


def run_sandbox(settings: Settings, host: str, port: int, bot_url: str | None) -> None:
    """Run the local Linq in the foreground; it is called by its loopback address in any case."""
    key = settings.linq_api_key.get_secret_value() or "sandbox-key"
    secret = next(iter(settings.webhook_secrets), None) or _new_secret()
    config = SandboxConfig(
        api_key=key, webhook_secret=secret, bot_url=bot_url, public_url=f"http://{HOST}:{port}"
    )
    with bind(host, port, cure="choose another one with --port") as listening:
        click.echo(f"Phone page   http://{HOST}:{port}/")
        click.echo("To point a bot at it:")
        click.echo(f"  LINQ_API_V3_BASE_URL=http://{HOST}:{port}/api/partner")
        if not settings.linq_api_key.get_secret_value():
            click.echo(f"  LINQ_API_V3_API_KEY={key}")
        if bot_url is None:
            click.echo("  MEMO_PUBLIC_URL=http://127.0.0.1:8000 (it subscribes itself)")
        elif not settings.webhook_secrets:
            click.echo(f"  LINQ_WEBHOOK_SECRET={secret}")
        SandboxUvicorn(config).run(sockets=[listening])


def run_demo(port: int) -> None:
    """Run both until Ctrl-C; the phone page on the port after the bot's."""
    with (
        _bound(port) as for_bot,
        _bound(port + 1) as for_sandbox,
        _pair(for_bot, for_sandbox) as pair,
        _in_thread(pair.sandbox, for_sandbox),
    ):
        click.secho(f"\n  Phone page   http://{HOST}:{port + 1}/", bold=True)
        click.echo(f"  Bot          http://{HOST}:{port}/")
        click.echo(
            f"  Voices       {', '.join(pair.settings.voices)} – the first that works speaks"
        )
        click.echo(f"  Console      http://{HOST}:{port}/console  – token {_token(pair.settings)}")
        click.echo("  Type there; the answer comes as a voice memo. Ctrl-C ends it.\n")
        run(pair.bot, for_bot)


def run_once(text: str, out: Path | None) -> int:
    """One exchange: print its timeline, write the memo. Returns 0 if a memo came."""
    with (
        _bound(0) as for_bot,
        _bound(0) as for_sandbox,
        _pair(for_bot, for_sandbox) as pair,
        _in_thread(pair.sandbox, for_sandbox),
        _in_thread(pair.bot, for_bot),
    ):
        return _exchange(_address(for_sandbox), text, out, pair.settings)


def _exchange(url: str, text: str, out: Path | None, settings: Settings) -> int:
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as http:
        started = time.perf_counter()
        sent = http.post("/_sandbox/inbound", json={"text": text, "from": "+13125550177"}).json()
        while time.perf_counter() - started < ONCE_SECONDS:
            state = http.get("/_sandbox/state", params={"chat": sent["chat_id"]}).json()
            answers = [one for one in state["messages"] if one["direction"] == "outbound"]
            if answers:
                return _report(http, state, answers[0], out, settings)
            time.sleep(0.02)
    click.echo(f"No answer came within {ONCE_SECONDS:.0f} s.", err=True)
    return 1


def _report(
    http: httpx.Client,
    state: dict[str, Any],
    answer: dict[str, Any],
    out: Path | None,
    settings: Settings,
) -> int:
    """Print what happened when, from the phone's side and from the ledger's."""
    asked = next(one for one in state["messages"] if one["direction"] == "inbound")
    acknowledged = next(
        one
        for one in state["deliveries"]
        if one["message_id"] == asked["id"] and one["event_type"] == "message.received"
    )
    record = _recorded(settings, asked["id"])
    timings = record.timings if record else {}
    total = datetime.fromisoformat(answer["at"]) - datetime.fromisoformat(asked["at"])
    _line("webhook acknowledged", f"{acknowledged['elapsed_ms']:.0f} ms, {acknowledged['status']}")
    if answer["kind"] != "voice_memo":
        reason = f"{record.reason}: {record.detail}" if record else "unknown"
        _line("answered as text", reason)
        return 1
    memo, probe = answer["memo"], answer["memo"]["probe"]
    _line("engine", f"{record.engine if record else '?'}, {_ms(timings.get('speak'))} to speak")
    _line(
        "audio",
        f"{probe['duration']:.2f} s, {probe['codec']}, {probe['sample_rate']} Hz, "
        f"{probe['channels']} channel",
    )
    _line("bytes", str(memo["size_bytes"]))
    _line("tidied and encoded", f"{_ms(timings.get('tidy', 0) + timings.get('encode', 0))}")
    _line("upload", _ms(timings.get("upload")))
    _line("posted", f"{answer['delivery_status']}, message {answer['id']}")
    _line("total", f"{total.total_seconds() * 1000:.0f} ms from the message to the memo")
    if out:
        try:
            out.write_bytes(http.get(memo["url"]).content)
        except OSError as error:
            raise ConfigurationError(f"{out} cannot be written: {error.strerror}.") from None
        _line("written", str(out))
    return 0


def _recorded(settings: Settings, message_id: str) -> AnswerRecord | None:
    """The ledger's row, once its answer is over."""
    database = Database(settings.database_url)
    deadline = time.monotonic() + 10
    try:
        while True:
            record = database.read_sync(lambda c: ledger.find(c, message_id))
            if (record and record.state in ledger.TERMINAL_STATES) or time.monotonic() > deadline:
                return record
            time.sleep(0.02)
    finally:
        database.close()


def _line(name: str, value: str) -> None:
    click.echo(f"{name:22}{value}")


def _ms(seconds: float | None) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds is not None else "–"


@dataclass(frozen=True)
class _Pair:
    bot: BotServer
    sandbox: SandboxUvicorn
    settings: Settings


@contextmanager
def _pair(for_bot: socket.socket, for_sandbox: socket.socket) -> Iterator[_Pair]:
    """Both servers, wired to each other, with a key, a secret and a database of their own."""
    key, secret = f"sandbox-{secrets.token_hex(8)}", _new_secret()
    bot_url, sandbox_url = _address(for_bot), _address(for_sandbox)
    with tempfile.TemporaryDirectory(prefix="voicememo-demo-") as folder:
        settings = load_settings(
            **sample_desk(load_settings()),
            dyno=None,
            database_url=f"sqlite:///{Path(folder) / 'demo.db'}",
            linq_api_key=key,
            linq_webhook_secret=secret,
            linq_base_url=f"{sandbox_url}/api/partner",
            admin_token=_given_token() or secrets.token_urlsafe(24),
            public_url=bot_url,
        )
        config = SandboxConfig(
            api_key=key,
            webhook_secret=secret,
            public_url=sandbox_url,
            bot_url=f"{bot_url}/webhooks/linq",
        )
        yield _Pair(make_server(settings), SandboxUvicorn(config), settings)


@contextmanager
def _in_thread(server: uvicorn.Server, listening: socket.socket) -> Iterator[None]:
    """Run a server beside the main thread for as long as the block lasts."""
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise ConfigurationError("the server did not start; the log above says why")
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=35)


def _given_token() -> str:
    return load_settings().admin_token.get_secret_value()


def _token(settings: Settings) -> str:
    """The admin token to show: not one that was set."""
    return "MEMO_ADMIN_TOKEN" if _given_token() else settings.admin_token.get_secret_value()


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _bound(port: int) -> socket.socket:
    return bind(HOST, port, cure="choose another one with --port")


def _address(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"
