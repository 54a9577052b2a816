"""Uploads are as picky as the storage behind Linq, and downloads work in ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.sandbox import SandboxConfig
from tests import http_calls
from tests.sandbox_server import SandboxServer

DATA = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def declare(sandbox: SandboxServer, **change: Any) -> httpx.Response:
    body = {"filename": "reply.m4a", "content_type": "audio/x-m4a", "size_bytes": len(DATA)}
    return sandbox.http.post(
        "/v3/attachments",
        json=body | change,
        headers={"Authorization": f"Bearer {sandbox.api_key}"},
    )


def status(sandbox: SandboxServer, attachment_id: str) -> str:
    answer = sandbox.http.get(
        f"/v3/attachments/{attachment_id}", headers={"Authorization": f"Bearer {sandbox.api_key}"}
    )
    return str(answer.json()["status"])


def xml_code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/xml")
    found = re.search("<Code>(.+)</Code>", answer.text)
    assert found is not None
    return answer.status_code, found[1]


@pytest.fixture
def attachment(sandbox: SandboxServer) -> dict[str, Any]:
    answer = declare(sandbox)
    assert answer.status_code == 200
    created: dict[str, Any] = answer.json()
    return created


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"filename": None}, 1001),
        ({"filename": "x" * 256}, 1005),
        ({"content_type": None}, 1001),
        ({"content_type": "audio/ogg"}, 5004),
        ({"content_type": "audio/wav"}, 5004),
        ({"content_type": "audio/flac"}, 5004),
        ({"content_type": "application/x-msdownload"}, 5004),
        ({"size_bytes": None}, 1001),
        ({"size_bytes": 0}, 1005),
        ({"size_bytes": "12"}, 1005),
        ({"size_bytes": True}, 1005),
        ({"size_bytes": 104_857_601}, 5005),
    ],
)
def test_declarations_that_are_refused(
    sandbox: SandboxServer, change: dict[str, Any], code: int
) -> None:
    answer = declare(sandbox, **change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_an_upload_lives_fifteen_minutes(attachment: dict[str, Any]) -> None:
    left = datetime.fromisoformat(attachment["expires_at"]) - datetime.now(UTC)
    assert 880 < left.total_seconds() <= 900
    assert attachment["http_method"] == "PUT"
    assert attachment["required_headers"] == {
        "Content-Type": "audio/x-m4a",
        "Content-Length": str(len(DATA)),
    }


def test_the_bytes_come_back(sandbox: SandboxServer, attachment: dict[str, Any]) -> None:
    assert http_calls.get(attachment["download_url"]).status_code == 404
    put = http_calls.put(
        attachment["upload_url"], content=DATA, headers=attachment["required_headers"]
    )
    assert (put.status_code, put.content) == (200, b"")
    assert status(sandbox, attachment["attachment_id"]) == "complete"
    got = http_calls.get(attachment["download_url"])
    assert (got.content, got.headers["content-type"]) == (DATA, "audio/x-m4a")


def chunked() -> Iterator[bytes]:
    yield DATA


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (DATA, {}, (403, "SignatureDoesNotMatch")),
        (DATA, {"Content-Type": "audio/mp4"}, (403, "SignatureDoesNotMatch")),
        (DATA, {"Content-Type": "audio/x-m4a; x=y"}, (403, "SignatureDoesNotMatch")),
        (DATA[1:], {"Content-Type": "audio/x-m4a"}, (403, "SignatureDoesNotMatch")),
        (DATA + b"!", {"Content-Type": "audio/x-m4a"}, (403, "SignatureDoesNotMatch")),
        (
            DATA,
            {"Content-Type": "audio/x-m4a", "Authorization": "Bearer sandbox-key"},
            (400, "InvalidArgument"),
        ),
        (chunked, {"Content-Type": "audio/x-m4a"}, (411, "MissingContentLength")),
    ],
    ids=["no type", "other type", "more type", "short", "long", "token", "no length"],
)
def test_an_upload_that_differs_from_its_signature_is_refused(
    sandbox: SandboxServer,
    attachment: dict[str, Any],
    content: Any,
    headers: dict[str, str],
    expected: tuple[int, str],
) -> None:
    body = content() if callable(content) else content
    answer = http_calls.put(attachment["upload_url"], content=body, headers=headers)
    assert xml_code(answer) == expected
    assert status(sandbox, attachment["attachment_id"]) == "pending"


@pytest.mark.parametrize("part", ["X-Amz-Signature", "X-Amz-Expires", "X-Amz-Date"])
def test_an_address_that_was_tampered_with_is_refused(
    attachment: dict[str, Any], part: str
) -> None:
    url = httpx.URL(attachment["upload_url"])
    for changed in (url.copy_set_param(part, "99999999"), url.copy_remove_param(part)):
        answer = http_calls.put(changed, content=DATA, headers=attachment["required_headers"])
        assert xml_code(answer) == (403, "SignatureDoesNotMatch")


def test_the_address_of_one_file_opens_no_other(sandbox: SandboxServer) -> None:
    first, second = (declare(sandbox).json() for _ in range(2))
    url = first["upload_url"].replace(first["attachment_id"], second["attachment_id"])
    answer = http_calls.put(url, content=DATA, headers=first["required_headers"])
    assert xml_code(answer) == (403, "SignatureDoesNotMatch")


def test_an_expired_address_is_refused() -> None:
    with SandboxServer(SandboxConfig(upload_lifetime=0)) as sandbox:
        attachment = declare(sandbox).json()
        answer = sandbox.http.put(
            attachment["upload_url"], content=DATA, headers=attachment["required_headers"]
        )
        assert xml_code(answer) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("asked", "expected", "where"),
    [
        ("bytes=0-9", DATA[:10], "bytes 0-9/1024"),
        ("bytes=1000-", DATA[1000:], "bytes 1000-1023/1024"),
        ("bytes=-5", DATA[-5:], "bytes 1019-1023/1024"),
        ("bytes=1000-99999", DATA[1000:], "bytes 1000-1023/1024"),
    ],
)
def test_ranges(attachment: dict[str, Any], asked: str, expected: bytes, where: str) -> None:
    http_calls.put(attachment["upload_url"], content=DATA, headers=attachment["required_headers"])
    answer = http_calls.get(attachment["download_url"], headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, expected)
    assert answer.headers["content-range"] == where


def test_ranges_that_lie_outside_or_make_no_sense(attachment: dict[str, Any]) -> None:
    http_calls.put(attachment["upload_url"], content=DATA, headers=attachment["required_headers"])
    url = attachment["download_url"]
    assert http_calls.get(url, headers={"Range": "bytes=5000-"}).status_code == 416
    assert http_calls.get(url, headers={"Range": "bytes=-0"}).status_code == 416
    assert http_calls.get(url, headers={"Range": "lines=1-2"}).content == DATA
    assert http_calls.get(url, headers={"Range": "bytes=0-1", "If-Range": '"x"'}).content == DATA
    assert httpx.head(url).headers["content-length"] == "1024"
