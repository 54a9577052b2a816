"""The business's own service answers: signed, retried with the same id, bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from app.responders.factory import build_responder
from app.responders.guard import GuardedResponder
from app.responders.http_service import HttpResponder
from app.responders.protocol import Answer, HandOver, Question, ResponderError, Turn
from app.settings import load_settings
from tests.integration.responder_server import serving

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
QUESTION = Question(
    text="Where is my order? 🚲",
    chat_id="chat-1",
    message_id="message-7",
    sender="+15550100",
    received_at=AT,
    history=(Turn("user", "Hi", AT), Turn("assistant", "Hello!", AT)),
    language="en",
    spoken=True,
)

Reply = Callable[[], Response]


class Business:
    """A service that gives its replies in turn, the last one for ever, and keeps what it got."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.app = Starlette(routes=[Route("/{path:path}", self.post, methods=["POST", "GET"])])

    async def post(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        return self.replies.pop(0)() if len(self.replies) > 1 else self.replies[0]()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Business, str]]:
    business = Business()
    with serving(business.app) as address:
        yield business, address + "/answer"


@pytest.fixture
def business(running: tuple[Business, str]) -> Business:
    running[0].headers.clear()
    running[0].bodies.clear()
    return running[0]


@pytest.fixture
def address(running: tuple[Business, str]) -> str:
    return running[1]


def ask(address: str, question: Question = QUESTION) -> Answer:
    settings = load_settings(
        responder="http", responder_url=address, responder_secret=SECRET, _env_file=None
    )

    async def once() -> Answer:
        responder = build_responder(settings)
        try:
            return await responder.answer(question)
        finally:
            await responder.aclose()

    return asyncio.run(once())


def says(**answer: Any) -> Reply:
    return lambda: JSONResponse(answer)


def test_the_question_arrives_whole_and_the_answer_comes_back(
    business: Business, address: str
) -> None:
    business.replies = [
        says(text="It is on its way.", language="en-GB", voice="amy", hand_over_seconds=60)
    ]
    answer = ask(address)
    assert answer == Answer(
        "It is on its way.", "en-GB", "amy", reason="http", hand_over_seconds=60.0
    )
    assert json.loads(business.bodies[0]) == {
        "chat_id": "chat-1",
        "message_id": "message-7",
        "sender": "+15550100",
        "text": "Where is my order? 🚲",
        "language": "en",
        "spoken": True,
        "service": "iMessage",
        "is_group": False,
        "history": [
            {"role": "user", "text": "Hi", "at": "2026-11-20T09:30:00Z"},
            {"role": "assistant", "text": "Hello!", "at": "2026-11-20T09:30:00Z"},
        ],
        "received_at": "2026-11-20T09:30:00Z",
    }


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (True, HandOver("other")),
        (
            {"reason": "urgent", "summary": "A leak\nin the roof"},
            HandOver("urgent", "A leak in the roof"),
        ),
        ({"reason": "whatever", "summary": 7}, HandOver("other")),
        (None, None),
        ("yes", None),
    ],
)
def test_it_may_hand_over(
    business: Business, address: str, given: object, understood: HandOver | None
) -> None:
    business.replies = [says(text="One moment.", hand_over=given)]
    assert ask(address).hand_over == understood


def test_the_signature_is_one_that_the_standard_library_for_it_accepts(
    business: Business, address: str
) -> None:
    business.replies = [says(text="Yes.")]
    ask(address)
    headers, body = business.headers[0], business.bodies[0]
    assert headers["webhook-id"] == "message-7"
    assert headers["content-type"] == "application/json"
    assert Webhook(SECRET).verify(body, headers) == json.loads(body)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_service_in_trouble_is_asked_again_with_the_same_id(
    business: Business, address: str, status: int
) -> None:
    business.replies = [
        lambda: Response(status_code=status),
        lambda: Response(status_code=status),
        says(text="At last."),
    ]
    assert ask(address).text == "At last."
    assert [headers["webhook-id"] for headers in business.headers] == ["message-7"] * 3
    for headers, body in zip(business.headers, business.bodies, strict=True):
        Webhook(SECRET).verify(body, headers)


@pytest.mark.parametrize(
    ("reply", "reason", "cause", "asked"),
    [
        (lambda: Response(status_code=503), "unreachable", "answered 503", 3),
        (lambda: Response(status_code=401), "refused", "answered 401", 1),
        (lambda: Response(status_code=404), "refused", "answered 404", 1),
        (
            lambda: Response(status_code=307, headers={"location": "/elsewhere"}),
            "refused",
            "answered 307",
            1,
        ),
        (lambda: JSONResponse(["Hello"]), "bad-answer", "no JSON object", 1),
        (
            lambda: Response("{", media_type="application/json"),
            "bad-answer",
            "is no JSON",
            1,
        ),
        (
            lambda: Response("[" * 100_000, media_type="application/json"),
            "bad-answer",
            "is no JSON",
            1,
        ),
        (
            lambda: Response("<p>Hello</p>", media_type="text/html"),
            "bad-answer",
            "content type is text/html",
            1,
        ),
        (lambda: Response(b"Hello"), "bad-answer", "content type is missing", 1),
        (lambda: JSONResponse({"text": 5}), "bad-answer", "its text is a int", 1),
        (lambda: JSONResponse({"text": "  \x00 "}), "nothing", "said nothing", 1),
        (lambda: JSONResponse({}), "nothing", "said nothing", 1),
        (lambda: PlainTextResponse("x" * 1_000_001), "bad-answer", "larger than", 1),
    ],
)
def test_what_is_no_answer_becomes_an_apology_and_one_line_in_the_log(
    business: Business, address: str, reply: Reply, reason: str, cause: str, asked: int
) -> None:
    business.replies = [reply]
    with capture_logs() as logs, pytest.raises(ResponderError) as caught:
        ask(address)
    assert cause in str(caught.value)
    assert caught.value.reason == reason
    assert caught.value.apology.startswith("Sorry")
    assert len(business.bodies) == asked
    assert [log["event"] for log in logs] == ["responder failed"]
    assert QUESTION.text not in str(logs)
    assert QUESTION.sender not in str(logs)


def test_an_endless_answer_is_cut_off(business: Business, address: str) -> None:
    async def forever() -> Any:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    business.replies = [lambda: StreamingResponse(forever(), media_type="text/plain")]
    with pytest.raises(ResponderError, match="larger than 1000000 bytes"):
        ask(address)


@pytest.mark.parametrize(
    "reply", [lambda: Response(status_code=204), lambda: JSONResponse({"silent": True})]
)
def test_silence_is_an_answer(business: Business, address: str, reply: Reply) -> None:
    business.replies = [reply]
    answer = ask(address)
    assert answer.silent
    assert answer.text == ""


def test_plain_text_is_an_answer(business: Business, address: str) -> None:
    business.replies = [lambda: PlainTextResponse("Grüß dich 👋")]
    assert ask(address).text == "Grüß dich 👋"


def test_fields_of_the_wrong_type_are_left_out_and_the_text_is_still_said(
    business: Business, address: str
) -> None:
    business.replies = [
        says(text="Hi.", language=5, voice=["x"], silent="false", hand_over_seconds="soon")
    ]
    assert ask(address) == Answer("Hi.", reason="http")


def test_a_service_that_hangs_is_given_up_at_the_deadline(business: Business, address: str) -> None:
    async def hang() -> Any:
        await asyncio.sleep(30)
        yield b""

    business.replies = [lambda: StreamingResponse(hang(), media_type="text/plain")]

    async def once() -> None:
        responder = GuardedResponder(HttpResponder(address, SECRET), name="http", deadline=0.3)
        try:
            with pytest.raises(ResponderError, match=r"no answer within 0\.3 s") as caught:
                await responder.answer(QUESTION)
        finally:
            await responder.aclose()
        assert caught.value.reason == "deadline"

    asyncio.run(once())


def test_a_service_that_is_not_there_is_tried_three_times() -> None:
    with serving(Starlette()) as address:
        pass
    with pytest.raises(ResponderError, match="no connection to the service") as caught:
        ask(address + "/answer")
    assert caught.value.reason == "unreachable"


def test_when_to_come_again_is_heeded(business: Business, address: str) -> None:
    business.replies = [
        lambda: Response(status_code=429, headers={"retry-after": "1"}),
        says(text="Now."),
    ]

    async def timed() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.to_thread(ask, address)
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(timed()) >= 1.0
