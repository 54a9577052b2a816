"""The console as the tests use it: a real bot behind it, and pages that are logged in."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

TOKEN = "only-for-tests-" + "x" * 20

OpenConsole = Callable[..., Page]


def log_in(page: Page, token: str = TOKEN) -> None:
    """Fills in the login form that the page shows."""
    page.get_by_label("Admin token").fill(token)
    page.get_by_role("button", name="Log in").click()


def wait_for_stream(page: Page) -> None:
    """Until the page hears of changes."""
    expect(page.locator("html[data-connected]")).to_have_count(1)
