"""`send`, `answers`, `forget`: what an operator is told, and what really happens."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot import Bot
from tests.commands import run, start
from tests.sandbox_server import SandboxServer


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """A database on which no bot has run yet."""
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}


def test_without_a_bot_a_memo_is_taken_back_within_seconds(
    nowhere: dict[str, str], sandbox: SandboxServer, start_bot: Callable[..., Bot]
) -> None:
    done = run("send", "--chat", "some-chat", "Your order is ready", environment=nowhere)
    assert done.returncode == 1
    assert "No bot runs on this database" in done.stderr
    assert "taken back and will not be sent" in done.stderr
    assert "-m app serve`" in done.stderr

    listed = json.loads(run("answers", "list", "--json", environment=nowhere).stdout)
    assert [(one["state"], one["reason"]) for one in listed] == [("silent", "withdrawn")]
    assert "text" not in listed[0]

    # A bot that starts later does not send it either.
    bot = start_bot(nowhere["DATABASE_URL"])
    sandbox.inbound("Hello")
    sandbox.wait_for(lambda state: state["memos"])
    assert all("order" not in json.dumps(memo) for memo in sandbox.state()["memos"])
    assert not [one for one in bot.events() if one.get("answer") == listed[0]["answer_id"]]


def test_ctrl_c_takes_a_memo_back_that_is_not_begun(nowhere: dict[str, str]) -> None:
    process = start("send", "--chat", "some-chat", "Your order is ready", environment=nowhere)
    assert process.stdout is not None
    assert process.stdout.readline().endswith(": queued\n")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert told.strip() == "Error: Interrupted. The memo was taken back and will not be sent."
    listed = json.loads(run("answers", "list", "--json", environment=nowhere).stdout)
    assert [one["reason"] for one in listed] == ["withdrawn"]


def test_a_retry_that_queues_nothing_fails(nowhere: dict[str, str]) -> None:
    unknown = run("answers", "retry", "nosuch", environment=nowhere)
    assert unknown.returncode == 1
    assert "nosuch: no answer, message or memo has this id" in unknown.stderr
    nothing = run("answers", "retry", "--all", environment=nowhere)
    assert (nothing.returncode, nothing.stdout) == (0, "No answer has failed.\n")


def test_answers_are_told_to_programs_without_their_words(
    sandbox: SandboxServer, start_bot: Callable[..., Bot]
) -> None:
    bot = start_bot()
    asked = sandbox.inbound("Hello")
    stopped = sandbox.inbound("STOP", sender="+13125550188")
    sandbox.wait_for(lambda _: bot.events("answer sent"))

    def told(message_id: str) -> dict[str, object]:
        done = run("answers", "show", message_id, "--json", environment=bot.environment)
        return dict(json.loads(done.stdout))

    answer = told(asked["message_id"])
    assert (answer["state"], answer["engine"], answer["characters"]) == ("sent", "espeak", 15)
    assert "text" not in answer
    assert told(stopped["message_id"])["reason"] == "opt_out"


def test_a_person_is_forgotten_however_the_number_is_written(
    sandbox: SandboxServer, start_bot: Callable[..., Bot]
) -> None:
    bot = start_bot()

    def forget(handle: str) -> tuple[int, str]:
        done = run("forget", handle, environment=bot.environment)
        return done.returncode, done.stdout + done.stderr

    for count, handle in enumerate(("13125550177", "(312) 555-0177"), start=1):
        sandbox.inbound("Hello", sender="+13125550177")
        sandbox.wait_for(lambda _: len(bot.events("answer sent")) == count)
        code, told = forget(handle)
        assert code == 0, told
        assert "Forgotten: the words of " in told
        listed = run("answers", "list", "--json", environment=bot.environment).stdout
        assert {one["characters"] for one in json.loads(listed)} == {0}
    code, told = forget("+13125550177")
    assert code == 1
    assert "Nobody with the handle +13125550177 is known; nothing was erased" in told

    sandbox.inbound("Hello", sender="+442079460177")
    sandbox.wait_for(lambda _: len(bot.events("answer sent")) == 3)
    code, told = forget("020 7946 0177")
    assert code == 1
    assert "+4420…77" in told


def test_a_list_of_phrases_must_be_text(tmp_path: Path) -> None:
    file = tmp_path / "phrases"
    file.write_bytes(bytes(range(256)))
    done = run("warm", str(file))
    assert done.returncode == 1
    assert done.stderr == f"Error: {file} is not text in UTF-8 (byte 129).\n"
