"""A colleague takes a chat over in the console, writes, records, and hands it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.audio import TARGET_LUFS, decode, loudness
from app.store import desk
from app.store.tables import recordings
from tests.console import TOKEN
from tests.desk_client import DeskClient
from tests.harness import BotHarness, beeps
from tests.sandbox_audio import tone


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    folder: Path = tmp_path_factory.mktemp("desk")
    with BotHarness(folder, MEMO_ADMIN_TOKEN=TOKEN) as harness:
        yield harness


@pytest.fixture
def at_desk(harness: BotHarness, request: pytest.FixtureRequest) -> Iterator[DeskClient]:
    """A chat of the test's own, in which the bot has answered once."""
    chat = request.node.name
    harness.ask(beeps(1), chat)
    with DeskClient(harness.bot.url, harness.chat(chat)["id"]) as client:
        yield client


@pytest.fixture
def chat(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def ours(harness: BotHarness, chat: str) -> list[tuple[str, str]]:
    """What colleagues sent: state and reason."""
    chat_id = harness.chat(chat)["id"]
    found = [one for one in harness.ledger.answers() if one.chat_id == chat_id]
    return [(one.state, one.reason) for one in found if one.origin == "colleague"]


def kept_recordings(harness: BotHarness) -> int:
    return len(harness.database.read_sync(lambda c: c.execute(recordings.select()).all()))


def test_what_a_colleague_writes_goes_out_in_their_form_and_the_bot_is_silent(
    harness: BotHarness, at_desk: DeskClient, chat: str
) -> None:
    assert at_desk.send("I am looking at it.", "voice") == 303
    assert at_desk.send("Your order is DE-17.", "text") == 303
    harness.wait(lambda: len(harness.sent(chat)) == 3)
    assert len(harness.memos(chat)) == 2
    assert harness.texts(chat) == ["Your order is DE-17."]
    assert harness.ask("Thank you!", chat).reason == "hand_over"
    assert "Thank you!" in at_desk.page()
    assert at_desk.post("return") == 303
    assert harness.ask("And the bot?", chat).state == "sent"
    assert len(harness.sent(chat)) == 4


def test_a_form_that_is_sent_twice_sends_once_and_takes_the_chat_once(
    harness: BotHarness, at_desk: DeskClient, chat: str
) -> None:
    data = {**at_desk.fields(), "text": "Hello", "form": "text"}
    path = f"{at_desk.path}/memos"
    assert at_desk.http.post(path, data=data).status_code == 303
    assert at_desk.post("return") == 303
    assert at_desk.http.post(path, data=data).status_code == 303
    assert at_desk.http.post(path, data=data | {"text": "Other"}).status_code == 400
    harness.wait(lambda: ours(harness, chat) == [("sent", "answer")])
    assert harness.texts(chat) == ["Hello"]
    assert "The bot answers here" in at_desk.page()


@pytest.mark.parametrize("ending", ["ogg", "m4a"])
def test_a_recording_goes_out_as_a_voice_memo_once(
    harness: BotHarness, at_desk: DeskClient, chat: str, ending: str
) -> None:
    recorded = tone(ending, seconds=2.0, level=0.02)
    for _ in range(2):
        assert at_desk.record(recorded, key=f"k{ending}") == 202
    harness.wait(lambda: ours(harness, chat) == [("sent", "answer")])
    [_, memo] = harness.memos(chat)
    probe = memo["memo"]["probe"]
    assert 1.9 <= probe["duration"] <= 2.6
    assert (probe["channels"], probe["sample_rate"]) == (1, 24_000)
    [path] = set(re.findall(r'src="([^"]+memo%3Aconsole-[^"]+)"', at_desk.page()))
    played = decode(at_desk.http.get(path).content)
    assert loudness(played).integrated == pytest.approx(TARGET_LUFS, abs=1.5)
    assert not harness.texts(chat)
    assert kept_recordings(harness) == 0
    assert harness.turns(chat)[-1] == ("assistant", "(a voice memo)")
    assert "A colleague has this chat" in at_desk.page()


@pytest.mark.parametrize("data", [b"<html>no audio", tone("ogg", level=0.0)])
def test_a_recording_that_is_none_fails_clearly_and_sends_nothing(
    harness: BotHarness, at_desk: DeskClient, chat: str, data: bytes
) -> None:
    assert at_desk.record(data) == 202
    harness.wait(lambda: ours(harness, chat) == [("failed", "recording_unusable")])
    assert len(harness.sent(chat)) == 1
    assert kept_recordings(harness) == 0
    assert "The recording could not be used; nothing was sent." in at_desk.page()


def test_a_recording_that_linq_refuses_is_never_sent_as_words_and_can_be_tried_again(
    harness: BotHarness, at_desk: DeskClient, chat: str
) -> None:
    fault = {"endpoint": "voicememo", "kind": "status", "status": 400, "code": 1005, "count": 1}
    harness.sandbox.faults([fault])
    assert at_desk.record(tone("ogg")) == 202
    harness.wait(lambda: ours(harness, chat) == [("failed", "memo_refused")])
    assert len(harness.sent(chat)) == 1
    page = at_desk.page()
    assert "Try again" in page
    [failed] = [one for one in harness.ledger.answers() if one.state == "failed"
                and one.chat_id == harness.chat(chat)["id"]]  # fmt: skip
    assert at_desk.post("retry", answer=failed.answer_id) == 303
    harness.wait(lambda: ours(harness, chat)[0][0] == "sent")
    assert len(harness.memos(chat)) == 2
    assert not harness.texts(chat)


def test_of_a_zero_retention_chat_a_recording_is_sealed_until_it_is_sent(
    harness: BotHarness, chat: str
) -> None:
    harness.ask(beeps(1), chat, zero_retention=True)
    recorded = tone("ogg", seconds=1.0)
    with DeskClient(harness.bot.url, harness.chat(chat)["id"]) as client:
        harness.sandbox.faults([{"endpoint": "attachment_create", "kind": "hang", "count": 1}])
        before = harness.calls().get("attachment_create", 0)
        assert client.record(recorded) == 202
        harness.call_underway("attachment_create", before + 1)
        [row] = harness.database.read_sync(lambda c: c.execute(recordings.select()).all())
        assert row.data.startswith(b"sealed:")
        harness.wait(lambda: ours(harness, chat) == [("sent", "answer")])
        assert kept_recordings(harness) == 0
        assert "no word of it is shown" in client.page()


def test_the_person_sees_that_a_colleague_types(harness: BotHarness, at_desk: DeskClient) -> None:
    before = harness.calls().get("typing", 0)
    for _ in range(3):
        assert at_desk.post("typing", typing="1") == 204
    harness.call_underway("typing", before + 1)
    harness.sandbox.faults([{"endpoint": "typing", "kind": "status", "status": 500, "count": 1}])
    assert at_desk.post("typing", typing="0") == 204
    assert harness.calls()["typing"] <= before + 2


def test_the_chat_that_waits_says_why(harness: BotHarness, at_desk: DeskClient, chat: str) -> None:
    harness.ask("Can I talk to a person, please?", chat)
    page = at_desk.page()
    assert "Waiting for a person" in page
    assert "Asked for a person" in page
    assert at_desk.post("take") == 303
    assert "A colleague has this chat" in at_desk.page()
    chat_id = harness.chat(chat)["id"]
    harness.database.write_sync(lambda c: desk.give_back(c, chat_id, 0.0))


def test_no_word_of_a_colleague_stands_in_the_log(
    harness: BotHarness, at_desk: DeskClient, chat: str
) -> None:
    at_desk.send("a sentence of a colleague", "text")
    harness.wait(lambda: ours(harness, chat) == [("sent", "answer")])
    assert "a sentence of a colleague" not in harness.bot.log
    assert TOKEN not in harness.bot.log
