"""What is said twice in the commands, to be quick, is the same as where it is meant."""

from __future__ import annotations

from typing import get_args

import pytest
from click.testing import CliRunner

from app.cli.commands import voicememo
from app.cli.messages import STATES
from app.cli.voice import FORMATS
from app.settings import Format
from app.store.ledger import State


def test_formats_and_states_are_those_of_the_service() -> None:
    assert get_args(Format) == FORMATS
    assert get_args(State) == STATES


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sandbox", "--port", "99999"], "99999"),
        (["demo", "--port", "70000"], "70000"),
        (["demo", "--port", "65535"], "65535"),
        (["demo", "--once", " "], "give some words"),
        (["demo", "--out", "x.m4a"], "--once"),
        (["send", "--chat", "x", ""], "TEXT is empty"),
        (["send", "--chat", "a chat", "Hello"], "chat_id"),
        (["send", "--chat", "x", "--language", "f", "Hello"], "language"),
        (["answers", "list", "--state", "bogus"], "uncertain"),
        (["answers", "list", "--limit", "0"], "0"),
        (["answers", "retry"], "--all"),
        (["say", "Hello", "-o", "x.ogg"], "x.ogg ends in no format"),
    ],
)
def test_a_wrong_use_is_refused_before_anything_begins(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(voicememo, arguments)
    assert done.exit_code == 2
    assert told in done.output


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(voicememo, ["--version"]).output.startswith("voicememo-bot 0.")
