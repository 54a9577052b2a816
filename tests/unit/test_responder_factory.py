"""A responder that lacks something is refused at start, with the variable and the cure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.responders.factory import build_responder
from app.responders.sample_desk import sample_desk
from app.settings import ConfigurationError, load_settings

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
HTTP = {"responder": "http", "responder_url": "https://desk.example/answer"}
OPENAI = {"responder": "openai", "chat_base_url": "https://chat.example/v1", "chat_model": "m"}


@pytest.mark.parametrize(
    ("settings", "named", "cure"),
    [
        ({"responder": "rules"}, "MEMO_RULES_FILE", "docs/support.rules.yaml"),
        ({"responder": "rules", "rules_file": "none.yaml"}, "MEMO_RULES_FILE", "can be read"),
        ({"responder": "openai"}, "MEMO_CHAT_BASE_URL", "including /v1"),
        ({**OPENAI, "chat_model": None}, "MEMO_CHAT_MODEL", "the name of a model"),
        ({**OPENAI, "chat_base_url": "chat.example/v1"}, "MEMO_CHAT_BASE_URL", "http(s)://"),
        (
            {**OPENAI, "chat_base_url": "http://chat.example/v1", "chat_api_key": "sk-1"},
            "MEMO_CHAT_BASE_URL",
            "Use https://",
        ),
        ({"responder": "http"}, "MEMO_RESPONDER_URL", "https://"),
        ({**HTTP, "responder_url": "http://desk.example"}, "MEMO_RESPONDER_URL", "https://"),
        ({**HTTP, "responder_url": "ftp://127.0.0.1/"}, "MEMO_RESPONDER_URL", "https://"),
        (HTTP, "MEMO_RESPONDER_SECRET", "Make one with: python3 -c"),
        ({**HTTP, "responder_secret": "hunter2"}, "MEMO_RESPONDER_SECRET", "Make one with"),
        ({**HTTP, "responder_secret": "whsec_aGk="}, "MEMO_RESPONDER_SECRET", "24 random bytes"),
        ({**HTTP, "responder_secret": "whsec_###"}, "MEMO_RESPONDER_SECRET", "base64"),
        ({"responder": "python:no_such:f"}, "python:no_such:f", "no module no_such"),
        ({"responder": "python:json:no_such"}, "json has no function no_such", "def no_such"),
        ({"responder": "python:json:__doc__"}, "has no function __doc__", "sync or async"),
    ],
)
def test_what_is_missing_is_named_with_its_cure(
    settings: dict[str, Any], named: str, cure: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build_responder(load_settings(**settings, _env_file=None))
    assert named in str(caught.value)
    assert cure in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "sk-1" not in str(caught.value)


def test_a_mistake_in_the_rules_is_named_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("default: Hi.\nrules:\n  x: {keyword: y, answer: z}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"desk\.yaml, line 3: .*'keywords'"):
        build_responder(load_settings(responder="rules", rules_file=file, _env_file=None))


@pytest.mark.parametrize(
    "settings",
    [
        {"responder": "echo"},
        {**HTTP, "responder_secret": SECRET},
        {**HTTP, "responder_url": "http://127.0.0.1:9/x", "responder_secret": SECRET},
        {**OPENAI, "chat_api_key": "sk-1"},
        {**OPENAI, "chat_base_url": "http://127.0.0.1:11434/v1"},
        {**OPENAI, "chat_base_url": "http://ollama:11434/v1"},
        {"responder": "python:json:dumps"},
    ],
)
def test_what_is_complete_is_built(settings: dict[str, Any]) -> None:
    assert build_responder(load_settings(**settings, _env_file=None))


@pytest.mark.parametrize(
    ("responder", "unloaded"),
    [("echo", ["openai", "regex", "yaml"]), ("rules", ["openai"])],
)
def test_what_is_not_chosen_takes_no_memory(responder: str, unloaded: list[str]) -> None:
    rules = Path(__file__).parents[2] / "docs" / "support.rules.yaml"
    code = (
        "import sys\n"
        "from app.responders.factory import build_responder\n"
        "from app.settings import load_settings\n"
        f"build_responder(load_settings(responder={responder!r}, rules_file={str(rules)!r}))\n"
        f"print([name for name in {unloaded!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_sample_business_answers_unless_a_responder_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MEMO_RESPONDER", raising=False)
    chosen = sample_desk(load_settings(_env_file=None))
    build_responder(load_settings(**chosen, _env_file=None))
    assert chosen["responder"] == "rules,knowledge"
    assert sample_desk(load_settings(responder="echo", _env_file=None)) == {}
