"""An endpoint that fails tells nobody why, and the log no words."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.telemetry import configure_logging
from app.web.safe_responses import SafeResponses


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logging("json", "info", stream)
    yield stream
    structlog.reset_defaults()


async def broken(_request: Request) -> Response:
    raise RuntimeError("secret words of a person")


async def cached(_request: Request) -> Response:
    return PlainTextResponse("fine", headers={"Cache-Control": "max-age=60"})


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/broken", broken), Route("/cached", cached)]
    # Raises what gets past the middleware.
    return TestClient(Starlette(routes=routes, middleware=[Middleware(SafeResponses)]))


def test_a_failure_is_a_plain_500_and_one_line(client: TestClient, log: io.StringIO) -> None:
    response = client.get("/broken")
    assert (response.status_code, response.text) == (500, "Internal Server Error\n")
    [line] = log.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["reason"], told["error"]) == (
        "request failed", "broken", "RuntimeError",
    )  # fmt: skip
    assert "test_safe_responses.py" in told["at"]
    assert "secret" not in line


@pytest.mark.parametrize("path", ["/broken", "/nothing-here"])
def test_browsers_neither_guess_nor_keep(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_an_endpoint_may_say_otherwise(client: TestClient) -> None:
    assert client.get("/cached").headers["cache-control"] == "max-age=60"
