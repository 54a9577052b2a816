"""The phone page as the tests use it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

OpenPhone = Callable[..., Page]


def write(page: Page, text: str) -> None:
    """Types and sends."""
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
