"""The line of the sandbox's Linq: contact card, vCard, blocked handles, services, files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_server import SandboxServer

PERSON = "+13125550177"
LINE = "+13125550100"
PATCH = f"/contact_card?phone_number=%2B{LINE[1:]}"
CARD = {"phone_number": LINE, "first_name": "Memo; the bot"}


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def chat(sandbox: SandboxServer) -> str:
    return str(sandbox.inbound("hello", sender=PERSON)["chat_id"])


def code(sandbox: SandboxServer, method: str, path: str, body: Any = None) -> int:
    answer = sandbox.api(method, path, body)
    return int(answer.json()["error"]["code"]) if answer.is_error else answer.status_code


def send(sandbox: SandboxServer, chat: str, **message: Any) -> dict[str, Any]:
    body = {"message": {"parts": [{"type": "text", "value": "hi"}], **message}}
    sent: dict[str, Any] = sandbox.api("POST", f"/chats/{chat}/messages", body).json()["message"]
    return sent


def test_a_card_is_shared_once_there_is_one_and_something_was_sent(
    sandbox: SandboxServer, chat: str
) -> None:
    share = f"/chats/{chat}/share_contact_card"
    assert code(sandbox, "POST", share) == 2012
    assert code(sandbox, "POST", "/contact_card", CARD) == 200
    assert code(sandbox, "POST", share) == 2015
    send(sandbox, chat)
    assert code(sandbox, "POST", share) == 204
    answer = sandbox.api("POST", share)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, 1007)
    assert 0 < int(answer.headers["Retry-After"]) <= 300


def test_a_card_is_made_once_and_written_three_times(sandbox: SandboxServer) -> None:
    assert code(sandbox, "PATCH", PATCH, {}) == 2012
    assert code(sandbox, "POST", "/contact_card", CARD) == 200
    assert code(sandbox, "POST", "/contact_card", CARD) == 2014
    assert code(sandbox, "PATCH", PATCH, {}) == 1007
    assert code(sandbox, "POST", "/contact_card", {**CARD, "phone_number": PERSON}) == 2019
    listed = sandbox.api("GET", f"/contact_card?phone_number=%2B{PERSON[1:]}").json()
    assert listed == {"contact_cards": []}


def test_the_vcard_can_be_downloaded(sandbox: SandboxServer) -> None:
    sandbox.api("POST", "/contact_card", CARD)
    url = sandbox.api("GET", "/available_number").json()["vcf_url"]
    answer = sandbox.http.get(url)
    assert answer.headers["content-type"].startswith("text/vcard")
    assert f"TEL;TYPE=CELL,PREF:{LINE}\r\n" in answer.text
    assert "FN:Memo\\; the bot\r\n" in answer.text


def test_a_block_has_a_reason_only_when_one_was_given(sandbox: SandboxServer, chat: str) -> None:
    sandbox.api("POST", "/blocked_handles", {"handle": PERSON})
    sandbox.api("POST", "/blocked_handles", {"handle": "Friend@Example.org", "reason": "spam"})
    first, second = sandbox.api("GET", "/blocked_handles").json()["blocked_handles"]
    assert "reason" not in first
    assert (second["handle"], second["reason"]) == ("friend@example.org", "spam")
    assert sandbox.inbound("hi", sender="FRIEND@example.org")["dropped"] == "blocked"
    assert code(sandbox, "POST", "/blocked_handles", {"handle": "not a handle!"}) == 1002


def test_a_deleted_file_leaves_its_part_without_a_reference(
    sandbox: SandboxServer, chat: str
) -> None:
    declared = {"filename": "a.txt", "content_type": "text/plain", "size_bytes": 2}
    attachment = sandbox.api("POST", "/attachments", declared).json()
    sandbox.http.put(
        attachment["upload_url"], content=b"hi", headers=attachment["required_headers"]
    ).raise_for_status()
    parts = [{"type": "media", "attachment_id": attachment["attachment_id"]}]
    sent = send(sandbox, chat, parts=parts)
    sandbox.api("DELETE", f"/attachments/{attachment['attachment_id']}")
    (part,) = sandbox.api("GET", f"/messages/{sent['id']}").json()["parts"]
    assert (part["id"], part["url"], part["filename"]) == ("", "", "a.txt")


@pytest.mark.parametrize(
    ("service", "preferred", "taken"),
    [
        ("iMessage", "SMS", "RCS"),
        ("iMessage", "RCS", "RCS"),
        ("SMS", "RCS", "SMS"),
        ("RCS", "SMS", "RCS"),
        ("SMS", "iMessage", "iMessage"),
    ],
)
def test_the_preferred_service(
    sandbox: SandboxServer, service: str, preferred: str, taken: str
) -> None:
    chat = sandbox.inbound("hi", chat="one", service=service)["chat_id"]
    sent = send(sandbox, chat, preferred_service=preferred)
    assert (sent["service"], sent["preferred_service"]) == (taken, preferred)
    fails = preferred == "iMessage"  # It has no fallback.
    sandbox.wait_for(
        lambda state: (
            (state["messages"][-1]["delivery_status"] == "failed") == fails
            and state["messages"][-1]["delivery_status"] not in ("pending", "queued")
        )
    )
