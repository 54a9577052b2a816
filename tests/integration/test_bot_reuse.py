"""Words spoken before, words spoken beforehand, and words that are too many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import http_calls
from tests.bot import Bot
from tests.commands import run
from tests.sandbox_server import SandboxServer

Start = Callable[..., Bot]


def memos(state: dict[str, Any], chat_id: str) -> list[dict[str, Any]]:
    return [memo for memo in state["memos"] if memo["chat_id"] == chat_id]


def answered(sandbox: SandboxServer, text: str, sender: str) -> dict[str, Any]:
    """The first memo of a new chat."""
    sent = sandbox.inbound(text, sender=sender)
    found: list[dict[str, Any]] = sandbox.wait_for(lambda state: memos(state, sent["chat_id"]))
    memo: dict[str, Any] = found[0]["memo"]
    return memo


def test_a_clip_that_was_deleted_is_recorded_anew(sandbox: SandboxServer, start_bot: Start) -> None:
    start_bot()
    first = answered(sandbox, "Good morning", "+13125550101")
    http_calls.delete(
        f"{sandbox.api_base}/v3/attachments/{first['attachment_id']}",
        headers={"Authorization": f"Bearer {sandbox.api_key}"},
    ).raise_for_status()
    second = answered(sandbox, "Good morning", "+13125550102")
    assert second["attachment_id"] != first["attachment_id"]
    third = answered(sandbox, "Good morning", "+13125550103")
    assert third["attachment_id"] == second["attachment_id"]


def test_a_makeshift_voice_is_not_remembered(sandbox: SandboxServer, start_bot: Start) -> None:
    # The first engine never works: what the second says may sound better another time.
    start_bot(
        environment={
            "MEMO_VOICES": "openai,espeak",
            "MEMO_SPEECH_BASE_URL": "http://127.0.0.1:9/v1",
            "MEMO_SPEECH_MODEL": "m",
            "MEMO_SPEECH_VOICE": "v",
        }
    )
    first = answered(sandbox, "Good morning", "+13125550101")
    second = answered(sandbox, "Good morning", "+13125550102")
    assert first["attachment_id"] != second["attachment_id"]


def test_greetings_are_recorded_beforehand(
    sandbox: SandboxServer, start_bot: Start, tmp_path: Path
) -> None:
    bot = start_bot()
    file = tmp_path / "greetings.txt"
    file.write_text("# What the echo will say\n\nYou said: Good morning\n", encoding="utf-8")

    def warm() -> str:
        done = run("warm", str(file), environment=bot.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "synthesized by espeak" in warm()
    assert "known already" in warm()
    uploads = len(sandbox.state()["uploads"])
    answered(sandbox, "Good morning", "+13125550101")
    assert len(sandbox.state()["uploads"]) == uploads


def test_what_does_not_fit_follows_as_text(sandbox: SandboxServer, start_bot: Start) -> None:
    start_bot(environment={"MEMO_MAX_SECONDS": "8"})
    sentences = [f"This is sentence number {n}, and it says very little." for n in range(1, 13)]
    sent = sandbox.inbound(" ".join(sentences))

    def whole(state: dict[str, Any]) -> list[dict[str, Any]] | None:
        out = [one for one in state["messages"] if one["direction"] == "outbound"]
        return out if len(out) == 2 else None

    memo, text = sandbox.wait_for(whole)
    assert memo["kind"] == "voice_memo"
    assert 3 < memo["memo"]["probe"]["duration"] <= 8.5
    assert text["text"].startswith("This is sentence number ")
    assert text["text"].endswith(sentences[-1])
    assert text["chat_id"] == sent["chat_id"]
