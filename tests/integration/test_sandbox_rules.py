"""Linq's rules: what is refused, with which status and code, and what is let through."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.sandbox import SandboxConfig
from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"
LINE = "+13125550100"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def chat(sandbox: SandboxServer) -> str:
    return str(sandbox.inbound("hello", sender=PERSON)["chat_id"])


def api(
    sandbox: SandboxServer, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {sandbox.api_key}"} | headers
    return sandbox.http.request(method, f"/api/partner/v3{path}", json=body, headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, int]:
    """Status and code of a refusal, after a look at the rest of its envelope."""
    body = answer.json()
    assert body["success"] is False
    assert body["error"]["status"] == answer.status_code
    assert str(body["error"]["code"]) in body["error"]["doc_url"]
    assert body["trace_id"] == answer.headers["X-Trace-ID"]
    assert len(body["trace_id"]) == 32
    return answer.status_code, body["error"]["code"]


def send(sandbox: SandboxServer, chat: str, *parts: Any, **message: Any) -> httpx.Response:
    override = message.pop("override_optout", None)
    body = {"message": {"parts": list(parts), **message}}
    if override is not None:
        body["override_optout"] = override
    return api(sandbox, "POST", f"/chats/{chat}/messages", body)


def text(value: str = "hi") -> dict[str, Any]:
    return {"type": "text", "value": value}


# The token


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "sandbox-key", "Basic x"])
def test_without_the_right_token_nothing_is_said(
    sandbox: SandboxServer, authorization: str
) -> None:
    answer = api(sandbox, "GET", "/chats", Authorization=authorization)
    assert refusal(answer) == (401, 2004)


def test_both_prefixes_answer(sandbox: SandboxServer, chat: str) -> None:
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    short = sandbox.http.get(f"/v3/chats/{chat}", headers=headers)
    long = sandbox.http.get(f"/api/partner/v3/chats/{chat}", headers=headers)
    assert short.json() == long.json()
    assert short.status_code == 200


# Addresses and bodies


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/chats/{}", 2001),
        ("GET", "/chats/{}/messages", 2001),
        ("POST", "/chats/{}/typing", 2001),
        ("POST", "/chats/{}/voicememo", 2001),
        ("GET", "/messages/{}", 2002),
        ("GET", "/attachments/{}", 2003),
        ("DELETE", "/attachments/{}", 2003),
        ("GET", "/webhook-subscriptions/{}", 2010),
    ],
)
def test_ids_that_are_unknown_or_no_ids(
    sandbox: SandboxServer, method: str, path: str, code: int
) -> None:
    assert refusal(api(sandbox, method, path.format(UNKNOWN))) == (404, code)
    assert refusal(api(sandbox, method, path.format("not-a-uuid"))) == (400, 1005)


def test_an_endpoint_that_does_not_exist(sandbox: SandboxServer) -> None:
    assert refusal(api(sandbox, "GET", "/nothing"))[0] == 404
    assert refusal(api(sandbox, "PATCH", "/chats"))[0] == 405


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_bodies_that_are_no_json_object(sandbox: SandboxServer, chat: str, body: bytes) -> None:
    answer = sandbox.http.post(
        f"/v3/chats/{chat}/messages",
        content=body,
        headers={"Authorization": f"Bearer {sandbox.api_key}"},
    )
    assert refusal(answer) == (400, 1003)


def test_unknown_members_are_ignored(sandbox: SandboxServer, chat: str) -> None:
    answer = send(sandbox, chat, text() | {"colour": "red"}, future=[1, 2])
    assert answer.status_code == 202


# Content


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], (400, 1001)),
        ([{"type": "text"}], (400, 1001)),
        ([{"type": "text", "value": ""}], (400, 1005)),
        ([text("x" * 10_001)], (400, 1005)),
        ([text(), text()], (400, 1004)),
        ([text(), {"type": "link", "value": "https://example.org"}], (400, 1004)),
        ([{"type": "link", "value": "https://example.org/" + "x" * 2048}], (400, 1005)),
        ([{"type": "hologram", "value": "x"}], (400, 1004)),
        ([{"type": "media"}], (400, 1005)),
        ([{"type": "media", "attachment_id": UNKNOWN}], (404, 2003)),
        ([{"type": "media", "attachment_id": UNKNOWN, "url": "https://a.example/b"}], (400, 1005)),
        ([{"type": "media", "url": "https://xn--/b"}], (400, 1005)),
        ([{"type": "media", "url": "http://a.example/b.png"}], (400, 1005)),
        ([text()] * 101, (400, 1005)),
    ],
)
def test_content_that_is_refused(
    sandbox: SandboxServer, chat: str, parts: list[Any], expected: tuple[int, int]
) -> None:
    assert refusal(send(sandbox, chat, *parts)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"effect": {"type": "screen", "name": "slam"}}, (400, 1005)),
        ({"effect": {"name": "slam"}}, (400, 1001)),
        ({"reply_to": {"message_id": UNKNOWN}}, (404, 2002)),
        ({"preferred_service": "pigeon"}, (400, 1005)),
        ({"idempotency_key": "k" * 256}, (400, 1005)),
        ({"override_optout": "yes"}, (400, 1005)),
    ],
)
def test_options_that_are_refused(
    sandbox: SandboxServer, chat: str, options: dict[str, Any], expected: tuple[int, int]
) -> None:
    assert refusal(send(sandbox, chat, text(), **options)) == expected


def test_the_longest_text_and_forty_links_to_files_are_fine(
    sandbox: SandboxServer, chat: str
) -> None:
    assert send(sandbox, chat, text("x" * 10_000)).status_code == 202
    files = [{"type": "media", "url": f"https://a.example/{n}.png"} for n in range(41)]
    assert send(sandbox, chat, *files[:40]).status_code == 202
    assert refusal(send(sandbox, chat, *files)) == (400, 1004)


# Idempotency


def test_a_key_gives_the_same_message_and_sends_once(sandbox: SandboxServer, chat: str) -> None:
    answers = [send(sandbox, chat, text(), idempotency_key="reply-1") for _ in range(3)]
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    assert sandbox.state(chat=chat)["chats"][0]["outbound"] == 1
    assert send(sandbox, chat, text(), idempotency_key="reply-2").status_code == 202
    assert sandbox.state(chat=chat)["chats"][0]["outbound"] == 2


def test_the_key_of_a_deleted_message_is_gone(sandbox: SandboxServer, chat: str) -> None:
    message = send(sandbox, chat, text(), idempotency_key="reply-1").json()["message"]
    api(sandbox, "DELETE", f"/messages/{message['id']}")
    assert refusal(send(sandbox, chat, text(), idempotency_key="reply-1")) == (404, 2002)


def test_messages_to_people_take_the_key_as_a_header(sandbox: SandboxServer) -> None:
    body = {"to": [PERSON], "message": {"parts": [text()]}}
    headers = {"Idempotency-Key": str(uuid4())}
    ids = {
        api(sandbox, "POST", "/messages", body, **headers).json()["message"]["id"] for _ in range(2)
    }
    assert len(ids) == 1


# New chats


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"from": "3125550100"}, (400, 1002)),
        ({"from": "+13125559999"}, (403, 2006)),
        ({"to": ["somebody"]}, (400, 1002)),
        ({"to": []}, (400, 1001)),
        ({"to": [f"+1312555{n:04d}" for n in range(32)]}, (400, 1005)),
        ({"message": {"parts": [text("look: https://example.org")]}}, (400, 1005)),
        (
            {"message": {"parts": [{"type": "link", "value": "https://example.org"}]}},
            (400, 1005),
        ),
        (
            {"message": {"parts": [text()], "effect": {"type": "bubble", "name": "slam"}}},
            (400, 1005),
        ),
        ({"message": None}, (400, 1001)),
    ],
)
def test_chats_that_are_not_opened(
    sandbox: SandboxServer, change: dict[str, Any], expected: tuple[int, int]
) -> None:
    body = {"from": LINE, "to": [PERSON], "message": {"parts": [text()]}} | change
    assert refusal(api(sandbox, "POST", "/chats", body)) == expected
    assert sandbox.state()["chats"] == []


def test_a_link_may_follow_in_an_existing_chat(sandbox: SandboxServer, chat: str) -> None:
    assert send(sandbox, chat, text("https://example.org")).status_code == 202


def test_messages_to_people_may_begin_with_a_link(sandbox: SandboxServer) -> None:
    body = {"to": [PERSON], "message": {"parts": [text("https://example.org")]}}
    assert refusal(api(sandbox, "POST", "/messages", body | {"exclude_from": [LINE]})) == (
        409,
        2027,
    )
    assert api(sandbox, "POST", "/messages", body).json()["created_new_chat"] is True
    again = api(sandbox, "POST", "/messages", body | {"exclude_from": [LINE]})
    assert again.json()["created_new_chat"] is False


def test_a_named_group_is_not_found_again_by_its_people(sandbox: SandboxServer) -> None:
    body = {"from": LINE, "to": [PERSON, "+13125550178"], "message": {"parts": [text()]}}
    first = api(sandbox, "POST", "/chats", body).json()["chat"]["id"]
    assert api(sandbox, "POST", "/chats", body).json()["chat"]["id"] == first
    assert api(sandbox, "PUT", f"/chats/{first}", {"display_name": "The team"}).status_code == 202
    sandbox.wait_for(lambda state: state["chats"][0]["display_name"] == "The team")
    second = api(sandbox, "POST", "/chats", body).json()["chat"]["id"]
    assert second != first
    assert api(sandbox, "POST", "/chats", body).json()["chat"]["id"] == second


def test_a_direct_chat_has_no_name(sandbox: SandboxServer, chat: str) -> None:
    answer = api(sandbox, "PUT", f"/chats/{chat}", {"display_name": "us"})
    assert refusal(answer) == (409, 1006)


# Consent


def test_who_opts_out_gets_nothing_until_they_write_again(
    sandbox: SandboxServer, chat: str
) -> None:
    sandbox.inbound("STOP", chat_id=chat)
    assert refusal(send(sandbox, chat, text())) == (403, 2024)
    assert api(sandbox, "GET", f"/chats/{chat}").json()["health_status"]["status"] == "OPTED_OUT"
    assert send(sandbox, chat, text("goodbye"), override_optout=True).status_code == 202
    assert refusal(send(sandbox, chat, text())) == (403, 2024)
    sandbox.inbound("hello again", chat_id=chat)
    assert send(sandbox, chat, text()).status_code == 202
    assert api(sandbox, "GET", f"/chats/{chat}").json()["health_status"]["status"] == "HEALTHY"


def test_opting_out_counts_for_every_chat_but_no_group(sandbox: SandboxServer, chat: str) -> None:
    other = sandbox.inbound("hi", chat="another chat", sender=PERSON)["chat_id"]
    group = sandbox.inbound("hi", chat="team", sender=PERSON, members=["+13125550178"])["chat_id"]
    sandbox.inbound("Opt-Out", chat_id=chat)
    assert refusal(send(sandbox, other, text())) == (403, 2024)
    assert api(sandbox, "GET", f"/chats/{other}").json()["health_status"]["status"] == "HEALTHY"
    assert send(sandbox, group, text()).status_code == 202


def test_an_opt_out_word_in_a_group_means_nothing(sandbox: SandboxServer, chat: str) -> None:
    group = sandbox.inbound("hi", chat="team", sender=PERSON, members=["+13125550178"])["chat_id"]
    sandbox.inbound("QUIT", chat_id=group, sender=PERSON)
    assert send(sandbox, group, text()).status_code == 202
    assert send(sandbox, chat, text()).status_code == 202
    assert api(sandbox, "GET", f"/chats/{group}").json()["health_status"]["status"] == "HEALTHY"


# Rates


def test_thirty_messages_a_minute_to_one_person() -> None:
    with SandboxServer(SandboxConfig(rate_limit=3, rate_window=60)) as sandbox:
        chat = sandbox.inbound("hello", sender=PERSON)["chat_id"]
        other = sandbox.inbound("hello", sender="+13125550178")["chat_id"]
        for _ in range(3):
            assert send(sandbox, chat, text()).status_code == 202
        answer = send(sandbox, chat, text())
        assert refusal(answer) == (429, 1007)
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.json()["error"]["retry_after"] == int(answer.headers["Retry-After"])
        assert send(sandbox, other, text()).status_code == 202


def test_a_line_that_may_only_answer() -> None:
    with SandboxServer(SandboxConfig(inbound_first=True)) as sandbox:
        body = {"from": LINE, "to": [PERSON], "message": {"parts": [text()]}}
        assert refusal(api(sandbox, "POST", "/chats", body)) == (403, 2008)
        sandbox.inbound("hello", sender=PERSON)
        assert api(sandbox, "POST", "/chats", body).status_code == 201


def test_one_capability_check_in_ten_seconds(sandbox: SandboxServer) -> None:
    body = {"address": PERSON}
    assert api(sandbox, "POST", "/capability/check_imessage", body).status_code == 200
    answer = api(sandbox, "POST", "/capability/check_rcs", body)
    assert refusal(answer) == (429, 1007)
    assert answer.headers["Retry-After"] == "10"


# Lists


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense"])
def test_lists_refuse_nonsense(sandbox: SandboxServer, chat: str, query: str) -> None:
    assert refusal(api(sandbox, "GET", f"/chats/{chat}/messages?{query}")) == (400, 1005)


def test_messages_that_come_while_paging_do_not_shift_the_pages(
    sandbox: SandboxServer, chat: str
) -> None:
    for number in range(5):
        sandbox.inbound(f"line {number}", chat_id=chat)
    first = api(sandbox, "GET", f"/chats/{chat}/messages?limit=2").json()
    sandbox.inbound("a new one", chat_id=chat)
    second = api(
        sandbox, "GET", f"/chats/{chat}/messages?limit=2&cursor={first['next_cursor']}"
    ).json()
    values = [m["parts"][0]["value"] for page in (first, second) for m in page["messages"]]
    assert values == ["line 4", "line 3", "line 2", "line 1"]


def test_a_deleted_message_is_gone_from_history(sandbox: SandboxServer, chat: str) -> None:
    message = send(sandbox, chat, text()).json()["message"]
    assert api(sandbox, "DELETE", f"/messages/{message['id']}").status_code == 204
    listed = api(sandbox, "GET", f"/chats/{chat}/messages").json()["messages"]
    assert [item["parts"][0]["value"] for item in listed] == ["hello"]


def test_chats_are_found_by_person(sandbox: SandboxServer, chat: str) -> None:
    sandbox.inbound("hi", sender="+13125550178")
    listed = sandbox.http.get(
        "/v3/chats", params={"to": PERSON}, headers={"Authorization": "Bearer sandbox-key"}
    ).json()
    assert [item["id"] for item in listed["chats"]] == [chat]


# Subscriptions


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://10.1.2.3/hook",
        "https://xn--/hook",
        "https://[::1/hook",
        "https://169.254.169.254/latest",
        "ftp://example.org",
        "nonsense",
        "",
    ],
)
def test_targets_that_are_refused(sandbox: SandboxServer, url: str) -> None:
    body = {"target_url": url, "subscribed_events": ["message.received"]}
    assert refusal(api(sandbox, "POST", "/webhook-subscriptions", body)) == (400, 1005)


def test_a_target_is_unique_and_its_events_are_known(sandbox: SandboxServer) -> None:
    body = {"target_url": "https://example.org/hook", "subscribed_events": ["message.received"]}
    assert api(sandbox, "POST", "/webhook-subscriptions", body).status_code == 201
    assert refusal(api(sandbox, "POST", "/webhook-subscriptions", body)) == (409, 2015)
    body |= {"target_url": "https://example.org/hook?2", "subscribed_events": ["message.sung"]}
    assert refusal(api(sandbox, "POST", "/webhook-subscriptions", body)) == (400, 1005)
