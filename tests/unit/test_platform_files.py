"""The files for platforms: well-formed, true to the settings, and patient enough at the end."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.answers.timing import Timing
from app.environment import known_variables

ROOT = Path(__file__).parents[2]
NEEDED_SECONDS = 5 + Timing().drain_seconds + 2
"""From SIGTERM to the end: requests, answers in progress, and what is left to close."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def unit() -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(text_of("deploy/voicememo.service"))
    return found


def variables() -> dict[str, set[str]]:
    """The variables that each file sets or asks for."""
    render: Any = yaml.safe_load(text_of("render.yaml"))
    compose: Any = yaml.safe_load(text_of("compose.yaml"))
    return {
        "app.json": set(json.loads(text_of("app.json"))["env"]),
        "render.yaml": {one["key"] for one in render["services"][0]["envVars"]},
        "compose.yaml": set(compose["services"]["bot"]["environment"]),
        "fly.toml": set(tomllib.loads(text_of("fly.toml"))["env"]),
        "Dockerfile": set(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=", text_of("Dockerfile"), re.M))
        - {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"},
    }


@pytest.mark.parametrize("name", variables())
def test_every_variable_is_a_setting(name: str) -> None:
    assert variables()[name]
    assert variables()[name] <= known_variables()


def test_each_leaves_the_time_that_the_end_needs() -> None:
    fly = tomllib.loads(text_of("fly.toml"))
    render: Any = yaml.safe_load(text_of("render.yaml"))
    compose: Any = yaml.safe_load(text_of("compose.yaml"))
    given = {
        "fly.toml": fly["kill_timeout"],
        "render.yaml": render["services"][0]["maxShutdownDelaySeconds"],
        "railway.json": json.loads(text_of("railway.json"))["deploy"]["drainingSeconds"],
        "compose.yaml": int(compose["services"]["bot"]["stop_grace_period"].removesuffix("s")),
        "voicememo.service": int(unit()["Service"]["TimeoutStopSec"]),
    }
    assert {name for name, seconds in given.items() if seconds < NEEDED_SECONDS} == set()
    assert fly["kill_signal"] == "SIGTERM"


def test_nothing_puts_the_bot_to_sleep_on_fly_and_its_port_is_the_one_that_is_asked() -> None:
    fly = tomllib.loads(text_of("fly.toml"))
    assert fly["http_service"]["auto_stop_machines"] == "off"
    assert str(fly["http_service"]["internal_port"]) == fly["env"]["PORT"]


def test_health_is_asked_where_a_bot_that_misses_something_is_still_shown() -> None:
    render: Any = yaml.safe_load(text_of("render.yaml"))
    [check] = tomllib.loads(text_of("fly.toml"))["http_service"]["checks"]
    paths = {
        render["services"][0]["healthCheckPath"],
        json.loads(text_of("railway.json"))["deploy"]["healthcheckPath"],
        check["path"],
    }
    assert paths == {"/healthz"}


def test_secrets_are_asked_for_or_generated_and_stand_in_no_file() -> None:
    render: Any = yaml.safe_load(text_of("render.yaml"))
    for one in render["services"][0]["envVars"]:
        if one["key"].endswith(("KEY", "SECRET", "TOKEN")):
            assert one.get("sync") is False or one.get("generateValue")
    for name, one in json.loads(text_of("app.json"))["env"].items():
        if name.endswith(("KEY", "SECRET", "TOKEN")):
            assert "value" not in one
    assert json.loads(text_of("app.json"))["success_url"] == "/"


def test_heroku_and_render_start_the_same_command() -> None:
    render: Any = yaml.safe_load(text_of("render.yaml"))
    assert f"web: {render['services'][0]['startCommand']}\n" in text_of("Procfile")
