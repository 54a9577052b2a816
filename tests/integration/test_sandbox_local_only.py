"""A web page of another site cannot use the sandbox: neither by its address nor by a name."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from app.sandbox import SandboxConfig
from tests import http_calls
from tests.sandbox_server import SandboxServer

CHANGES = [
    ("POST", "/_sandbox/target", {"url": "http://evil.example/hook"}),
    ("POST", "/_sandbox/inbound", {"text": "hi"}),
    ("POST", "/_sandbox/outbound", {"chat": "x", "text": "hi"}),
    ("POST", "/_sandbox/reset", None),
    ("POST", "/_sandbox/faults", {"endpoint": "*", "kind": "hang"}),
    ("DELETE", "/_sandbox/faults", None),
    ("DELETE", "/_sandbox/faults/1", None),
    ("POST", "/api/partner/v3/chats", {}),
    ("PUT", "/uploads/00000000-0000-4000-8000-000000000000", None),
]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(public_url="https://linq.sandbox.example")) as server:
        yield server


def call(server: SandboxServer, method: str, path: str, body: object, **headers: str) -> int:
    headers = {"Authorization": f"Bearer {server.api_key}", **headers}
    return server.http.request(method, path, json=body, headers=headers).status_code


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "x"])
@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_another_site_changes_nothing(
    server: SandboxServer, method: str, path: str, body: object, origin: str
) -> None:
    server.point_at("http://127.0.0.1:9/hook")
    assert call(server, method, path, body, Origin=origin) == 403
    assert server.state()["webhook_target"] == "http://127.0.0.1:9/hook"
    assert server.state()["faults"] == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8001", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("path", ["/_sandbox/state", "/", "/static/phone.js", "/v3/chats"])
def test_a_name_that_was_pointed_here_reads_nothing(
    server: SandboxServer, host: str, path: str
) -> None:
    assert call(server, "GET", path, None, Host=host) == 403


@pytest.mark.parametrize("host", ["", "[", "[::1"])
def test_a_strange_host_is_no_error_of_the_server(server: SandboxServer, host: str) -> None:
    assert call(server, "GET", "/_sandbox/state", None, Host=host) == 403


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8001", "127.0.0.1", "[::1]:8001", "linq.sandbox.example"]
)
def test_own_names_are_answered(server: SandboxServer, host: str) -> None:
    assert call(server, "GET", "/_sandbox/state", None, Host=host) == 200


def test_the_own_page_and_programs_change_what_they_like(server: SandboxServer) -> None:
    own = urlsplit(server.url).netloc
    body = {"text": "hi", "from": "+13125550177"}
    assert call(server, "POST", "/_sandbox/inbound", body) == 202
    assert call(server, "POST", "/_sandbox/inbound", body, Origin=server.url) == 202
    public = {"Host": "linq.sandbox.example", "Origin": "https://linq.sandbox.example"}
    assert call(server, "POST", "/_sandbox/inbound", body, **public) == 202
    assert call(server, "GET", "/_sandbox/state", None, Origin=f"http://{own}") == 200


def test_the_refusal_says_what_to_do(server: SandboxServer) -> None:
    answer = http_calls.get(f"{server.url}/_sandbox/state", headers={"Host": "evil.example"})
    assert "public_url" in answer.json()["error"]["message"]
    assert answer.headers["X-Trace-ID"] == answer.json()["trace_id"]
