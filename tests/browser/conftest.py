"""Fixtures for the phone page: a browser, pages in it, and a bot that a test plays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.chromium import chromium, find_chromium
from tests.browser.phone_page import OpenPhone
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_server import SandboxServer

DESK = {"width": 1180, "height": 860}

expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for the room; it ends with it, since its event loop would disturb others."""
    path = find_chromium()
    if path is None:
        pytest.skip("Chromium is not installed")
    with chromium(path) as running:
        yield running


@pytest.fixture
def bot(sandbox: SandboxServer) -> Iterator[ScriptedBot]:
    with ScriptedBot(sandbox) as running:
        yield running


@pytest.fixture
def open_phone(browser: Browser, sandbox: SandboxServer) -> Iterator[OpenPhone]:
    """Opens the phone page in a browser profile of its own; options are Playwright's.

    The test fails if a page raises an error or breaks its content security policy.
    """
    contexts = []
    problems: list[str] = []

    def record_error(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    def start(url: str = sandbox.url, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESK, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{error.message}\n{error.stack}"))
        page.on("console", record_error)
        page.goto(url + "/")
        expect(page.locator("#subtitle")).not_to_have_text("Connecting…")
        return page

    yield start
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def phone(bot: ScriptedBot, open_phone: OpenPhone) -> Page:
    """The page on a desk, with the scripted bot behind the sandbox."""
    return open_phone()
