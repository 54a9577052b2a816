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
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx
import uvicorn

from app.sandbox import SandboxConfig, SandboxUvicorn
from app.server import make_server, run
from app.settings import ConfigurationError, Settings, load_settings
from app.store import ledger
from app.store.database import Database
from app.store.ledger import AnswerRecord
from app.telemetry import configure_logging

HOST = "127.0.0.1"
ONCE_SECONDS = 60.0


def run_sandbox(settings: Settings, port: int, bot_url: str | None) -> None:
    """Run the local Linq in the foreground."""
    key = settings.linq_api_key.get_secret_value() or "sandbox-key"
    secret = next(iter(settings.webhook_secrets), None) or _new_secret()
    config = SandboxConfig(
        api_key=key, webhook_secret=secret, bot_url=bot_url, public_url=f"http://{HOST}:{port}"
    )
    _check_free(port)
    click.echo(f"Phone page   http://{HOST}:{port}/")
    click.echo("To point a bot at it:")
    click.echo(f"  LINQ_API_V3_BASE_URL=http://{HOST}:{port}/api/partner")
    if not settings.linq_api_key.get_secret_value():
        click.echo(f"  LINQ_API_V3_API_KEY={key}")
    if not settings.webhook_secrets:
        click.echo(f"  LINQ_WEBHOOK_SECRET={secret}")
    if bot_url is None:
        click.echo("No bot is subscribed yet: give --bot-url http://127.0.0.1:8000/webhooks/linq")
    SandboxUvicorn(config, HOST, port).run()


def run_demo(port: int) -> None:
    """Run both until Ctrl-C."""
    _check_free(port)
    _check_free(port + 1)
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    with tempfile.TemporaryDirectory(prefix="voicememo-demo-") as folder:
        server, sandbox, config = _pair(Path(folder), port, port + 1)
        with _in_thread(sandbox):
            click.secho(f"\n  Phone page   http://{HOST}:{port + 1}/", bold=True)
            click.echo(f"  Bot          http://{HOST}:{port}/")
            click.echo(f"  Voices       {', '.join(config.voices)} – the first that works speaks")
            click.echo("  Type there; the answer comes as a voice memo. Ctrl-C ends it.\n")
            run(server)


def run_once(text: str, out: Path | None) -> int:
    """One exchange: print its timeline, write the memo. Returns 0 if a memo came."""
    settings = load_settings()
    configure_logging(settings.log_format, "error")
    with tempfile.TemporaryDirectory(prefix="voicememo-demo-") as folder:
        server, sandbox, config = _pair(Path(folder), _free_port(), _free_port())
        with _in_thread(sandbox), _in_thread(server):
            return _exchange(f"http://{HOST}:{sandbox.config.port}", text, out, config)


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
        out.write_bytes(http.get(memo["url"]).content)
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


def _pair(
    folder: Path, bot_port: int, sandbox_port: int
) -> tuple[uvicorn.Server, SandboxUvicorn, Settings]:
    """Both servers, wired to each other, with a key, a secret and a database of their own."""
    key, secret = f"sandbox-{secrets.token_hex(8)}", _new_secret()
    settings = load_settings(
        port=bot_port,
        dyno=None,
        database_url=f"sqlite:///{folder / 'demo.db'}",
        linq_api_key=key,
        linq_webhook_secret=secret,
        linq_base_url=f"http://{HOST}:{sandbox_port}/api/partner",
        public_url=f"http://{HOST}:{bot_port}",
    )
    sandbox = SandboxUvicorn(
        SandboxConfig(
            api_key=key,
            webhook_secret=secret,
            public_url=f"http://{HOST}:{sandbox_port}",
            bot_url=f"http://{HOST}:{bot_port}/webhooks/linq",
        ),
        HOST,
        sandbox_port,
    )
    return make_server(settings, host=HOST), sandbox, settings


@contextmanager
def _in_thread(server: uvicorn.Server) -> Iterator[None]:
    """Run a server beside the main thread for as long as the block lasts."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise ConfigurationError("the server did not start; the log above says why")
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=35)


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} is taken ({error.strerror}); choose another with --port."
            ) from None
