"""The console as the tests use it: a real bot behind it, and pages that are logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.pages import Pages

TOKEN = "only-for-tests-" + "x" * 20

OpenConsole = Callable[..., Page]
Cookies = list[Any]


def log_in(page: Page, token: str = TOKEN) -> None:
    """Fills in the login form that the page shows."""
    page.get_by_label("Admin token").fill(token)
    page.get_by_role("button", name="Log in").click()


def log_in_once(pages: Pages, address: str) -> Cookies:
    """The cookies of a session of the console at this address."""
    page = pages.take(address + "/console")
    log_in(page)
    expect(page.get_by_role("button", name="Log out")).to_have_count(1)
    cookies: Cookies = page.context.cookies()
    assert pages.give_back() == []
    return cookies


def wait_for_stream(page: Page) -> None:
    """Until the page hears of changes."""
    expect(page.locator("html[data-connected]")).to_have_count(1)
