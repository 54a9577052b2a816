"""What people ask of the bot itself: to stop, said as well as written, and to write instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import BotHarness
from tests.integration.local_server import Reply, Server, running
from tests.integration.transcription import M4A, says


@pytest.fixture(scope="module")
def transcriber() -> Iterator[Server]:
    with running() as server:
        says(server, Reply(body=b'{"text": "Please stop texting me."}'))
        yield server


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, transcriber: Server) -> Iterator[BotHarness]:
    settings = {"MEMO_TRANSCRIBE_BASE_URL": f"{transcriber.address}/v1"}
    with BotHarness(tmp_path_factory.mktemp("wishes"), MEMO_VOICES="espeak", **settings) as bot:
        yield bot


def test_a_stop_that_is_said_is_heard(bot: BotHarness) -> None:
    answer = bot.over(bot.record(M4A, "Audio.m4a", "audio/x-m4a", "spoken stop"))
    assert (answer.state, answer.reason) == ("silent", "asked_to_stop")
    assert bot.sent("spoken stop") == []


def test_who_cannot_listen_gets_the_last_answer_in_writing_at_once(bot: BotHarness) -> None:
    bot.ask("We meet at the old mill", "cannot listen")
    assert bot.texts("cannot listen") == []
    bot.ask("I can't listen right now, please write", "cannot listen")
    (text,) = bot.texts("cannot listen")
    assert text.endswith("\n\nYou said: We meet at the old mill")
    bot.ask("please write", "cannot listen")
    assert "old mill" not in bot.texts("cannot listen")[-1], "it was read already"


def test_kanji_with_the_offline_voice_alone_is_a_text(bot: BotHarness) -> None:
    answer = bot.ask("明日は休みですか？", "kanji")
    assert (answer.state, answer.reason) == ("sent", "no_voice")
    assert bot.texts("kanji") == ["You said: 明日は休みですか？"]
    assert not bot.memos("kanji")


def test_the_language_that_was_heard_is_the_question_s(
    bot: BotHarness, transcriber: Server
) -> None:
    says(transcriber, Reply(body=b'{"text": "text please", "language": "german"}'))
    bot.over(bot.record(M4A, "Audio.m4a", "audio/x-m4a", "heard"))
    assert bot.texts("heard") == ["Gut, ab jetzt schreibe ich."]
