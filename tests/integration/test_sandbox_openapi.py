"""Every call of the sandbox, made by the official SDK and checked by a foreign validator.

The OpenAPI description is built from the SDK (`tests.sandbox_openapi`), the validator is
openapi-core. So neither knows what we think that Linq answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import linq
import pytest
from linq import LinqAPIV3
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.request.exceptions import RequestBodyValidationError
from openapi_core.validation.response.exceptions import DataValidationError

from app.sandbox import SandboxConfig
from app.sandbox.routes import API_ROUTES
from tests.http_calls import NO_TLS
from tests.sandbox_calls import LINE, PEOPLE, TEXT, USES, use_chats, use_groups, use_messages
from tests.sandbox_openapi import description
from tests.sandbox_receiver import Received, WebhookReceiver
from tests.sandbox_server import SandboxServer

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxConfig(capability_pause=0, read_after=0.05)) as server:
        yield server


@pytest.fixture(scope="module")
def openapi(sandbox: SandboxServer) -> OpenAPI:
    # openapi-core's check of the description itself takes half a minute and tells nothing new.
    config = Config(spec_validator_cls=None)
    return OpenAPI.from_dict(description(sandbox.api_base), config=config)


class Validator:
    """Checks what goes over the wire against the description, and notes which call it was."""

    def __init__(self, sandbox: SandboxServer, openapi: OpenAPI) -> None:
        self.sandbox = sandbox
        self.openapi = openapi
        self.called: set[tuple[str, str]] = set()

    def check(self, response: httpx.Response) -> None:
        """Raises an error of openapi-core when the request or the answer is not as described."""
        data = response.read()
        request = response.request
        asked = MockRequest(
            host_url=self.sandbox.url,
            method=request.method,
            path=request.url.path,
            args=dict(request.url.params),
            headers=dict(request.headers),
            data=request.read(),
            content_type=request.headers.get("content-type", ""),
        )
        if response.is_success:
            self.openapi.validate_request(asked)
            self.called.add((request.method, request.url.path))
        content_type = response.headers.get("content-type", "application/json")
        answered = MockResponse(data, response.status_code, dict(response.headers), content_type)
        self.openapi.validate_response(asked, answered)


@pytest.fixture
def validator(sandbox: SandboxServer, openapi: OpenAPI) -> Validator:
    sandbox.reset()
    return Validator(sandbox, openapi)


@pytest.fixture
def client(sandbox: SandboxServer, validator: Validator) -> Iterator[LinqAPIV3]:
    with httpx.Client(event_hooks={"response": [validator.check]}, verify=NO_TLS) as http:
        yield LinqAPIV3(
            api_key=sandbox.api_key,
            base_url=sandbox.api_base,
            max_retries=0,
            http_client=http,
            _strict_response_validation=True,
        )


def test_every_call_is_as_the_sdk_describes_it(
    sandbox: SandboxServer, validator: Validator, client: LinqAPIV3
) -> None:
    for use in USES:
        sandbox.reset()
        use(client, sandbox)
    missing = [
        (method, path)
        for method, path, _, _ in API_ROUTES
        if not any(matches(method, path, *called) for called in validator.called)
    ]
    assert missing == []


def matches(method: str, path: str, called_method: str, called_path: str) -> bool:
    """Whether a call went to the route; `{...}` in its path stands for a UUID."""
    route = f"/api/partner/v3{path}".split("/")
    parts = called_path.split("/")
    return (
        method == called_method
        and len(route) == len(parts)
        and all(
            len(part) == 36 if name.startswith("{") else name == part
            for name, part in zip(route, parts, strict=True)
        )
    )


def test_refusals_have_the_envelope(
    sandbox: SandboxServer, validator: Validator, client: LinqAPIV3
) -> None:
    chat_id = sandbox.inbound("hello", sender=PEOPLE[0])["chat_id"]
    for refused in (
        lambda: client.chats.retrieve(UNKNOWN),
        lambda: client.chats.retrieve("x"),
        lambda: client.chats.leave_chat(chat_id),
        lambda: client.chats.share_contact_card(chat_id),
        lambda: client.chats.send_voicememo(chat_id),
        lambda: client.chats.create(from_=PEOPLE[0], to=[PEOPLE[1]], message=TEXT),
        lambda: client.with_options(api_key="wrong").chats.retrieve(chat_id),
    ):
        with pytest.raises(linq.APIStatusError):
            refused()
    assert validator.called == set()
    sandbox.faults([{"endpoint": "chat_get", "kind": "status", "status": 429}])
    with pytest.raises(linq.RateLimitError):
        client.chats.retrieve(chat_id)


def test_every_event_is_as_the_sdk_describes_it(
    sandbox: SandboxServer, openapi: OpenAPI, client: LinqAPIV3
) -> None:
    sandbox.reset()
    expected = {
        "message.received",
        "message.sent",
        "message.delivered",
        "message.read",
        "message.failed",
        "message.edited",
        "reaction.added",
        "reaction.removed",
        "participant.added",
        "participant.removed",
        "chat.created",
        "chat.group_name_updated",
        "chat.group_icon_updated",
        "chat.typing_indicator.started",
        "chat.typing_indicator.stopped",
    }
    with WebhookReceiver() as bot:
        sandbox.point_at(bot.url)
        use_chats(client, sandbox)
        use_groups(client, sandbox)
        use_messages(client, sandbox)
        chat_id = client.chats.create(
            from_=LINE, to=["friend@example.org"], message={"parts": TEXT["parts"]}
        ).chat.id
        sandbox.faults([{"endpoint": "messages_send", "kind": "fail"}])
        client.chats.messages.send(chat_id, message={"parts": TEXT["parts"]})
        sandbox.inbound(chat=chat_id, event_type="chat.typing_indicator.started")
        target = sandbox.inbound("hello", chat=chat_id)["message_id"]
        for event_type in ("reaction.added", "reaction.removed"):
            sandbox.inbound(chat=chat_id, event_type=event_type, target=target)
        sandbox.outbound(chat_id, "A colleague writes.")
        for event_type in sorted(expected):
            bot.wait_for(1, event_type)
        received = list(bot.received)
    sandbox.point_at(None)
    assert {item.event["event_type"] for item in received} == expected
    for item in received:
        openapi.validate_webhook_request(Webhook(item))


class Webhook:
    """A received event, as openapi-core wants to see it."""

    method = "post"
    content_type = "application/json"

    def __init__(self, received: Received) -> None:
        self.name: str = received.event["event_type"]
        self.body = received.body
        self.parameters = RequestParameters()


def test_the_validator_notices_what_is_wrong(sandbox: SandboxServer, openapi: OpenAPI) -> None:
    """Otherwise a description that lets everything pass would look like success."""
    asked = MockRequest(sandbox.url, "GET", "/api/partner/v3/contact_card")
    for card in ("{}", '{"contact_cards": [{}]}', '{"contact_cards": [], "extra": 1}'):
        with pytest.raises(DataValidationError):
            openapi.validate_response(asked, MockResponse(card.encode()))
    body = b'{"operation": "add", "type": "wink"}'
    path = f"/api/partner/v3/messages/{UNKNOWN}/reactions"
    with pytest.raises(RequestBodyValidationError):
        openapi.validate_request(MockRequest(sandbox.url, "POST", path, data=body))
