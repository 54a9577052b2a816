"""`voicememo voices get`: a voice for Piper, from a local catalogue, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.commands import voicememo
from tests.integration.local_server import Reply, Server, running

NAME = "de_DE-example-low"
FOLDER = "de/de_DE/example/low"
MODEL, DESCRIPTION = b"onnx" * 5_000, b'{"language": {"code": "de_DE"}}'
CARD = b"# Model card for example\n\n* Language: German\n* License: CC0\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def publish(server: Server, **changed: Any) -> str:
    """The address of a catalogue with one voice; `changed` are facts of its model."""
    contents = {f"{NAME}.onnx": MODEL, f"{NAME}.onnx.json": DESCRIPTION, "MODEL_CARD": CARD}
    files = {}
    for name, content in contents.items():
        server.reply(f"/v/{FOLDER}/{name}", Reply(body=content))
        facts = {"size_bytes": len(content), "md5_digest": hashlib.md5(content).hexdigest()}
        files[f"{FOLDER}/{name}"] = facts | (changed if name.endswith(".onnx") else {})
    listed = {NAME: {"key": NAME, "files": files}, "en_US-other-low": {"files": {}}}
    server.reply("/v/voices.json", Reply(body=json.dumps(listed).encode()))
    return f"{server.address}/v"


def get(catalogue: str, folder: Path, name: str = NAME) -> tuple[int, str]:
    arguments = ["voices", "get", name, "--into", str(folder), "--catalogue", catalogue]
    result = CliRunner().invoke(voicememo, arguments)
    return result.exit_code, result.output


def test_a_voice_is_fetched_checked_and_its_licence_printed(server: Server, tmp_path: Path) -> None:
    code, output = get(publish(server), tmp_path / "voices")
    assert code == 0, output
    assert {file.name: file.read_bytes() for file in (tmp_path / "voices").iterdir()} == {
        f"{NAME}.onnx": MODEL,
        f"{NAME}.onnx.json": DESCRIPTION,
    }
    assert "License: CC0" in output
    assert f"MEMO_PIPER_VOICE={tmp_path / 'voices'}" in output


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"md5_digest": "0" * 32}, "not what the catalogue says"),
        ({"size_bytes": 7}, "not what the catalogue says"),
        ({"size_bytes": 10**12}, "would have"),
        ({"size_bytes": "many"}, "cannot be read"),
    ],
)
def test_what_is_not_as_the_catalogue_says_leaves_nothing(
    server: Server, tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    code, output = get(publish(server, **changed), tmp_path)
    assert code == 1
    assert told in output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "reply", [Reply(404), Reply(drops=True), Reply(body=b"[]"), Reply(body=b"{" * 10_000)]
)
def test_a_catalogue_that_is_none_is_told_so(server: Server, tmp_path: Path, reply: Reply) -> None:
    server.reply("/v/voices.json", reply)
    code, output = get(f"{server.address}/v", tmp_path)
    assert (code, list(tmp_path.iterdir())) == (1, [])
    assert "voices.json" in output


def test_a_download_that_breaks_off_leaves_the_voice_that_was_there(
    server: Server, tmp_path: Path
) -> None:
    catalogue = publish(server)
    (tmp_path / f"{NAME}.onnx").write_bytes(b"the one before")
    server.reply(f"/v/{FOLDER}/{NAME}.onnx", Reply(drops=True))
    assert get(catalogue, tmp_path)[0] == 1
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [
        (f"{NAME}.onnx", b"the one before")
    ]


def test_a_name_outside_of_the_catalogue_gets_a_hint(server: Server, tmp_path: Path) -> None:
    code, output = get(publish(server), tmp_path, "de_DE-nobody-high")
    assert code == 1
    assert NAME in output


def test_a_path_that_leaves_the_folder_is_refused(server: Server, tmp_path: Path) -> None:
    facts = {"size_bytes": 1, "md5_digest": "0" * 32}
    files = {"../../evil.onnx": facts, "../../evil.onnx.json": facts}
    server.reply("/v/voices.json", Reply(body=json.dumps({NAME: {"files": files}}).encode()))
    code, output = get(f"{server.address}/v", tmp_path)
    assert code == 1
    assert "cannot be read" in output


def test_without_https_nothing_is_asked(tmp_path: Path) -> None:
    code, output = get("http://voices.example.com", tmp_path)
    assert code == 1
    assert "https://" in output
