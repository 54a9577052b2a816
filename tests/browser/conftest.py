"""Fixtures for the phone page: a browser, pages in it, and a bot that a test plays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium, find_chromium
from tests.browser.console_pages import Cookies, OpenConsole, log_in_once
from tests.browser.pages import Pages
from tests.browser.phone_page import OpenPhone
from tests.browser.scripted_bot import ScriptedBot
from tests.harness import BotHarness
from tests.sandbox_server import SandboxServer

expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for the room; it ends with it, since its event loop would disturb others."""
    path = find_chromium()
    if path is None:
        pytest.skip("Chromium is not installed")
    with chromium(path) as running:
        yield running


@pytest.fixture(scope="package")
def all_pages(browser: Browser) -> Iterator[Pages]:
    found = Pages(browser)
    yield found
    found.close()


@pytest.fixture
def pages(all_pages: Pages) -> Iterator[Pages]:
    """Pages for a test, which fails if one raises an error or breaks its content security policy.

    Their options are Playwright's.
    """
    yield all_pages
    assert all_pages.give_back() == []


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    sandbox_server.point_at(None)
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture(scope="module")
def session(all_pages: Pages, harness: BotHarness) -> Cookies:
    """Of somebody who has logged in, once, to the console of the module's `harness`."""
    return log_in_once(all_pages, harness.bot.url)


@pytest.fixture
def open_console(pages: Pages, harness: BotHarness, session: Cookies) -> OpenConsole:
    """Opens the console, logged in unless told not to; see `Pages.take` for the options."""

    def start(path: str = "/console", *, logged_in: bool = True, **options: Any) -> Page:
        cookies = session if logged_in else []
        return pages.take(harness.bot.url + path, cookies=cookies, **options)

    return start


@pytest.fixture
def bot(sandbox: SandboxServer) -> Iterator[ScriptedBot]:
    with ScriptedBot(sandbox) as running:
        yield running


@pytest.fixture
def open_phone(pages: Pages, sandbox: SandboxServer) -> OpenPhone:
    """Opens the phone page; see `Pages.take` for the options."""

    def start(url: str = sandbox.url, **options: Any) -> Page:
        page = pages.take(url + "/", **options)
        expect(page.locator("#subtitle")).not_to_have_text("Connecting…")
        return page

    return start


@pytest.fixture
def phone(bot: ScriptedBot, open_phone: OpenPhone) -> Page:
    """The page on a desk, with the scripted bot behind the sandbox."""
    return open_phone()
