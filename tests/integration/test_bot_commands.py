"""The commands as a person runs them, judged by a decoder that is not ours."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bot import Bot
from tests.commands import run
from tests.sandbox_server import SandboxServer

needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffprobe") and shutil.which("ffmpeg")),
    reason="the programs ffprobe and ffmpeg are not installed",
)


def probe(file: Path) -> dict[str, Any]:
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(shown.stdout))


def mean_volume(file: Path) -> float:
    """In dBFS."""
    heard = subprocess.run(
        ["ffmpeg", "-nostats", "-i", str(file), "-af", "volumedetect", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"mean_volume: (-?[\d.]+) dB", heard.stderr)
    assert found
    return float(found[1])


@needs_ffmpeg
def test_one_exchange_in_the_terminal(tmp_path: Path) -> None:
    memo = tmp_path / "memo.m4a"
    done = run("demo", "--once", "Hello, are you open today?", "--out", str(memo))
    assert done.returncode == 0, done.stdout + done.stderr
    timeline = dict(re.findall(r"^([a-z][a-z ]+?) {2,}(.+)$", done.stdout, re.MULTILINE))
    assert {"webhook acknowledged", "engine", "audio", "bytes", "upload", "posted", "total"} <= set(
        timeline
    )
    found = probe(memo)
    stream = found["streams"][0]
    assert (stream["codec_name"], stream["profile"]) == ("aac", "LC")
    assert (stream["channels"], stream["sample_rate"]) == (1, "24000")
    seconds = float(timeline["audio"].split()[0])
    assert float(found["format"]["duration"]) == pytest.approx(seconds, abs=0.1)
    assert int(timeline["bytes"]) == memo.stat().st_size
    assert mean_volume(memo) > -35


@needs_ffmpeg
@pytest.mark.parametrize(
    ("audio_format", "codec"),
    [
        ("m4a", "aac"),
        ("mp3", "mp3"),
        ("aac", "aac"),
        ("caf", "pcm_s16le"),
        ("wav", "pcm_s16le"),
        ("aiff", "pcm_s16be"),
        ("amr", "amr_nb"),
    ],
)
def test_every_format_plays_elsewhere(tmp_path: Path, audio_format: str, codec: str) -> None:
    file = tmp_path / f"x.{audio_format}"
    done = run("say", "Bonjour, comment allez-vous ?", "--language", "fr", "-o", str(file))
    assert done.returncode == 0, done.stderr
    found = probe(file)
    assert found["streams"][0]["codec_name"] == codec
    assert found["streams"][0]["channels"] == 1
    assert mean_volume(file) > -35
    assert "language fr" in done.stdout


def test_say_tells_what_is_wrong(tmp_path: Path) -> None:
    nothing = run("say", "🙂", "-o", str(tmp_path / "x.m4a"))
    assert nothing.returncode == 1
    assert "nothing speakable" in nothing.stderr
    nowhere = run("say", "Hello", "-o", str(tmp_path / "missing" / "x.m4a"))
    assert nowhere.returncode == 1
    assert "cannot be written" in nowhere.stderr
    assert "Traceback" not in nothing.stderr + nowhere.stderr


def test_the_ports_of_the_demo_may_be_taken(sandbox: SandboxServer) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    done = run("demo", "--port", port)
    assert done.returncode == 1
    assert done.stderr == f"Error: Port {port} is in use; choose another one with --port.\n"


def test_an_operator_finds_out_what_became_of_messages(
    sandbox: SandboxServer, start_bot: Callable[..., Bot]
) -> None:
    bot = start_bot()
    sandbox.point_at(f"{bot.webhook_url}?version=2026-02-03")
    answered = sandbox.inbound("Hello")
    ignored = sandbox.inbound("STOP", sender="+13125550188")
    sandbox.wait_for(lambda state: state["memos"])
    sandbox.wait_for(lambda _: bot.events("answer sent"))

    def shown(*arguments: str) -> str:
        done = run(*arguments, environment=bot.environment)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    assert "sent" in shown("answers", "list")
    assert "echo" in shown("answers", "show", answered["message_id"])
    assert "opt_out" in shown("answers", "show", ignored["message_id"])
    assert "sent as a memo" in shown("send", "--chat", answered["chat_id"], "Your order is ready")
    assert "All is well" in shown("doctor")
    assert run("answers", "show", "nobody", environment=bot.environment).returncode == 1


def test_subscribing_prints_the_secret_once(
    sandbox: SandboxServer, start_bot: Callable[..., Bot]
) -> None:
    bot = start_bot()
    done = run("subscribe", "https://bot.example.org", environment=bot.environment)
    assert re.search(r"^LINQ_WEBHOOK_SECRET=whsec_\S+$", done.stdout, re.MULTILINE)
    again = run("subscribe", "https://bot.example.org", environment=bot.environment)
    assert again.returncode == 1
    assert "subscribed already" in again.stderr
    plain = run("subscribe", "http://bot.example.org", environment=bot.environment)
    assert plain.returncode == 1
    assert "https://" in plain.stderr
