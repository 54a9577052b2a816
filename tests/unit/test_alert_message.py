"""What an alert says, to whom, and that nothing in it calls or links by a person's will."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.alert_message import MAX_CHARACTERS, alert_body, quoted
from app.store.alerts import Alert, AlertKind

SINCE = 1_795_269_600.0  # 2026-11-21 14:00 UTC
CONSOLE = "https://bot.example.org/console"


def alert(
    kind: AlertKind = "hand_over",
    *,
    summary: str = "Where is my bike?",
    handle: str | None = "+13125550177",
    reason: str = "asked",
    chat_id: str = "chat-1",
) -> Alert:
    return Alert(
        f"{kind}:answer:m1", kind, chat_id, "answer:m1", reason, summary, handle, SINCE, SINCE, 1
    )


def body(one: Alert, *, console: str | None = CONSOLE, words: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        alert_body(one, console=console, words=words, now=SINCE + 900)
    )
    return told


def test_it_says_who_waits_since_when_and_why_and_where_to_go() -> None:
    told = body(alert())
    assert told["text"] == told["content"]
    assert told["text"].splitlines() == [
        "A chat waits for a person: the person asked for one. "
        "From `+1312…77`, since 2026-11-21 14:00 UTC.",
        "<https://bot.example.org/console/chats/chat-1>",
    ]
    assert told["allowed_mentions"] == {"parse": []}
    assert told["alert"] == {
        "id": "hand_over:answer:m1",
        "event": "chat.hand_over",
        "chat_id": "chat-1",
        "reason": "asked",
        "waiting_since": "2026-11-21T14:00:00Z",
        "number": "+1312…77",
        "console_url": "https://bot.example.org/console/chats/chat-1",
    }


def test_a_reminder_says_how_long_it_has_been() -> None:
    told = body(alert("reminder"))
    assert "still waits for a person, for 15 min now" in told["text"]
    assert told["alert"]["event"] == "chat.reminder"


def test_words_are_told_only_where_that_is_set() -> None:
    assert "bike" not in json.dumps(body(alert()))
    told = body(alert(), words=True)
    assert "About: `Where is my bike?`" in told["text"]
    assert told["alert"]["summary"] == "Where is my bike?"
    assert "summary" not in body(alert(summary=""), words=True)["alert"]


def test_without_console_or_number_it_says_what_is_known() -> None:
    told = body(alert(handle=None, reason="something new"), console=None)
    assert told["text"] == (
        "A chat waits for a person: the bot handed it over. Waiting since 2026-11-21 14:00 UTC."
    )


@pytest.mark.parametrize(
    "words",
    [
        "@everyone come here",
        "@channel @here @all",
        "<!channel> <@U123> <#C123>",
        "<https://evil.example|your bank>",
        "https://evil.example/login",
        "` @everyone `",
        "[click](https://evil.example)",
        "a\n@here\nhttp://b",
        "\u202egnp.exe@here",
    ],
)
def test_words_of_a_person_call_nobody_and_link_nowhere(words: str) -> None:
    said = quoted(words)
    inside = said[1:-1]
    assert said.startswith("`")
    assert said.endswith("`")
    assert not set("`<>|\n\u202e") & set(inside)
    assert "://" not in inside
    for name in ("everyone", "channel", "here", "all"):
        assert f"@{name}" not in inside


@given(st.text(min_size=1, max_size=60), st.integers(0, 3000))
def test_whatever_somebody_says_the_body_is_short_enough_for_discord(
    unit: str, length: int
) -> None:
    words = (unit * length)[:length]
    told = body(alert(summary=words, handle=words, chat_id="c" * 128), words=True)
    assert len(told["content"]) <= MAX_CHARACTERS
    assert told["content"].endswith(">")
