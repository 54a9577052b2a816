"""Every server the bot calls says 200 and nonsense: each person gets one memo or one text.

Many chats of one bot are driven at the same time; what a chat meets is in its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.harness import BotHarness, FaultHarness, person
from tests.integration import speech_server
from tests.integration.audio_files import iphone_aac_in_caf
from tests.integration.garbage_server import (
    BODIES,
    garbage_in_turn,
    garbage_or,
    serving_google,
)
from tests.integration.speech_server import SpeechServer
from tests.prepared_databases import new_sqlite

OF_A_CHAT = {
    # Endpoints that name a chat, so that many chats can meet them at the same time.
    "voicememo": ("garbage", "accept_then_garbage"),
    "messages_send": ("garbage", "accept_then_garbage"),
    "messages_list": ("garbage", "accept_then_garbage"),
    "read": ("garbage",),
    "typing": ("garbage",),
    "typing_stop": ("garbage",),
}


@pytest.fixture(scope="module")
def linq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultHarness]:
    """A bot that Linq told nonsense about its own lines when it started."""
    url = new_sqlite(tmp_path_factory.mktemp("garbage") / "bot.db")
    with SpeechServer(garbage_in_turn()) as transcriber, FaultHarness(url) as harness:
        harness.sandbox.faults(in_turn("phone_numbers"))
        harness.start_bot(
            MEMO_TRANSCRIBE_BASE_URL=f"{transcriber.url}/v1",
            TEST_RETRY_SEND_SECONDS="12",
            TEST_LOOK_UP_SECONDS="20",
        )
        yield harness


def in_turn(endpoint: str, kind: str = "garbage", **more: Any) -> list[dict[str, Any]]:
    """Faults by which the next calls of an endpoint get one body each."""
    return [{"endpoint": endpoint, "kind": kind, "body": body, **more} for body in BODIES.values()]


def replies_to(harness: BotHarness, said: dict[str, str], timeout: float = 60.0) -> dict[str, str]:
    """What each chat got for its one message: `memo` or `text`; anything else is a failure.

    said: ids of messages by chat.
    """
    harness.wait_until_over(list(said.values()), timeout)
    sent: dict[str, list[str]] = {chat: [] for chat in said}
    for one in harness.sandbox.state()["messages"]:
        if one["chat"] in sent and one["accepted_number"]:
            sent[one["chat"]].append("memo" if one["memo"] else "text")
    assert [chat for chat, replies in sent.items() if len(replies) != 1] == []
    return {chat: reply for chat, [reply] in sent.items()}


def test_of_a_chat(linq: FaultHarness) -> None:
    linq.sandbox.clear_faults()
    linq.sandbox.point_at(None)  # so that the first messages, which make the chats, are not heard
    faults, services = [], {}
    for endpoint, kinds in OF_A_CHAT.items():
        for kind, (name, body) in product(kinds, BODIES.items()):
            chat = f"{endpoint} {kind} {name}"
            chat_id = linq.sandbox.inbound("Hello", chat=chat, sender=person(chat))["chat_id"]
            fault = {"chat_id": chat_id, "kind": kind, "body": body}
            faults.append({"endpoint": endpoint, **fault})
            if endpoint == "messages_list":  # which is asked where a post is in doubt
                faults.append({"endpoint": "voicememo", **fault})
            services[chat] = "SMS" if endpoint == "messages_send" else "iMessage"
    linq.sandbox.faults(faults)
    linq.sandbox.point_at(linq.webhook_url)
    said = {chat: linq.say(f"About {chat}", chat, service=services[chat]) for chat in services}
    found = replies_to(linq, said)
    assert found == {
        chat: "text" if service == "SMS" else "memo" for chat, service in services.items()
    }


@pytest.mark.parametrize("endpoint", ["attachment_create", "upload"])
@pytest.mark.parametrize("kind", ["garbage", "accept_then_garbage"])
def test_of_an_upload(linq: FaultHarness, endpoint: str, kind: str) -> None:
    linq.sandbox.clear_faults()
    linq.sandbox.faults(in_turn(endpoint, kind))
    chats = [f"{endpoint} {kind} {number}" for number in range(len(BODIES))]
    found = replies_to(linq, {chat: linq.say(f"About {chat}", chat) for chat in chats})
    if (endpoint, kind) != ("upload", "garbage"):
        assert set(found.values()) == {"memo"}
        return
    # The file is not there, though Linq's storage said so: what cannot be sent is not kept either.
    assert set(found.values()) == {"text"}
    again = replies_to(
        linq, {f"{chat} again": linq.say(f"About {chat}", f"{chat} again") for chat in chats}
    )
    assert set(again.values()) == {"memo"}


def test_of_a_voice_memo_that_came_in(linq: FaultHarness) -> None:
    linq.sandbox.clear_faults()
    expired = {"endpoint": "download", "kind": "status", "status": 403, "count": len(BODIES)}
    linq.sandbox.faults([expired, *in_turn("attachment_get")])
    replies_to(linq, recorded(linq, "expired"))


def test_of_the_transcriber(linq: FaultHarness) -> None:
    linq.sandbox.clear_faults()
    replies_to(linq, recorded(linq, "recorded"))
    heard = " ".join(text for number in range(len(BODIES)) for _, text in turns(linq, number))
    assert not any(body in heard for body in ("doctype", "null", "[]", "{"))


def recorded(harness: BotHarness, name: str) -> dict[str, str]:
    """A voice memo in each of some chats."""
    data = iphone_aac_in_caf()
    chats = [f"{name} {number}" for number in range(len(BODIES))]
    return {chat: harness.record(data, "a.caf", "audio/x-caf", chat) for chat in chats}


def turns(harness: BotHarness, number: int) -> Sequence[tuple[str, str]]:
    return harness.turns(f"recorded {number}")


@pytest.mark.parametrize(
    ("engine", "reply"),
    [("gtts,espeak", "memo"), ("elevenlabs", "text"), ("openai,espeak", "memo")],
)
def test_of_the_voices(tmp_path: Path, engine: str, reply: str) -> None:
    """A decent memo comes in between, so that no engine is left alone for its failures."""
    with ExitStack() as stack:
        google = stack.enter_context(serving_google(garbage_or(speech_server.google), tmp_path))
        elevenlabs = stack.enter_context(SpeechServer(garbage_or(speech_server.elevenlabs)))
        openai = stack.enter_context(SpeechServer(garbage_or(speech_server.openai)))
        bot = stack.enter_context(FaultHarness(new_sqlite(tmp_path / "bot.db")))
        bot.start_bot(
            forked="gtts" not in engine,  # what is trusted was read before the fork
            **{
                "MEMO_VOICES": engine,
                "MEMO_ELEVENLABS_BASE_URL": elevenlabs.url,
                "MEMO_ELEVENLABS_VOICE": "voice",
                "ELEVENLABS_API_KEY": "key",
                "MEMO_SPEECH_BASE_URL": f"{openai.url}/v1",
                "MEMO_SPEECH_MODEL": "local",
                "MEMO_SPEECH_VOICE": "voice",
                **google,
            },
        )
        found: dict[str, str] = {}
        names = list(BODIES)
        for pair in zip(names[::2], names[1::2], strict=True):
            found |= replies_to(bot, {name: bot.say(f"body {name}", name) for name in pair})
            decent = bot.ask(f"Something decent after {pair[0]}", f"after {pair[0]}")
            assert decent.engine == engine.partition(",")[0]
        assert found == dict.fromkeys(BODIES, reply)


@pytest.mark.parametrize("responder", ["http", "openai"])
def test_of_the_responders(tmp_path: Path, responder: str) -> None:
    with (
        SpeechServer(garbage_or(lambda _: speech_server.Reply(status=500))) as server,
        BotHarness(
            tmp_path,
            MEMO_RESPONDER=responder,
            MEMO_RESPONDER_URL=server.url,
            MEMO_RESPONDER_SECRET="whsec_" + "A" * 44,
            MEMO_CHAT_BASE_URL=f"{server.url}/v1",
            MEMO_CHAT_MODEL="local",
        ) as bot,
    ):
        found = replies_to(bot, {name: bot.say(f"body {name}", name) for name in BODIES})
        assert set(found.values()) == {"memo"}
        assert len(server.received) >= len(BODIES)
