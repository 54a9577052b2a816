"""Voice memos must be what they say they are: decodable, of an accepted type, at most 10 MB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.sandbox import SandboxConfig
from tests import http_calls
from tests.integration.local_server import Reply, Server, running
from tests.sandbox_audio import CONTENT_TYPES, silence, tone
from tests.sandbox_server import SandboxServer


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(rate_limit=None)) as server:
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    server.reset()
    return server


@pytest.fixture(scope="module")
def files() -> Iterator[Server]:
    with running() as files:
        yield files


@pytest.fixture
def chat(sandbox: SandboxServer) -> str:
    return str(sandbox.inbound("hello", chat="alice")["chat_id"])


def upload(sandbox: SandboxServer, data: bytes, content_type: str = "audio/x-m4a") -> str:
    attachment = sandbox.http.post(
        "/v3/attachments",
        json={"filename": "reply", "content_type": content_type, "size_bytes": len(data)},
        headers={"Authorization": f"Bearer {sandbox.api_key}"},
    ).json()
    sandbox.http.put(
        attachment["upload_url"], content=data, headers=attachment["required_headers"]
    ).raise_for_status()
    return str(attachment["attachment_id"])


def send(sandbox: SandboxServer, chat: str, **body: Any) -> httpx.Response:
    return sandbox.http.post(
        f"/v3/chats/{chat}/voicememo",
        json=body,
        headers={"Authorization": f"Bearer {sandbox.api_key}"},
    )


def refusal(answer: httpx.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("ending", CONTENT_TYPES)
def test_every_accepted_format_becomes_a_memo(
    sandbox: SandboxServer, chat: str, ending: str
) -> None:
    data = tone(ending, seconds=1.0)
    attachment_id = upload(sandbox, data, CONTENT_TYPES[ending])
    answer = send(sandbox, chat, attachment_id=attachment_id)
    assert answer.status_code == 202
    assert answer.json()["voice_memo"]["voice_memo"]["duration_ms"] == pytest.approx(1000, abs=100)
    (memo,) = sandbox.state(chat=chat)["memos"]
    assert memo["memo"]["attachment_id"] == attachment_id
    assert memo["memo"]["probe"]["duration"] == pytest.approx(1.0, abs=0.1)
    assert len(memo["memo"]["probe"]["waveform"]) == 48
    playable = sandbox.http.get(memo["memo"]["play_url"])
    assert playable.headers["content-type"] in {
        *("audio/mp4", "audio/mpeg", "audio/x-wav", "audio/aac", "audio/wav")
    }
    assert len(playable.content) > 500
    as_wav = sandbox.http.get(memo["memo"]["play_url"], params={"as": "wav"})
    assert (as_wav.headers["content-type"], as_wav.content[:4]) == ("audio/wav", b"RIFF")


@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        (b"this is a text file, named reply.m4a\n" * 50, "audio/x-m4a", (400, 5006)),
        (tone("mp3"), "audio/x-m4a", (400, 5006)),
        (tone("m4a"), "audio/mpeg", (400, 5006)),
        (tone("m4a")[:700], "audio/x-m4a", (400, 5006)),
        (b"\x89PNG\r\n\x1a\n" * 20, "image/png", (400, 5004)),
        (tone("m4a"), "audio/midi", (400, 5004)),
        (silence(230), "audio/x-wav", (413, 5001)),
    ],
    ids=["text", "mp3 as m4a", "m4a as mp3", "truncated", "image", "midi", "too large"],
)
def test_files_that_are_no_voice_memo(
    sandbox: SandboxServer, chat: str, data: bytes, content_type: str, expected: tuple[int, int]
) -> None:
    attachment_id = upload(sandbox, data, content_type)
    assert refusal(send(sandbox, chat, attachment_id=attachment_id)) == expected
    assert sandbox.state(chat=chat)["memos"] == []


def test_exactly_one_of_the_two_ways(sandbox: SandboxServer, chat: str) -> None:
    attachment_id = upload(sandbox, tone("m4a"))
    both = {"attachment_id": attachment_id, "voice_memo_url": "https://a.example/b.m4a"}
    assert refusal(send(sandbox, chat)) == (400, 1001)
    assert refusal(send(sandbox, chat, **both)) == (400, 1005)
    assert refusal(send(sandbox, chat, attachment_id="reply.m4a")) == (400, 1005)
    assert refusal(send(sandbox, chat, attachment_id=chat)) == (404, 2003)


def test_what_the_endpoint_does_not_know_is_ignored(sandbox: SandboxServer, chat: str) -> None:
    body = {"from": "+13125550100", "force_notify": True, "idempotency_key": "k"}
    for _ in range(2):
        attachment_id = upload(sandbox, tone("m4a"))
        assert send(sandbox, chat, attachment_id=attachment_id, **body).status_code == 202
    assert len(sandbox.state(chat=chat)["memos"]) == 2, "there is no idempotency key here"


def test_the_same_file_can_be_sent_again(sandbox: SandboxServer, chat: str) -> None:
    attachment_id = upload(sandbox, tone("m4a"))
    ids = {
        send(sandbox, chat, attachment_id=attachment_id).json()["voice_memo"]["id"]
        for _ in range(2)
    }
    assert len(ids) == 2


def test_a_file_that_is_not_there_yet() -> None:
    with SandboxServer(SandboxConfig(attachment_ready_delay=0.3)) as sandbox:
        chat = sandbox.inbound("hello", chat="alice")["chat_id"]
        attachment_id = upload(sandbox, tone("m4a"))
        assert refusal(send(sandbox, chat, attachment_id=attachment_id)) == (404, 2007)
        accepted = sandbox.wait_for(
            lambda _: send(sandbox, chat, attachment_id=attachment_id).status_code == 202
        )
        assert accepted


@pytest.mark.parametrize("service", ["SMS", "RCS"])
def test_outside_imessage_a_memo_arrives_as_a_file(sandbox: SandboxServer, service: str) -> None:
    chat = sandbox.inbound("hello", chat="green", service=service)["chat_id"]
    attachment_id = upload(sandbox, tone("m4a"))
    answer = send(sandbox, chat, attachment_id=attachment_id)
    assert answer.status_code == 202
    assert answer.json()["voice_memo"]["service"] == service
    state = sandbox.state(chat=chat)
    assert state["memos"] == []
    assert [part["id"] for part in state["messages"][-1]["parts"]] == [attachment_id]
    assert state["messages"][-1]["kind"] == "message"


def test_who_opted_out_gets_no_memo(sandbox: SandboxServer, chat: str) -> None:
    attachment_id = upload(sandbox, tone("m4a"))
    sandbox.inbound("STOP", chat_id=chat)
    assert refusal(send(sandbox, chat, attachment_id=attachment_id)) == (403, 2024)
    answer = send(sandbox, chat, attachment_id=attachment_id, override_optout=True)
    assert answer.status_code == 202


def test_a_zero_retention_line_keeps_no_parts(sandbox: SandboxServer) -> None:
    chat = sandbox.inbound("hello", chat="private", zero_retention=True)["chat_id"]
    send(sandbox, chat, attachment_id=upload(sandbox, tone("m4a")))
    history = sandbox.http.get(
        f"/v3/chats/{chat}/messages", headers={"Authorization": f"Bearer {sandbox.api_key}"}
    ).json()["messages"]
    assert [message["parts"] for message in history] == [[], []]
    assert len(sandbox.state(chat=chat)["memos"]) == 1, "the audit still sees it"


# By URL


def audio(content_type: str = "audio/mp4", status: int = 200) -> Reply:
    return Reply(status, tone("m4a"), {"content-type": content_type})


@pytest.mark.parametrize("content_type", ["audio/mp4", "audio/x-m4a", "Audio/MP4; charset=x"])
def test_a_memo_by_url(sandbox: SandboxServer, chat: str, files: Server, content_type: str) -> None:
    url = files.reply("/memos/My%20reply.m4a", audio(content_type))
    answer = send(sandbox, chat, voice_memo_url=url)
    assert answer.status_code == 202
    memo = answer.json()["voice_memo"]["voice_memo"]
    assert (memo["filename"], memo["mime_type"]) == ("My reply.m4a", "audio/x-m4a")
    assert http_calls.get(memo["url"]).content == tone("m4a")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (audio(status=404), (500, 5002)),
        (audio(status=500), (500, 5002)),
        (Reply(302, b"", {"location": "http://127.0.0.1:1/"}), (500, 5002)),
        (Reply(drops=True), (500, 5002)),
        (audio("text/html"), (400, 5004)),
        (audio("audio/ogg"), (400, 5004)),
        (audio(""), (400, 5004)),
        (Reply(200, b"<html>", {"content-type": "audio/mp4"}), (400, 5006)),
        (Reply(200, b"", {"content-type": "audio/mp4"}, endless=True), (413, 5001)),
        (Reply(200, b"", {"content-type": "audio/mp4"}), (400, 5006)),
    ],
    ids=[
        *("404", "500", "redirect", "dropped", "html type", "ogg type", "no type"),
        *("html content", "endless", "empty"),
    ],
)
def test_addresses_without_a_memo(
    sandbox: SandboxServer, chat: str, files: Server, reply: Reply, expected: tuple[int, int]
) -> None:
    url = files.reply("/memo.m4a", reply)
    assert refusal(send(sandbox, chat, voice_memo_url=url)) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/a.m4a", "ftp://example.org/a.m4a", "file:///etc/passwd"),
        *("nonsense", "https://xn--/a.m4a", "https://[::1/a.m4a"),
    ],
)
def test_addresses_that_are_not_public_https(sandbox: SandboxServer, chat: str, url: str) -> None:
    assert refusal(send(sandbox, chat, voice_memo_url=url)) == (400, 1005)


def test_an_address_where_nobody_listens(sandbox: SandboxServer, chat: str) -> None:
    answer = send(sandbox, chat, voice_memo_url="http://127.0.0.1:1/a.m4a")
    assert refusal(answer) == (500, 5002)
