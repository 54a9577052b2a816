"""`serve`, `demo`, `say`, `voices`: what is said before anything runs."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot import Bot
from tests.commands import run

READY = {"LINQ_API_V3_API_KEY": "key", "LINQ_WEBHOOK_SECRET": "whsec_" + "A" * 43 + "="}


def test_the_address_is_told_at_start(start_bot: Callable[..., Bot]) -> None:
    bot = start_bot(quick=False)
    assert re.search(rf"listening.*http://0\.0\.0\.0:{bot.port}", bot.log)


def test_a_port_in_use_is_one_line_and_nothing_begins(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", environment={**READY, "PORT": str(port)}, folder=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"Error: Port {port} is in use; set PORT to another one.\n"
    assert list(tmp_path.glob("var/*.db-*")) == []


@pytest.mark.parametrize("secret", ["foo", "whsec_AAAA", "whsec_%%%"])
def test_a_secret_that_can_verify_nothing_stops_the_start(secret: str, tmp_path: Path) -> None:
    done = run("serve", environment=READY | {"LINQ_WEBHOOK_SECRET": secret}, folder=tmp_path)
    assert done.returncode == 1
    assert "LINQ_WEBHOOK_SECRET is not a signing secret" in done.stderr
    assert "-m app subscribe --replace URL`" in done.stderr


def test_a_mistyped_setting_is_told_at_start(tmp_path: Path) -> None:
    done = run("serve", environment={"MEMO_RESPONDR": "rules"}, folder=tmp_path)
    assert "Warning: MEMO_RESPONDR is set" in done.stderr
    assert "Did you mean MEMO_RESPONDER?" in done.stderr


def test_a_bot_without_a_voice_says_so_at_start(start_bot: Callable[..., Bot]) -> None:
    bot = start_bot(environment={"MEMO_VOICES": "piper,command"})
    told = bot.events("no voice can be used, every answer goes out as text")
    assert "piper: MEMO_PIPER_VOICE is not set" in told[0]["cause"]


def test_a_damaged_env_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"MEMO_NAME=Zo\xeb\n")
    done = run("answers", "list", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: The file .env is not text in UTF-8 (byte 13); save it as UTF-8."
    ]


def test_a_file_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    out = tmp_path / "missing" / "memo.m4a"
    done = run("demo", "--once", "Hello", "--out", str(out))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"Error: {out} cannot be written: there is no folder {out.parent}.\n"


def test_the_suffix_decides_the_format(tmp_path: Path) -> None:
    sound = tmp_path / "x.WAV"
    assert run("say", "Hello", "-o", str(sound)).returncode == 0
    assert sound.read_bytes()[:4] == b"RIFF"
    told = tmp_path / "x.bin"
    assert run("say", "Hello", "-o", str(told), "--format", "caf").returncode == 0
    assert told.read_bytes()[:4] == b"caff"


def test_all_engines_are_listed_and_a_check_hears_them() -> None:
    silent = {"MEMO_VOICES": "espeak,command", "MEMO_VOICE_COMMAND": "false"}

    def listed(*options: str) -> dict[str, dict[str, object]]:
        done = run("voices", "--json", *options, environment=silent)
        return {one["name"]: one for one in json.loads(done.stdout)}

    engines = listed()
    assert list(engines) == ["espeak", "command", "gtts", "openai", "elevenlabs", "piper"]
    assert [engines[name]["place"] for name in ("espeak", "command", "gtts")] == [1, 2, None]
    assert engines["command"]["usable"]
    assert engines["openai"]["reason"] == "MEMO_SPEECH_BASE_URL is not set"
    checked = listed("--check")
    assert checked["espeak"]["usable"]
    assert not checked["command"]["usable"]
    assert "Errno" not in json.dumps(checked)


def test_help_names_every_command() -> None:
    shown = run("--help").stdout
    assert shown.startswith("Usage: ")
    for command in ("serve", "worker", "send", "answers", "forget", "subscribe", "doctor"):
        assert re.search(rf"^  {command} ", shown, re.MULTILINE)
