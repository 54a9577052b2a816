"""The phone page as the tests use it."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.scripted_bot import ScriptedBot

OpenPhone = Callable[..., Page]


def write(page: Page, text: str) -> None:
    """Writes and presses Enter."""
    field = page.get_by_label("Message", exact=True)
    field.fill(text)
    field.press("Enter")


def converse(page: Page, bot: ScriptedBot) -> None:
    """A short conversation with everything in it: texts, a memo, one being typed."""
    write(page, "Hello, and a long word: " + "Donaudampfschifffahrtsgesellschaft" * 3)
    chat = bot.next_message()["chat"]["id"]
    bot.send_memo(chat)
    expect(page.locator(".memo")).to_be_visible()
    page.locator(".memo .play").click()
    bot.send_text(chat, "See you")
    expect(page.locator(".row")).to_have_count(3)
    bot.type(chat)
    expect(page.locator("#typing .bubble")).to_be_visible()


def wait_until(page: Page, condition: str, timeout: float = 30.0) -> None:
    """Waits for a JavaScript condition, which Playwright's own waiting would have to `eval`:
    the page's content security policy forbids that."""
    wait_for(page, lambda: bool(page.evaluate(f"() => Boolean({condition})")), condition, timeout)


def wait_for(page: Page, condition: Callable[[], bool], words: str, timeout: float = 30.0) -> None:
    """Waits while Playwright goes on."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"never became true: {words}"
        page.wait_for_timeout(20)
