"""Every server the bot calls says 200 and nonsense: each person gets one memo or one text.

Many chats of one bot are driven at the same time; what a chat meets is in its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
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

BOTH = ("garbage", "accept_then_garbage")
# What name a chat, so that many chats can meet it at the same time: the endpoints of which a chat
# gets garbage, the kinds, and what it gets for its message in the end.
OF_A_CHAT = (
    (("voicememo", "read", "typing"), BOTH, "memo"),
    (("messages_send",), BOTH, "text"),  # for people who write by SMS
    (("voicememo", "messages_list"), ("garbage",), "memo"),  # asked where a post is in doubt
    (("typing_stop",), ("garbage",), "nothing"),  # called where Linq refuses memo and text
)
ONE = {"memo", "text"}
REFUSED = [
    {"endpoint": endpoint, "kind": "status", "status": 400, "code": 1005}
    for endpoint in ("voicememo", "messages_send")
]


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
    """What each chat got for its one message: `memo`, `text`, `nothing`, or more than one.

    said: ids of messages by chat.
    """
    harness.wait_until_over(list(said.values()), timeout)
    sent: dict[str, list[str]] = {chat: [] for chat in said}
    for one in harness.sandbox.state()["messages"]:
        if one["chat"] in sent and one["accepted_number"]:
            sent[one["chat"]].append("memo" if one["memo"] else "text")
    return {chat: " and ".join(replies) or "nothing" for chat, replies in sent.items()}


def test_of_a_chat(linq: FaultHarness) -> None:
    linq.sandbox.clear_faults()
    said: dict[str, str] = {}
    expected: dict[str, str] = {}
    for endpoints, kinds, reply in OF_A_CHAT:
        for kind in kinds:
            chats = {f"{endpoints[-1]} {kind} {name}": body for name, body in BODIES.items()}
            for chat, body in chats.items():
                met = [{"endpoint": one, "kind": kind, "body": body} for one in endpoints]
                meet(linq, chat, met + (REFUSED if reply == "nothing" else []))
            for chat in chats:
                service = "SMS" if reply == "text" else "iMessage"
                said[chat] = linq.say(f"Number {len(said)}", chat, service=service)
            expected |= dict.fromkeys(chats, reply)
            # Where very many answers begin at once, some are begun without these.
            linq.wait(lambda: have_met(linq, "read", "typing"), timeout=30)
    assert replies_to(linq, said) == expected
    linq.wait(lambda: have_met(linq, *chain(*(endpoints for endpoints, _, _ in OF_A_CHAT))), 30)


def meet(harness: FaultHarness, chat: str, faults: list[dict[str, Any]]) -> None:
    """A chat in which these faults happen."""
    harness.sandbox.point_at(None)  # so that the first message, which makes it, is not heard
    chat_id = harness.sandbox.inbound("Hello", chat=chat, sender=person(chat))["chat_id"]
    harness.sandbox.point_at(harness.webhook_url)
    harness.sandbox.faults([{"chat_id": chat_id, **fault} for fault in faults])


def have_met(harness: FaultHarness, *endpoints: str) -> bool:
    """Whether all faults of these endpoints have happened."""
    faults = harness.sandbox.counts()["faults"]
    return all(fault["triggered"] for fault in faults if fault["endpoint"] in endpoints)


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
    assert set(replies_to(linq, recorded(linq, "expired")).values()) <= ONE


def test_of_the_transcriber(linq: FaultHarness) -> None:
    linq.sandbox.clear_faults()
    assert set(replies_to(linq, recorded(linq, "recorded")).values()) <= ONE
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
