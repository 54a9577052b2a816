"""The console of a running bot: memos through it, sent from it, and what its log says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.console import TOKEN, csrf_of
from tests.harness import BotHarness
from tests.http_calls import NO_TLS
from tests.sandbox_audio import tone


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    folder: Path = tmp_path_factory.mktemp("console")
    with BotHarness(folder, MEMO_ADMIN_TOKEN=TOKEN) as harness:
        yield harness


@pytest.fixture
def http(harness: BotHarness) -> Iterator[httpx.Client]:
    """A browser that is logged in."""
    with httpx.Client(base_url=harness.bot.url, timeout=30, trust_env=False, verify=NO_TLS) as http:
        log_in(http, TOKEN)
        yield http


def log_in(http: httpx.Client, token: str) -> httpx.Response:
    data = {"csrf": csrf_of(http.get("/console").text), "token": token, "next": "/console"}
    return http.post("/console/login", data=data)


def test_a_memo_is_given_out_as_audio_whole_and_in_parts(
    harness: BotHarness, http: httpx.Client
) -> None:
    answer = harness.ask("Hello there", "audio")
    page = http.get(f"/console/chats/{harness.chat('audio')['id']}").text
    [path] = set(re.findall(r'<audio[^>]* src="([^"]+)"', page))
    whole = http.get(path)
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "audio/mp4"
    assert len(whole.content) == answer.bytes
    part = http.get(path, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    [memo] = harness.memos("audio")
    harness.sandbox.api("DELETE", f"/attachments/{memo['memo']['attachment_id']}")
    assert http.get(path).status_code == 404


def test_a_voice_memo_that_came_in_can_be_listened_to_after_its_answer(
    harness: BotHarness, http: httpx.Client
) -> None:
    recorded = tone("wav")
    harness.over(harness.record(recorded, "Audio Message.wav", "audio/wav", "recorded"))
    page = http.get(f"/console/chats/{harness.chat('recorded')['id']}").text
    [path] = set(re.findall(r'src="(/console/audio/messages/[^"]+)"', page))
    whole = http.get(path)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.content == recorded


def test_nobody_is_written_to_who_has_not_written(harness: BotHarness, http: httpx.Client) -> None:
    harness.ask("Hello there", "known")
    token = csrf_of(http.get(f"/console/chats/{harness.chat('known')['id']}").text)
    data = {"csrf": token, "key": "k", "text": "Hello"}
    assert http.post("/console/chats/unknown/memos", data=data).status_code == 404


def test_no_token_and_no_word_stands_in_the_log(harness: BotHarness, http: httpx.Client) -> None:
    wrong = "a-wrong-token-that-somebody-tried"
    assert log_in(http, wrong).status_code == 401
    http.get("/console", params={"q": "searched words"})
    log = harness.bot.log
    assert '"event": "console login refused"' in log
    for secret in (TOKEN, wrong, "searched words"):
        assert secret not in log


def test_an_open_page_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with (
        BotHarness(tmp_path, MEMO_ADMIN_TOKEN=TOKEN) as harness,
        httpx.Client(base_url=harness.bot.url, timeout=30, trust_env=False, verify=NO_TLS) as http,
    ):
        log_in(http, TOKEN)
        with http.stream("GET", "/console/events") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry:")
            harness.bot.terminate()
            assert "event: change" not in list(lines)
        assert harness.bot.wait() == 0
        assert "timeout graceful shutdown exceeded" not in harness.bot.log
